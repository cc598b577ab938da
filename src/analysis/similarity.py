"""Find near-duplicates of short texts as they come: MinHash bands for candidates, then the exact comparison."""

from __future__ import annotations

import random
from functools import lru_cache
from hashlib import blake2b

# Jaccard similarity of the words from which two texts count as near-duplicates.
NEAR_DUPLICATE = 0.7
# 20 bands of 4 find a pair of similarity 0.7 with probability 1 - (1 - 0.7^4)^20 = 0.996, one of 0.8 with 0.99998.
BANDS, ROWS = 20, 4
_PRIME = (1 << 61) - 1
_RANDOM = random.Random(20261121)  # noqa: S311 - fixed hash functions, so that every run finds the same
_FUNCTIONS = [(_RANDOM.randrange(1, _PRIME), _RANDOM.randrange(_PRIME)) for _ in range(BANDS * ROWS)]
_Signature = tuple[tuple[int, ...], ...]


class NearDuplicates:
    """Keys (words with blanks between them) seen so far, each with the text it stands for.

    Two keys are near when they share NEAR_DUPLICATE of their words and exactly the same numbers and negations:
    "part 17" is not "part 18", "can" is not "cannot".
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._groups: dict[frozenset[str], list[str]] = {}
        self._bands: dict[tuple[object, ...], list[str]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, key: str, text: str) -> None:
        if key in self._texts:
            return
        self._texts[key] = text
        words = set(key.split())
        decisive = _decisive(words)
        group = self._groups.setdefault(decisive, [])
        group.append(key)
        # A group of one needs no bands: they are filled when the second member comes.
        for member in group if len(group) == 2 else [key] if len(group) > 2 else []:
            for band in _bands(set(member.split())):
                self._bands.setdefault((decisive, *band), []).append(member)

    def find(self, key: str) -> str | None:
        """The text of a key that is equal or near, None when there is none."""
        if key in self._texts:
            return self._texts[key]
        words = set(key.split())
        decisive = _decisive(words)
        group = self._groups.get(decisive, [])
        if len(group) < 2:
            candidates = list(group)
        else:
            candidates = [other for band in _bands(words) for other in self._bands.get((decisive, *band), ())]
        return next((self._texts[other] for other in dict.fromkeys(candidates) if is_near(words, other)), None)


def is_near(words: set[str], other: str) -> bool:
    """Whether the words and the key `other` share most of their words and all numbers and negations."""
    others = set(other.split())
    return len(words & others) >= NEAR_DUPLICATE * len(words | others) and _decisive(words) == _decisive(others)


def _decisive(words: set[str]) -> frozenset[str]:
    """The words that make another text of it."""
    return frozenset(word for word in words if decides(word))


@lru_cache(maxsize=65536)
def decides(word: str) -> bool:
    """Whether texts that differ in this word are different texts: it is a number or a negation."""
    return any(letter.isdigit() for letter in word) or word in ("not", "no", "never", "cannot", "without", "t")


def _bands(words: set[str]) -> _Signature:
    """The MinHash signature of the words, cut into bands; each starts with its number."""
    hashes = [_hash(word) for word in words] or [0]
    signature = [min([(a * value + b) % _PRIME for value in hashes]) for a, b in _FUNCTIONS]
    return tuple((band, *signature[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS))


@lru_cache(maxsize=65536)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") % _PRIME
