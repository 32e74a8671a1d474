"""Single values of a citation made regular: years, identifiers, pages, visible text."""

import html
import re
from collections.abc import Iterable

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_COMPACT_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>|]|<\w+::[^\s<>]*>)+", re.IGNORECASE)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PMID = re.compile(r"(?:pubmed|pmid)[\s:#=/-]*(?:id)?[\s:#=/-]*(\d{1,8})(?!\d)", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{3,9})\b")
# Bidirectional overrides, zero-width space, byte order mark, and control characters except tab and newline.
CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REGISTRY = re.compile(
    r"\bNCT\s?\d{8}\b|\bISRCTN\s?\d{8}\b|\bACTRN\s?\d{14}\b|\bChiCTR(?:-[A-Z]{2,4})?-?\d{8,10}\b|\bDRKS\d{8}\b"
    r"|\bCTRI/\d{4}/\d{2,3}/\d{6}\b|\bUMIN\d{9}\b|\bIRCT\d{8,}(?:N\d+)?\b|\bKCT\d{7}\b|\bPACTR\d{15,16}\b"
    r"|\bRBR-\w{5,8}\b|\bTCTR\d{11}\b|\bJapicCTI-?\d{6}\b|\bjRCTs?\d{9,10}\b|\bSLCTR/\d{4}/\d{3}\b|\bNTR\d{3,5}\b",
    re.IGNORECASE,
)
_EUDRACT = re.compile(r"(?<!\d)(20\d\d-\d{6}-\d\d)(?!\d)")
_REGISTRY_SIGNS = (
    "NCT",
    "ISRCTN",
    "ACTRN",
    "CTR",
    "DRKS",
    "CTRI/",
    "UMIN",
    "IRCT",
    "KCT",
    "RBR-",
    "Japic",
    "jRCT",
)


def year_of(text: str) -> int | None:
    """Return the first year from 1500 to 2099 in `text` (a date in any order), or None."""
    found = _YEAR.search(text) or _COMPACT_DATE.search(text)
    return int(found.group(1)) if found else None


def _unescape_percent(match: re.Match[str]) -> str:
    return bytes.fromhex(match.group().replace("%", "")).decode("utf-8", errors="replace")


def doi_of(text: str) -> str:
    """Return the first DOI in `text`, lower-cased, without resolver, entities or trailing marks; else ''."""
    if "10." not in text:
        return ""
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = _PERCENT.sub(_unescape_percent, text)
    found = _DOI.search(text)
    if not found:
        return ""
    doi = found.group().lower().rstrip(".,;:'’”")
    while doi.endswith((")", "]", "}")) and doi.count(doi[-1]) > doi.count("([{"[")]}".index(doi[-1])]):
        doi = doi[:-1].rstrip(".,;:")
    return doi


def pmid_of(text: str) -> str:
    """Return the PubMed number that `text` names as such ('PUBMED 12410192', 'PMID: 1'), else ''."""
    found = _PMID.search(text)
    return found.group(1).lstrip("0") if found else ""


def pmcid_of(text: str) -> str:
    """Return the PubMed Central number in `text` as 'PMC' and digits, else ''."""
    found = _PMCID.search(text)
    return f"PMC{found.group(1)}" if found else ""


def registry_ids_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the trial registry numbers in `texts`, upper-cased, each once, in order of appearance."""
    ids: dict[str, None] = {}
    kept = list(texts)
    joined = "\n".join(kept)
    if any(sign in joined for sign in _REGISTRY_SIGNS):
        ids.update((found.upper().replace(" ", ""), None) for found in _REGISTRY.findall(joined))
    named = "udra" in joined or "EUCTR" in joined
    for text in kept:
        # The EudraCT shape is only digits, so it counts where the text is short or the registry is named.
        if named or (len(text) < 60 and text.count("-") >= 2):
            ids.update((found, None) for found in _EUDRACT.findall(text))
    return tuple(ids)


def pages_of(first: str, last: str) -> str:
    """Join a first and a last page as printed: '644' and '651' give '644-651'; '644-51' stays."""
    if not last or last == first or not first:
        return first or last
    return first if re.search(r"[-‐-―−]", first) and first.endswith(last[-2:]) else f"{first}-{last}"


def visible(text: str) -> str:
    """Return `text` on one line, without control characters that could disguise what it says."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(CONTROL.sub("", text).split())
