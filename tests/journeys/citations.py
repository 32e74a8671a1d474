"""Files of made-up citations: as many as asked for, no two alike, the same in every run."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

SYLLABLES = ("ba", "co", "di", "fe", "gu", "ka", "lo", "mi", "ne", "pu", "ra", "so", "ti", "ve", "zu")
WORDS = tuple("".join(three) for three in product(SYLLABLES, repeat=3))


def ris(path: Path, count: int, seed: str = "one") -> Path:
    """Write a RIS file of ``count`` citations with titles of nine random words, and return its path."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            name = chance.choice(WORDS).capitalize()
            title = " ".join(chance.choices(WORDS, k=9)).capitalize()
            abstract = " ".join(chance.choices(WORDS, k=60))
            file.write(
                f"TY  - JOUR\nAU  - {name}, {chance.choice('ABCDEFG')}\nTI  - {title}\n"
                f"PY  - {chance.randint(1980, 2020)}\nJO  - {chance.choice(WORDS).capitalize()} journal\n"
                f"VL  - {chance.randint(1, 90)}\nSP  - {chance.randint(1, 2000)}\n"
                f"DO  - 10.5555/{seed}.{number}\nAB  - {abstract}\nER  - \n\n"
            )
    return path
