"""What kind of document a citation is, as far as that decides between a duplicate and a report."""

import re
from dataclasses import dataclass

from .model import Item

_NOTICE = re.compile(
    r"^\W*(?:(?P<erratum>(?:publisher'?s? |author'?s? )?(?:errat(?:um|a)|corrigend(?:um|a)|correction|addendum"
    r"|expression of concern))"
    r"|(?P<retraction>retract(?:ed|ion)(?: article| notice| paper)?|withdrawn)"
    r"|(?P<comment>comments? (?:on|to)|commentary(?: on| to)?|re|reply(?: to| by)?|response to|in reply(?: to)?"
    r"|authors?'? ?(?:reply|response)|letter to the editor|discussion (?:of|on)|rejoinder))\b(?P<mark>\W*)",
    re.IGNORECASE,
)
_AFTER_NOTICE = re.compile(r"^(?:to|for|of|on|in|by)\b\W*", re.IGNORECASE)
_PROTOCOL = re.compile(r"\bprotocols?\b", re.IGNORECASE)
_REGISTRY = re.compile(r"trial registry|clinical trial registration|ictrp|registry record", re.IGNORECASE)
_REGISTRY_HOME = re.compile(
    r"clinicaltrials\.gov|trialsearch|ictrp|isrctn registry|clinicaltrialsregister", re.IGNORECASE
)
_ABSTRACT = re.compile(r"conference|meeting|congress|proceeding|^abstract$|inproceedings", re.IGNORECASE)
_COCHRANE = re.compile(r"14651858\.cd(\d{6})(?:\.pub(\d+))?", re.IGNORECASE)
_CD_PAGE = re.compile(r"\bcd(\d{6})\b", re.IGNORECASE)
_SUPPLEMENT = re.compile(r"suppl|part\s*2|abstract", re.IGNORECASE)
_BOOK = re.compile(
    r"^(?:book|inbook|book chapter|incollection|thesis|phdthesis|mastersthesis)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`notice` is 'erratum', 'retraction', 'comment', 'protocol', 'registry' or ''; `stem` the title
    without the notice's opening words; `review` and `version` a Cochrane number and its version (0 if
    not given, 1 for the first); `conference` and `supplement` what types, volume and pages suggest.
    """

    notice: str
    stem: str
    review: str
    version: int
    conference: bool
    supplement: bool


def read_kind(item: Item) -> DocumentKind:
    """Tell the kind of document from its title, types, container and identifiers."""
    types = " | ".join(item.publication_types)
    notice, stem = _notice(item.title)
    if "published erratum" in types.casefold():
        notice = "erratum"
    elif "retraction of publication" in types.casefold():
        notice = "retraction"
    elif not notice and (_REGISTRY.search(types) or _REGISTRY_HOME.search(item.journal)):
        notice = "registry"
    elif not notice and _PROTOCOL.search(item.title):
        notice = "protocol"
    review, version = _cochrane(item)
    return DocumentKind(
        notice=notice,
        stem=stem,
        review=review,
        version=version,
        conference=any(_ABSTRACT.search(kind) for kind in item.publication_types)
        or bool(re.search(r"\bconference\b|\bproceedings\b|\babstracts?\b", item.journal, re.IGNORECASE)),
        supplement=bool(_SUPPLEMENT.search(f"{item.volume} {item.issue}")),
    )


def _notice(title: str) -> tuple[str, str]:
    """Return the kind of notice that a title opens with and the title of what it is about."""
    found = _NOTICE.match(title)
    if found is None:
        return "", title
    kind = next(name for name in ("erratum", "retraction", "comment") if found[name])
    after = title[found.end() :]
    opening = found[kind].casefold()
    # 'Correction', 'Retraction' and 're' also begin ordinary titles; a colon or dash, a following 'to', the
    # end of the title, or a word with no other use marks a notice.
    marked = bool(re.search(r"[:\-–—\[\]().]", found["mark"])) or not after.strip()
    certain = opening.startswith(("errat", "corrigend")) or opening.endswith((" on", " to", "editor", "by"))
    if not (marked or certain or re.match(r"to\b", after, re.IGNORECASE)):
        return "", title
    return kind, _AFTER_NOTICE.sub("", after) or title


def _cochrane(item: Item) -> tuple[str, int]:
    if found := _COCHRANE.search(item.doi):
        return found.group(1), int(found.group(2) or 1)
    if found := _CD_PAGE.search(f"{item.pages} {item.accession}"):
        return found.group(1), 0
    return "", 0
