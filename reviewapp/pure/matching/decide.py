"""From a comparison to a proposal: merge, ask a person, link as reports of one study, or nothing.

The rules follow how bibliographic records go wrong. An identifier alone never merges: supplements give
one DOI to many abstracts. A title alone never merges: editorials, abstracts and papers share them. The
place (volume and first page) identifies a document when the authors agree.
"""

from .compare import Comparison, compare, evidence, score
from .model import Kind, PairVerdict
from .places import Pages
from .prepare import Prepared

SAME_TITLE = 0.93
NEAR_TITLE = 0.80
SAME_NAMES = 0.75
MAX_REGISTRY_IDS = 5


def judge(left: Prepared, right: Prepared) -> PairVerdict | None:
    """Compare two items and propose what to do, or None where they have nothing to do with each other."""
    result = compare(left, right)
    reason = link_reason(left, right, result)
    proposal: Kind | None = "link" if reason else propose(left, right, result)
    if proposal != "merge" and not reason and _shares_registry(left, right):
        proposal, reason = "link", "same registry id"
    if proposal is None:
        return None
    one, two = sorted((left, right), key=lambda item: item.place)
    return PairVerdict(
        one.item.key,
        two.item.key,
        score(result),
        proposal,
        evidence(one, two, result),
        reason if reason else "",
    )


def _shares_registry(left: Prepared, right: Prepared) -> bool:
    # A review or a methods paper names many trials; it is no report of each of them.
    few = len(left.registry) <= MAX_REGISTRY_IDS and len(right.registry) <= MAX_REGISTRY_IDS
    return few and bool(left.registry & right.registry)


def link_reason(left: Prepared, right: Prepared, result: Comparison) -> str:
    """Say why two items are different reports that belong together, or ''."""
    a, b = left.kind, right.kind
    if a.review and a.review == b.review and _other_version(left, right, result):
        return "review versions"
    if a.notice != b.notice:
        related = result.title >= 0.85 or (result.title >= 0.5 and _shares_registry(left, right))
        if not related or left.title.generic:
            return ""
        return _NOTICE_REASONS.get(a.notice or b.notice, _NOTICE_REASONS.get(b.notice, "related report"))
    return _meeting_reason(left, right, result)


_NOTICE_REASONS = {
    "erratum": "erratum",
    "retraction": "retraction",
    "comment": "comment or reply",
    "protocol": "protocol and results",
    "registry": "registry record and publication",
}


def _other_version(left: Prepared, right: Prepared, result: Comparison) -> bool:
    one, two = left.kind.version, right.kind.version
    return one != two if one and two else bool(result.years_apart)


def _meeting_reason(left: Prepared, right: Prepared, result: Comparison) -> str:
    elsewhere = (
        result.pages is False or result.volume is False or (result.journal is False and not result.place)
    )
    if not elsewhere or result.pmid or result.doi or (result.names or 0) < 0.6 or left.title.generic:
        return ""
    one, two = left.kind.conference or left.kind.supplement, right.kind.conference or right.kind.supplement
    if one != two and result.title >= 0.85:
        return "conference abstract and paper"
    if one and two and result.title >= 0.75 and result.pages is False and result.journal is not True:
        return "two abstracts of one work"
    return ""


def forbids(left: Prepared, right: Prepared) -> bool:
    """True where two items may not stand in one cluster, whatever lies between them."""
    result = compare(left, right)
    if left.kind.notice != right.kind.notice or result.pmid is False or link_reason(left, right, result):
        return True
    if result.place or result.pmid:
        return False
    if result.doi is False and (result.pages is False or result.volume is False):
        return True
    if result.pages is False and (result.volume is False or (result.years_apart or 0) > 1):
        return True
    return not result.numbers_equal and result.title >= NEAR_TITLE


def propose(left: Prepared, right: Prepared, result: Comparison) -> Kind | None:
    """Merge, ask or nothing, for two items of one kind."""
    if left.kind.notice != right.kind.notice:
        return None
    if left.kind.review and right.kind.review and left.kind.review != right.kind.review:
        return None
    if result.pmid:
        return "merge" if result.title >= 0.6 or result.place else "ask"
    if result.pmid is False:
        return "ask" if result.place and result.title >= SAME_TITLE else None
    if left.title.generic or right.title.generic:
        return _propose_generic(left, right, result)
    if result.doi:
        return _propose_same_doi(left, right, result)
    if result.title >= SAME_TITLE and not result.reworded:
        return _propose_same_title(left, right, result)
    return _propose_other_title(left, result)


def _propose_generic(left: Prepared, right: Prepared, result: Comparison) -> Kind | None:
    """'Editorial' and its like, and blank titles: author, container and place must all speak for it."""
    if result.contradicted or result.issue is False:
        return None
    named = (result.names or 0) >= SAME_NAMES
    if not left.title.compact or not right.title.compact:
        return "ask" if result.doi or (result.place and result.journal and named) else None
    if result.title < 0.9:
        return "ask" if result.doi and result.place else None
    if result.doi or result.place:
        return "merge" if named and (result.journal is not False or result.exact_place) else "ask"
    certain = named and result.journal and result.doi is None and result.years_apart == 0
    if certain and result.volume and result.title == 1:
        return "merge" if left.pages is None or right.pages is None else None
    return "ask" if certain and result.title == 1 and result.volume is None else None


def _propose_same_doi(left: Prepared, right: Prepared, result: Comparison) -> Kind | None:
    strangers = result.names is not None and result.names < 0.34
    if result.title >= 0.75:
        if result.pages is False or strangers:
            return "ask" if result.title >= SAME_TITLE else None
        certain = result.numbers_equal or result.place
        return "merge" if certain and not (result.reworded and result.title < NEAR_TITLE) else "ask"
    if result.place and not strangers:
        return "merge" if (result.names or 0) >= 0.6 and _several_pages(left, right) else "ask"
    # One DOI for a whole supplement: other titles on other pages are other abstracts.
    if result.pages is False or left.kind.supplement or right.kind.supplement:
        return None
    return "ask" if (result.names or 0) >= 0.6 else None


def _several_pages(left: Prepared, right: Prepared) -> bool:
    return bool((left.pages and left.pages.is_range) or (right.pages and right.pages.is_range))


def _propose_same_title(left: Prepared, right: Prepared, result: Comparison) -> Kind | None:
    if not result.numbers_equal and not (result.place and (result.names or 0) >= SAME_NAMES):
        return "ask" if (result.names or 0) >= SAME_NAMES and not result.contradicted else None
    if result.place:
        return _propose_same_title_and_place(result)
    if result.names is None:
        return _propose_without_names(left, right, result)
    if result.names >= SAME_NAMES:
        return _propose_same_title_and_names(left, right, result)
    supported = result.journal and (result.pages or result.volume) and not result.contradicted
    if supported and result.doi is None:
        return "merge" if result.names >= 0.5 and result.title >= 0.97 else "ask"
    telling = (
        len(left.title.words) >= 6 and result.journal and result.years_apart == 0 and not result.contradicted
    )
    return "ask" if telling else None


def _propose_same_title_and_place(result: Comparison) -> Kind:
    if result.names is not None and result.names < 0.5:
        return "merge" if result.exact_place and result.journal and result.title >= 0.97 else "ask"
    if (result.years_apart or 0) > 1 and not result.exact_place:
        return "ask"
    if result.doi is False:
        sure = result.exact_place and result.title >= 0.97 and result.journal is not False
        return "merge" if sure and (result.names or 0) >= 0.6 else "ask"
    if result.journal is False and not result.exact_place and result.names is None:
        return "ask"
    return "merge"


def _propose_without_names(left: Prepared, right: Prepared, result: Comparison) -> Kind | None:
    if result.contradicted or result.doi is False or result.journal is False:
        return None
    words = min(len(left.title.words), len(right.title.words))
    if words < 5:
        return None
    if result.title >= 0.97 and result.journal and result.years_apart == 0:
        return "merge"
    return "merge" if left.kind.notice == "registry" and left.registry & right.registry else "ask"


def _propose_same_title_and_names(left: Prepared, right: Prepared, result: Comparison) -> Kind:
    if result.contradicted or result.doi is False:
        return "ask"
    unplaced = result.pages is None and result.volume is None
    if (result.pages is None and result.issue is False) or (unplaced and result.years_apart):
        return "ask"
    if result.journal is False and not result.pages:
        return "ask"
    if left.title.short or right.title.short:
        return "merge" if result.pages or (result.journal and result.volume) else "ask"
    return "merge"


def _propose_other_title(left: Prepared, result: Comparison) -> Kind | None:
    if result.doi is False or result.contradicted:
        return None
    if result.exact_place and result.journal and result.years_apart == 0 and result.issue is not False:
        return _propose_same_pages(left.pages, result)
    names = result.names or 0
    if result.title >= NEAR_TITLE:
        placed = result.place and names >= SAME_NAMES and result.journal is not False
        return "ask" if placed or (names >= 0.85 and result.journal) else None
    return "ask" if result.place and names >= SAME_NAMES and result.journal else None


def _propose_same_pages(pages: Pages | None, result: Comparison) -> Kind | None:
    """The same stretch of pages of one volume holds one article; the other title is a translation.

    Journals that count every issue from page 1 need the issue to agree as well, and short notices may
    stand together on two pages.
    """
    if pages is None or (pages.first == "1" and not result.issue):
        return "ask" if result.title >= NEAR_TITLE else None
    if result.names is None:
        return "merge" if result.title >= 0.6 and pages.length >= 3 else "ask"
    if result.names < SAME_NAMES:
        return "ask" if result.title >= NEAR_TITLE else None
    return "merge" if pages.length >= 3 or result.title >= NEAR_TITLE else "ask"
