"""Which of very many texts were seen before, in eight bytes each."""

from __future__ import annotations

from array import array
from bisect import bisect_left

_LATELY = 1 << 16


class SeenCodes:
    """64-bit codes that look drawn by chance, such as hashes. A million texts share one by 1 chance in 37 million.

    The last ones are in a set, ten times as large; from time to time they are sorted in among the others.
    """

    def __init__(self, lately: int = _LATELY) -> None:
        self._most = lately
        self._lately: set[int] = set()
        self._sorted = array("Q")

    def __contains__(self, code: int) -> bool:
        if code in self._lately:
            return True
        place = bisect_left(self._sorted, code)
        return place < len(self._sorted) and self._sorted[place] == code

    def add(self, code: int) -> None:
        self._lately.add(code)
        if len(self._lately) >= self._most:
            import numpy as np

            codes = np.concatenate([np.frombuffer(self._sorted, np.uint64), np.fromiter(self._lately, np.uint64)])
            codes.sort()
            self._sorted = array("Q", codes.tobytes())
            self._lately = set()
