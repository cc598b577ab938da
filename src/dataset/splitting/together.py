"""Find the samples that must not fall into different splits: of one passage, one group, or nearly the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.links import Links
from src.dataset.splitting.first_words import firsts_of
from src.dataset.splitting.split_ids import codes_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Units:
    """`unit_of` has a number for each sample, the same for those that stay together; `near` have a near-duplicate."""

    unit_of: Numbers
    near: int


def find_units(count: int, labels: list[Codes], alike: Numbers | None) -> Units:
    """The connected components of `count` samples: linked are those with the same label, or alike.

    Each of `labels` has a code for each sample, 0 where it has none (see label_code); `alike` has a number for each,
    the same for near-duplicates.
    """
    import numpy as np

    links = Links(count)
    for codes in labels:
        there = np.flatnonzero(codes)
        links.link(there[firsts_of(codes[there])], there)
    near = 0
    if alike is not None and count:
        crowded = np.flatnonzero((np.bincount(alike) > 1)[alike])
        near = len(crowded)
        links.link(crowded[firsts_of(alike[crowded])], crowded)
    return Units(codes_of(links.roots(np.arange(count)), count), near)
