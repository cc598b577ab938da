"""Where a sample lies when others before it were deleted: nothing moves up, so positions have gaps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from src.persistence.models import StoredDataset


class GapsRead:
    """The gaps of the dataset that was read last, so that one sample after the other can be asked for."""

    def __init__(self) -> None:
        self._last: tuple[str, int, Sequence[int]] = ("", 0, ())

    def of(self, stored: StoredDataset, read: Callable[[], Sequence[int]]) -> Sequence[int]:
        """A dataset of which no sample was ever changed has none."""
        if not stored.revision:
            return ()
        key, revision, gaps = self._last
        if (key, revision) != (stored.samples_key, stored.revision):
            gaps = read()
            self._last = (stored.samples_key, stored.revision, gaps)
        return gaps


def position_of(index: int, gaps: Sequence[int]) -> int:
    """The position of the sample that is the `index`-th, from 0; `gaps` are the positions without one, sorted."""
    # Before gap number n there are gaps[n] - n samples.
    return index + bisect_right(range(len(gaps)), index, key=lambda n: gaps[n] - n)
