"""Folders with many small documents: questions and answers that no other document has."""

from __future__ import annotations

import random
from pathlib import Path

PAIRS = 100
_ONSETS = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "kr", "pl", "st"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ou"]


def write_documents(folder: Path, documents: int, pairs: int = PAIRS) -> Path:
    """`documents` files in folders of a thousand, each with so many questions and answers."""
    for number in range(documents):
        rng = random.Random(number)
        home = folder / f"part-{number // 1000:03}"
        home.mkdir(parents=True, exist_ok=True)
        talk = "\n\n".join(_pair(rng, number, place) for place in range(pairs))
        (home / f"faq-{number:06}.md").write_text(f"# Handbook {number}\n\n{talk}\n", encoding="utf-8")
    return folder


def _pair(rng: random.Random, number: int, place: int) -> str:
    words = [_word(rng) for _ in range(24)]
    question = f"Q: How does the {words[0]} {words[1]} of unit {number}-{place} handle {' '.join(words[2:6])}?"
    return f"{question}\nA: It turns the {' '.join(words[6:15])} and leaves {' '.join(words[15:])}."


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.randint(2, 3)))
