"""Texts as sparse vectors of the words they have in common with others, and what k-means needs to know of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Products of that many numbers are held at once.
_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Vectors:
    """Row i has the values[starts[i] : starts[i + 1]] in the columns of those places, and the length 1.

    Rows without a known word are left out; `rows` are the numbers of the texts that have one.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def times(self, centres: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each row with each centre (centres are rows of length 1)."""
        import numpy as np

        found = np.empty((len(self), len(centres)), np.float32)
        by_column = np.ascontiguousarray(centres.T)
        step = max(1, _AT_ONCE // max(1, len(centres)) // max(1, len(self.values) // max(1, len(self))))
        for first in range(0, len(self), step):
            last = min(first + step, len(self))
            inside = slice(int(self.starts[first]), int(self.starts[last]))
            products = by_column[self.columns[inside]] * self.values[inside, None]
            found[first:last] = np.add.reduceat(products, self.starts[first:last] - self.starts[first], axis=0)
        return found

    def sums(self, labels: NDArray[np.int64], groups: int, width: int) -> NDArray[np.float32]:
        """The sum of the rows of each group."""
        import numpy as np

        places = np.repeat(labels, np.diff(self.starts)) * width + self.columns
        return np.bincount(places, self.values, groups * width).reshape(groups, width).astype(np.float32)

    def dense(self, row: int, width: int) -> NDArray[np.float32]:
        import numpy as np

        inside = slice(int(self.starts[row]), int(self.starts[row + 1]))
        vector = np.zeros(width, np.float32)
        vector[self.columns[inside]] = self.values[inside]
        return vector


def vectors_of(counted: Iterable[Counter[str]], places: Mapping[str, int], weights: NDArray[np.float64]) -> Vectors:
    """One row for each text's counted words; `places` are the columns of known words, `weights` theirs."""
    import numpy as np

    rows: list[int] = []
    starts, columns, values = [0], list[int](), list[float]()
    for number, words in enumerate(counted):
        known = [(places[word], 1 + math.log(count)) for word, count in words.items() if word in places]
        if known:
            rows.append(number)
            columns += [column for column, _ in known]
            values += [value for _, value in known]
            starts.append(len(columns))
    found = np.array(columns, np.int32)
    weighed = np.array(values) * weights[found] if columns else np.zeros(0)
    edges = np.array(starts, np.int64)
    if rows:
        lengths = np.sqrt(np.add.reduceat(weighed**2, edges[:-1]))
        weighed = weighed / np.repeat(lengths, np.diff(edges))
    return Vectors(np.array(rows, np.int64), edges, found, weighed.astype(np.float32))
