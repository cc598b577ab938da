"""The words of many texts as numbers of 64 bits, all at once: one Python step a word would take four times as long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xxhash import xxh3_64_intdigest

from src.analysis.hashing import stirred
from src.analysis.words import words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"\w")
_SPACE = 32
# Lower-case letters, digits and "_" stand as they are, as do the bytes of other characters; the rest divides words.
_PLAIN = bytes(
    code if code > 127 else ord(chr(code).lower()) if _WORD.match(chr(code)) else _SPACE for code in range(256)
)
_LONG = 64  # bytes


@dataclass(frozen=True, slots=True)
class Words:
    """The words one after the other: `hashes` of each, and how many each text has. Equal words have equal hashes."""

    hashes: NDArray[np.uint64]
    in_text: NDArray[np.int64]
    _bytes: bytes
    _starts: NDArray[np.int64]
    _ends: NDArray[np.int64]

    def word(self, place: int) -> str:
        return self._bytes[self._starts[place] : self._ends[place]].decode("utf-8", "surrogatepass")

    def different(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The place of the first of each different word, and how often it occurs."""
        import numpy as np

        # The lowest bits of each hash give way to its place: sorted, the first of equal words then says where it is.
        bits = np.uint64(max(1, len(self.hashes)).bit_length())
        keys = self.hashes >> bits << bits | np.arange(len(self.hashes), dtype=np.uint64)
        keys.sort()
        other = keys >> bits
        new = np.flatnonzero(np.append(True, other[1:] != other[:-1])[: len(other)])
        places = keys[new] & ((np.uint64(1) << bits) - np.uint64(1))
        return places.astype(np.int64), np.diff(np.append(new, len(keys)))


def number_words(texts: Sequence[str]) -> Words:
    """The words of the texts as src.analysis.words finds them; a text of other signs has none."""
    import numpy as np

    encoded = [_encoded(text) for text in texts]
    # Spaces around all of it, so that every word has an edge on both sides and eight bytes can be read at its start.
    plain = b" " + b" ".join(encoded).translate(_PLAIN) + b" " * 8
    is_word = np.frombuffer(plain, np.uint8) != _SPACE
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    text_ends = np.cumsum([len(text) + 1 for text in encoded])
    in_text = np.diff(np.searchsorted(starts, text_ends, "right"), prepend=0)
    return Words(_hashes(plain, starts, ends), in_text, plain, starts, ends)


def _encoded(text: str) -> bytes:
    if text.isascii():
        return text.encode("ascii")
    return " ".join([word for word in words_of(text) if _WORD.search(word)]).encode("utf-8", "surrogatepass")


def _hashes(plain: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Words of up to eight bytes have different hashes for certain, longer ones as good as."""
    import numpy as np

    eight = np.ndarray((len(plain) - 7,), "<u8", plain, strides=(1,))
    lengths = ends - starts
    hashes = stirred(eight[starts] & _mask(lengths))
    for done in range(8, _LONG, 8):
        longer = np.flatnonzero(lengths > done)
        if not len(longer):
            break
        more = eight[starts[longer] + done] & _mask(lengths[longer] - done)
        hashes[longer] = stirred(hashes[longer] ^ more)
    for place in np.flatnonzero(lengths > _LONG).tolist():
        hashes[place] = xxh3_64_intdigest(plain[starts[place] : ends[place]])
    return hashes


def _mask(lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Ones for the first bytes, at most eight."""
    import numpy as np

    unused = 8 * (8 - np.minimum(lengths, 8))
    ones: NDArray[np.uint64] = np.full(len(lengths), 0xFFFFFFFFFFFFFFFF, np.uint64)
    return ones >> unused.astype(np.uint64)
