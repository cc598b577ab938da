"""Shares with the range they may lie in by chance."""

from __future__ import annotations

import math

_Z = 1.959964


def wilson_interval(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. Wilson, JASA 22, 1927); 0 to 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, square = count / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def told_share(count: int, of: int) -> str:
    """A share as people read it: "12 of 300 (4.0 %, 95 %: 2.3 to 6.9)"."""
    low, high = wilson_interval(count, of)
    share = 100 * count / of if of else 0.0
    return f"{count:,} of {of:,} ({share:.1f} %, 95 %: {100 * low:.1f} to {100 * high:.1f})"
