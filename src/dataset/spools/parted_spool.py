"""Rows of numbers sorted into parts as they come, each part small enough to be worked on alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.dataset.spools.spool import Spool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]


class PartedSpool:
    """`parts` parts with so many columns of 64-bit numbers. Up to `held` rows are in memory, then each part is a file.

    A row belongs to the part that the first column's remainder names.
    """

    def __init__(self, parts: int, columns: int, held: int) -> None:
        self._spools = [[Spool(held // parts) for _ in range(columns)] for _ in range(parts)]

    def __len__(self) -> int:
        return len(self._spools)

    def add(self, *columns: Codes) -> None:
        """Add rows, given as one array for each column. Raises UsageError when the disk is full."""
        import numpy as np

        part = columns[0] % np.uint64(len(self._spools))
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(len(self._spools) + 1, dtype=np.uint64)).tolist()
        columns = tuple(column[order] for column in columns)
        for number, spools in enumerate(self._spools):
            if bounds[number] < bounds[number + 1]:
                for spool, column in zip(spools, columns, strict=True):
                    # A copy, lest a few numbers hold the whole array.
                    spool.add(column[bounds[number] : bounds[number + 1]].copy())

    def read(self, part: int) -> tuple[Codes, ...]:
        """The columns of one part, in the order they were added."""
        return tuple(spool.read(0, len(spool)) for spool in self._spools[part])

    def take(self, part: int) -> tuple[Codes, ...]:
        """The same; they are let go of."""
        columns = self.read(part)
        for spool in self._spools[part]:
            spool.close()
        return columns

    def close(self) -> None:
        """Let go of all; the files are gone."""
        for spools in self._spools:
            for spool in spools:
                spool.close()
