"""Which pairs are worth comparing: those that share a key, never all against all."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from .prepare import Prepared

MAX_BLOCK = 60


def candidate_pairs(items: Sequence[Prepared]) -> list[tuple[int, int]]:
    """Return index pairs (left < right), each once, in order.

    Blocks larger than MAX_BLOCK are parted by author, journal and volume, so that a thousand
    editorials do not become half a million pairs.
    """
    frequency = Counter(word for item in items for word in set(item.title.words))
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for item in items:
        for key in _keys(item, frequency):
            blocks[key].append(item.place)
    pairs: set[int] = set()
    total = len(items)
    for members in blocks.values():
        if len(members) < 2:
            continue
        for group in _parted(members, items):
            pairs.update(left * total + right for left, right in combinations(group, 2))
    return [divmod(code, total) for code in sorted(pairs)]


def _keys(item: Prepared, frequency: Counter[str]) -> Iterator[str]:
    if item.doi:
        yield f"doi {item.doi}"
    if item.pmid:
        yield f"pmid {item.pmid}"
    if item.kind.review:
        yield f"review {item.kind.review}"
    for number in item.registry:
        yield f"registry {number}"
    if item.pages is not None and item.volume:
        yield f"place {item.volume} {item.pages.first}"
    if item.pages is not None and item.names:
        yield f"first {item.names[0].surname} {item.pages.first}"
    compact = item.title.compact
    if compact:
        yield f"title {compact[:24]}"
        yield f"ends {compact[-20:]}"
        yield from _rare_words(item, frequency)
    if item.names and item.item.year and item.title.words:
        longest = max(item.title.words, key=len)
        yield f"author {item.names[0].surname} {item.item.year} {longest[:8]}"


def _rare_words(item: Prepared, frequency: Counter[str]) -> Iterator[str]:
    shared = {word for word in item.title.words if len(word) > 3 and frequency[word] > 1}
    rare = sorted(shared, key=lambda word: (frequency[word], word))[:4]
    for one, two in combinations(sorted(rare), 2):
        yield f"words {one} {two}"


def _parted(members: list[int], items: Sequence[Prepared]) -> Iterator[list[int]]:
    if len(members) <= MAX_BLOCK:
        yield members
        return
    for part in ("author", "place"):
        finer: defaultdict[str, list[int]] = defaultdict(list)
        for place in members:
            item = items[place]
            key = (item.names[0].surname if item.names else "") if part == "author" else item.volume
            if key:
                finer[f"{key} {item.item.year if part == 'author' else item.journal.compact[:12]}"].append(
                    place
                )
        for group in finer.values():
            # What is still too large shares nothing that tells its members apart; neighbours are kept.
            for start in range(0, len(group), MAX_BLOCK):
                yield group[start : start + MAX_BLOCK]
