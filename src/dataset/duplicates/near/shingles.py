"""Texts as sets of hashed word 3-shingles, worked out for many texts at once.

A word is what analysis/words.py says; a shingle is three words in a row, so in scripts without spaces four characters.
A text of one or two words has its words instead. A text without words has nothing and is near to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.words import UNSPACED, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

WORDS_IN_SHINGLE = 3
# The number of the text in its batch lies above a shingle's bits, so that one sort orders both.
SHINGLE_BITS = 52
TEXTS_AT_A_TIME = 1 << (64 - SHINGLE_BITS)
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_LONE_WORD = 0xD6E8FEB86659FD93
# Longer words are hashed one by one.
_LONG_WORD = 64
# Words without a digit that make another text of it, as in analysis/similarity.py.
_NEGATIONS = ("not", "no", "never", "cannot", "without", "t")
_NO_WORD = re.compile(r"[^\w\x00-\x7f]+")
# Digits of other scripts; they are the same numbers.
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_DIGITS = range(ord("0"), ord("9") + 1)
_WORD_BYTES = {*b"abcdefghijklmnopqrstuvwxyz_", *_DIGITS, *range(0x80, 0x100)}
_TO_WORDS = bytes(byte if byte in _WORD_BYTES else 0 for byte in bytes(range(256)).lower())


@dataclass(frozen=True, slots=True)
class HashedWords:
    """The words of texts as numbers, one text after the other: text i has codes[starts[i] : starts[i + 1]].

    Equal words have equal codes; different ones too with a probability of 2^-64. `decisive` are the places of
    numbers and negations in `codes`.
    """

    codes: Codes
    starts: Numbers
    decisive: Numbers


@dataclass(frozen=True, slots=True)
class Shingles:
    """The different shingles of each of some texts, sorted: the first counts[0] are those of the first text.

    They have SHINGLE_BITS bits. `numbers` is a code of each text's numbers and negations.
    """

    values: Codes
    counts: Numbers
    numbers: Codes


def shingle_texts(texts: Sequence[str]) -> Shingles:
    """The shingles of at most TEXTS_AT_A_TIME texts."""
    import numpy as np

    words = hash_words(texts)
    lengths = np.diff(words.starts)
    owner = np.repeat(np.arange(len(texts)), lengths)
    short = np.flatnonzero((lengths < WORDS_IN_SHINGLE)[owner])
    runs = runs_of(words.codes, WORDS_IN_SHINGLE)
    whole = np.flatnonzero(owner[: len(runs)] == owner[WORDS_IN_SHINGLE - 1 :])
    codes = np.concatenate([runs[whole], words.codes[short] * np.uint64(_LONE_WORD)])
    owners = np.concatenate([owner[whole], owner[short]]).astype(np.uint64)
    both = np.sort(owners << np.uint64(SHINGLE_BITS) | codes >> np.uint64(64 - SHINGLE_BITS))
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    counts = np.bincount((both >> np.uint64(SHINGLE_BITS)).astype(np.int64), minlength=len(texts))
    numbers = np.zeros(len(texts), np.uint64)
    np.add.at(numbers, owner[words.decisive], words.codes[words.decisive])
    return Shingles(both & np.uint64((1 << SHINGLE_BITS) - 1), counts, numbers)


def runs_of(codes: Codes, length: int) -> Codes:
    """A code for each `length` words in a row, by the place of the first; also for those that cross texts."""
    import numpy as np

    total = max(0, len(codes) - length + 1)
    runs = np.zeros(total, np.uint64)
    for offset in range(length):
        runs *= np.uint64(_FACTORS[0])
        runs += codes[offset : offset + total]
    return stirred(runs)


def hash_words(texts: Sequence[str]) -> HashedWords:
    """The words of the texts."""
    import numpy as np

    parts = [_words_in_bytes(text) for text in texts]
    bounds = np.cumsum([1] + [len(part) + 1 for part in parts])
    # A byte of no word before the first text, and as many after the last as are read at once.
    letters = b"".join((b"\n", b"\n".join(parts), b"\n" * 9)).translate(_TO_WORDS)
    array = np.frombuffer(letters, np.uint8)
    inside = array != 0
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    begins, ends = edges[0::2], edges[1::2]
    codes = _codes(letters, begins, ends - begins)
    digits = np.flatnonzero((array - np.uint8(_DIGITS[0])) < len(_DIGITS))
    numbers = np.searchsorted(begins, digits, "right") - 1
    negations = [np.flatnonzero(codes == code) for code in _codes_of_negations()]
    return HashedWords(codes, np.searchsorted(begins, bounds), np.unique(np.concatenate([numbers, *negations])))


def _words_in_bytes(text: str) -> bytes:
    """Bytes in which the words of words_of() stand between others that belong to no word."""
    if text.isascii():
        return text.encode()
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _OTHER_DIGIT.search(plain):
        plain = _OTHER_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), plain)
    if UNSPACED.search(plain):
        words = words_of(plain)
        plain = " ".join(words) if words != [plain.strip()] else plain
    return _NO_WORD.sub(" ", plain).encode()


def _codes_of_negations() -> list[np.uint64]:
    import numpy as np

    begins = np.arange(len(_NEGATIONS)) * 8
    letters = b"".join(word.encode().ljust(8, b"\0") for word in _NEGATIONS)
    return list(_codes(letters, begins, np.array([len(word) for word in _NEGATIONS])))


def _codes(letters: bytes, begins: Numbers, lengths: Numbers) -> Codes:
    """A number for each word, eight of its bytes at a time; words of up to eight bytes never share one."""
    import numpy as np
    from xxhash import xxh3_64_intdigest

    eights = np.ndarray((len(letters) - 7,), np.dtype("<u8"), letters, strides=(1,))
    masks = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
    codes = stirred(eights[begins] & masks[np.minimum(lengths, 8)])
    longer = np.flatnonzero(lengths > 8)
    for start in range(8, _LONG_WORD, 8):
        part = eights[begins[longer] + start] & masks[np.minimum(lengths[longer] - start, 8)]
        codes[longer] = stirred(codes[longer] * np.uint64(_FACTORS[1]) + part)
        longer = longer[lengths[longer] > start + 8]
    for word in longer.tolist():
        codes[word] = xxh3_64_intdigest(letters[begins[word] : begins[word] + lengths[word]])
    return codes
