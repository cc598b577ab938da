"""Whole numbers, one or more for each sample, of datasets of any size: what is not at hand lies in a temporary file."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from src.dataset.spools.spool import Spool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]

PIECE = 1 << 17  # numbers, so many of a column are in memory


class Column:
    """Numbers below 2^31 in the order they were added. Four bytes each, in memory only the last PIECE of them."""

    def __init__(self) -> None:
        self._fresh = array("i")
        self._pairs = Spool(0)  # in its 64 bits there are two of ours

    def __len__(self) -> int:
        return 2 * len(self._pairs) + len(self._fresh)

    def append(self, number: int) -> None:
        """Raises OverflowError for a number that is too large, UsageError when the disk is full."""
        self._fresh.append(number)
        if len(self._fresh) == PIECE:
            import numpy as np

            self._pairs.add(np.frombuffer(self._fresh, np.uint64))
            self._fresh = array("i")

    def pieces(self) -> Iterator[Integers]:
        """All numbers, PIECE at a time; the last piece may be shorter, but there is one."""
        import numpy as np

        for start in range(0, len(self._pairs), PIECE // 2):
            yield self._pairs.read(start, start + PIECE // 2).view(np.int32)
        yield np.array(self._fresh, np.int32)

    def all(self) -> Integers:
        """A copy of the whole column."""
        import numpy as np

        numbers = np.empty(len(self), np.int32)
        for start, piece in zip(count(0, PIECE), self.pieces(), strict=False):
            numbers[start : start + len(piece)] = piece
        return numbers


class Names:
    """Numbers from 0 on for names, in order of appearance."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, name: str) -> int:
        return self._numbers[name]

    def all(self) -> list[str]:
        return list(self._numbers)


class Labels:
    """The name each sample has of one kind, such as its source. The different names are in memory."""

    def __init__(self) -> None:
        self.names = Names()
        self._labels = Column()

    def add(self, name: str) -> None:
        self._labels.append(self.names.number(name))

    def pieces(self) -> Iterator[Integers]:
        """The numbers of the samples' names, PIECE samples at a time."""
        return self._labels.pieces()
