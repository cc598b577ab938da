"""Texts as sets of hashed words, such that texts with other numbers or negations have no word in common.

The rule of analysis/similarity.py asks for two things: most words are shared, and all numbers and negations. Each word
is therefore hashed together with all numbers and negations of its text, and only the first is left to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.words import words_of
from src.dataset.duplicates.near.shingle_sets import ShingleSets
from src.dataset.duplicates.near.shingles import SHINGLE_BITS, TEXTS_AT_A_TIME, HashedWords, Shingles, hash_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# So many of the words are held in memory: 16 MB.
HELD = 1 << 21
_BYTES_AT_A_TIME = 1 << 22


def word_sets(texts: Sequence[str], words: HashedWords) -> Shingles:
    """The different words of each text; `numbers` is a code of its numbers and negations, each counted once.

    A text without words has itself as its only word.
    """
    import numpy as np

    owner = np.repeat(np.arange(len(texts)), np.diff(words.starts))
    numbers = _decisive(owner[words.decisive], words.codes[words.decisive], len(texts))
    codes = stirred(words.codes ^ stirred(numbers)[owner])
    wordless = np.flatnonzero(np.diff(words.starts) == 0)
    owners = np.concatenate([owner, wordless]).astype(np.uint64)
    codes = np.concatenate([codes, _codes_of_whole(texts, wordless)])
    both = np.sort(owners << np.uint64(SHINGLE_BITS) | codes >> np.uint64(64 - SHINGLE_BITS))
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    counts = np.bincount((both >> np.uint64(SHINGLE_BITS)).astype(np.int64), minlength=len(texts))
    return Shingles(both & np.uint64((1 << SHINGLE_BITS) - 1), counts, numbers)


def make_word_sets(texts: Iterable[str], held: int = HELD) -> ShingleSets:
    """The sets of all texts, which are gone through once; to be closed at the end."""
    sets = ShingleSets(held)
    for batch in batches_of(texts):
        sets.take(word_sets(batch, hash_words(batch)))
    return sets


def batches_of(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists that are neither too many nor too long to work on at once."""
    rest = iter(texts)
    while batch := list(islice(rest, 1)):
        size = len(batch[0])
        for text in islice(rest, TEXTS_AT_A_TIME - 1):
            batch.append(text)
            size += len(text)
            if size > _BYTES_AT_A_TIME:
                break
        yield batch


def _decisive(owner: Numbers, codes: Codes, count: int) -> Codes:
    """A code of the different numbers and negations of each text."""
    import numpy as np

    order = np.lexsort((codes, owner))
    owner, codes = owner[order], codes[order]
    first = np.append(True, (owner[1:] != owner[:-1]) | (codes[1:] != codes[:-1]))[: len(owner)]
    sums = np.zeros(count, np.uint64)
    np.add.at(sums, owner[first], stirred(codes[first]))
    return sums


def _codes_of_whole(texts: Sequence[str], places: Numbers) -> Codes:
    import numpy as np
    from xxhash import xxh3_64_intdigest

    whole = ("".join(words_of(texts[place])).encode("utf-8", "surrogatepass") for place in places.tolist())
    return np.fromiter(map(xxh3_64_intdigest, whole), np.uint64, len(places))
