"""Numbers that look drawn by chance, for arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def stirred(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each number, different for different ones: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    import numpy as np

    x: NDArray[np.uint64] = numbers + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x
