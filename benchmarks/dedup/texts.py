"""100,000 short texts with planted duplicates, always the same for one seed.

After ../shared/facts/packing.md, section 8: 236 characters on average, 10,000 planted exact duplicates or copies
that differ in case or white space, 20,000 planted near-duplicates with 1 to 15 % of their words edited. The words are
made up, as frequent as in a language (Zipf), with phrases that many texts share.
"""

from __future__ import annotations

import random
from itertools import accumulate

TEXTS, EXACT_SHARE, NEAR_SHARE = 100_000, 0.1, 0.2
SEED = 20261121
_WORDS, _PHRASES = 30_000, 2_000
_LETTERS = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddllllcccuuummmwwffggyyppbbvk"


def make_texts(count: int = TEXTS, seed: int = SEED) -> list[str]:
    """The texts in mixed order."""
    chance = random.Random(seed)
    words = [_word(chance) for _ in range(_WORDS)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(_WORDS)))

    def some(many: int) -> list[str]:
        return chance.choices(words, cum_weights=weights, k=many)

    phrases = [some(chance.randint(3, 8)) for _ in range(_PHRASES)]
    bases: list[list[str]] = []
    for _ in range(count - int(count * EXACT_SHARE) - int(count * NEAR_SHARE)):
        text = some(max(8, int(chance.gauss(32, 9))))
        at = chance.randrange(len(text))
        text[at:at] = chance.choice(phrases)
        bases.append(text)
    texts = [" ".join(base) for base in bases]
    texts += [_copied(" ".join(chance.choice(bases)), chance) for _ in range(int(count * EXACT_SHARE))]
    texts += [" ".join(_edited(chance.choice(bases), chance, some)) for _ in range(int(count * NEAR_SHARE))]
    chance.shuffle(texts)
    return texts


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_LETTERS, k=max(1, min(14, int(chance.gauss(6.0, 2.5))))))


def _copied(text: str, chance: random.Random) -> str:
    """The same, in capitals, or with other white space."""
    kind = chance.randrange(4)
    if kind == 1:
        return text.upper() if chance.random() < 0.5 else text.capitalize()
    if kind == 2:
        return text.replace(" ", "  ", chance.randint(1, 5))
    return text + "\n" if kind == 3 else text


def _edited(text: list[str], chance: random.Random, some: object) -> list[str]:
    """1 to 15 % of its words replaced, left out, or with another one before them."""
    assert callable(some)
    words = list(text)
    for _ in range(max(1, round(chance.uniform(0.01, 0.15) * len(words)))):
        place, kind = chance.randrange(len(words)), chance.randrange(3)
        words[place : place + (kind != 2)] = some(1) if kind else []
    return words
