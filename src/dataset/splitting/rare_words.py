"""The words of each set from rare to common, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.shingle_sets import ShingleSets
from src.dataset.duplicates.near.shingles import SHINGLE_BITS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# A word in the order of its set: 12 bits of its frequency above 40 bits of its hash.
WORD_BITS, FREQUENCY_BITS = 40, 12
# Counters of how often a word occurs.
MOST_COUNTERS = 1 << 22


@dataclass(frozen=True, slots=True)
class RankedWords:
    """Sets first and following: `sizes` has a number for each chosen one among them, `owner` the set of each word
    counted among these, `texts` counted among all; `place` is the word's place in its set, from the rarest on.

    `words` has the bits named above. How rare a word is, is counted by its hash: `frequency` is at least as high as
    the number of chosen sets that have it, now and then higher, up to 4,095.
    """

    sizes: Numbers
    owner: Numbers
    texts: Numbers
    place: Numbers
    words: Codes

    @property
    def frequency(self) -> Numbers:
        import numpy as np

        found: Numbers = (self.words >> np.uint64(WORD_BITS)).astype(np.int64)
        return found


def ranked_blocks(sets: ShingleSets, chosen: NDArray[np.bool_], frequency: NDArray[np.uint32]) -> Iterator[RankedWords]:
    """All chosen sets in order."""
    import numpy as np

    for first, end, values in sets.blocks():
        here = chosen[first:end]
        texts = np.flatnonzero(here)
        if not len(texts):
            continue
        sizes = sets.sizes[first:end][here].astype(np.int64)
        values = values[np.repeat(here, sets.sizes[first:end])]
        owner = np.repeat(np.arange(len(texts)), sizes)
        often = np.minimum(frequency[values & np.uint64(len(frequency) - 1)], (1 << FREQUENCY_BITS) - 1)
        keys = owner.astype(np.uint64) << np.uint64(SHINGLE_BITS) | often.astype(np.uint64) << np.uint64(WORD_BITS)
        keys |= values >> np.uint64(SHINGLE_BITS - WORD_BITS)
        keys.sort()
        place = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        yield RankedWords(sizes, owner, texts[owner] + first, place, keys & np.uint64((1 << SHINGLE_BITS) - 1))
