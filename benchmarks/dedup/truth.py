"""Which texts are near-duplicates, by counting the shingles that any two share. Nothing of our search is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.7
BINS = ((0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


@dataclass(frozen=True)
class Truth:
    """Pairs of Jaccard similarity 0.7 or more, the earlier text first, and how similar they are."""

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    similarity: NDArray[np.float64]
    texts: int

    def best(self) -> NDArray[np.float64]:
        """For each text how similar the most similar earlier one is; 0 where there is none."""
        best = np.zeros(self.texts)
        np.maximum.at(best, self.later, self.similarity)
        return best


def find_truth(texts: Sequence[str]) -> Truth:
    """Every pair, by an inverted index without any filter: the sparse matrix A times its transpose, row by row."""
    numbers: dict[tuple[str, ...], int] = {}
    rows: list[list[int]] = []
    for text in texts:
        words = text.casefold().split()
        runs = {tuple(words[at : at + 3]) for at in range(len(words) - 2)} or {(word,) for word in words}
        rows.append([numbers.setdefault(run, len(numbers)) for run in runs])
    holders: list[list[int]] = [[] for _ in numbers]
    found: list[tuple[int, int, float]] = []
    for text, row in enumerate(rows):
        shared = Counter(chain.from_iterable([holders[run] for run in row]))
        for other, common in shared.items():
            union = len(row) + len(rows[other]) - common
            # As whole numbers: 7 of 10 is 0.7.
            if 10 * common >= 7 * union:
                found.append((other, text, common / union))
        for run in row:
            holders[run].append(text)
    earlier, later, similarity = (np.array(column) for column in zip(*found, strict=True))
    return Truth(earlier, later, similarity, len(texts))
