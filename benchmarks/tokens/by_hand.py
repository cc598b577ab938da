"""Tokenizers written out plainly, to hold the fast ones against: byte-pair merging by rank, and SentencePiece's BPE."""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

_NORMAL, _USER_DEFINED = 1, 4
# New in Unicode 17, which `regex` knows and tiktoken 0.14.0 does not: to it they are no letters.
_NEW = [0x88F, 0xC5C, 0xCDC, *range(0x1ACF, 0x1AEC), *range(0xA7CE, 0xA7D5), 0xA7F1, *range(0x10940, 0x1095A)]
_NEW += [*range(0x10EC5, 0x10EC8), 0x10EFA, 0x10EFB, *range(0x11B60, 0x11B68), *range(0x11DB0, 0x11DEA)]
_NEW += [*range(0x16EA0, 0x16ED4), *range(0x16FF2, 0x16FF7), *range(0x187F8, 0x18800), *range(0x18D09, 0x18D1F)]
_NEW += [*range(0x18D80, 0x18DF3), *range(0x1E6C0, 0x1E700)]
_UNASSIGNED = dict.fromkeys(_NEW, "\u0378")


def by_rank(pattern: str, ranks: Mapping[bytes, int]) -> Callable[[str], int]:
    """tiktoken's rule: words by the pattern; a word that is a token is one, others are merged lowest rank first."""
    import regex

    words = regex.compile(pattern)

    @lru_cache(1 << 17)
    def tokens_of(word: str) -> int:
        content = word.encode()
        if content in ranks:
            return 1
        parts = [content[place : place + 1] for place in range(len(content))]
        merge_all(parts, ranks.get)
        return len(parts)

    def count(text: str) -> int:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return sum(tokens_of(text[slice(*found.span())]) for found in words.finditer(text.translate(_UNASSIGNED)))

    return count


def by_score(model: Path, space_before: bool) -> Callable[[str], int]:
    """SentencePiece's BPE: user-defined pieces first, then merging highest score first, what is left as bytes."""
    pieces = list(_pieces(model.read_bytes()))
    scores = {piece: -score for piece, score, kind in pieces if kind in (_NORMAL, _USER_DEFINED)}
    fixed = {piece for piece, _, kind in pieces if kind == _USER_DEFINED}
    longest = max(map(len, fixed), default=0)

    def count(text: str) -> int:
        if not text:
            return 0
        text = (" " + text if space_before else text).replace(" ", "\u2581")
        return sum(_spelled(part, scores) for part in _merged(_symbols(text, fixed, longest), scores))

    return count


def _pieces(model: bytes) -> Iterator[tuple[str, float, int]]:
    """Piece, score and type from a model file: fields 1, 2 and 3 of each field 1 (sentencepiece_model.proto)."""
    for number, message in _fields(model):
        if number == 1 and isinstance(message, bytes):
            fields = dict(_fields(message))
            (score,) = struct.unpack("<f", bytes(fields.get(2, bytes(4))))  # type: ignore[arg-type]
            yield bytes(fields[1]).decode(), score, int(fields.get(3, _NORMAL))  # type: ignore[arg-type]


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 == 0:
            value, at = _number(message, at)
            yield key >> 3, value
            continue
        size, at = (4, at) if key & 7 == 5 else _number(message, at)
        yield key >> 3, message[at : at + size]
        at += size


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (message[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 0x80:
            return value, at


def merge_all(parts: list[bytes], rank_of: Callable[[bytes], int | None]) -> None:
    """Merge neighbours in place, always the pair of the lowest rank and, of those, the first."""
    while len(parts) > 1:
        ranked = [(rank_of(parts[at] + parts[at + 1]), at) for at in range(len(parts) - 1)]
        best = min(((rank, at) for rank, at in ranked if rank is not None), default=None)
        if best is None:
            return
        at = best[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]


def _symbols(text: str, fixed: set[str], longest: int) -> list[tuple[str, bool]]:
    """Single characters, and user-defined pieces that nothing merges with."""
    symbols, at = [], 0
    while at < len(text):
        piece = next((text[at : at + size] for size in range(longest, 0, -1) if text[at : at + size] in fixed), "")
        symbols.append((piece or text[at], bool(piece)))
        at += len(piece) or 1
    return symbols


def _merged(symbols: Sequence[tuple[str, bool]], scores: Mapping[str, float]) -> list[str]:
    parts: list[str] = [text for text, _ in symbols]
    following = [*range(1, len(parts)), -1]
    before = list(range(-1, len(parts) - 1))
    waiting: list[tuple[float, int, int, int]] = []

    def offer(left: int, right: int) -> None:
        if left < 0 or right < 0 or symbols[left][1] or symbols[right][1]:
            return
        joined = parts[left] + parts[right]
        if joined in scores:
            heapq.heappush(waiting, (scores[joined], left, right, len(joined)))

    for left in range(len(parts) - 1):
        offer(left, left + 1)
    while waiting:
        _, left, right, size = heapq.heappop(waiting)
        if not parts[left] or not parts[right] or len(parts[left]) + len(parts[right]) != size:
            continue  # one of them was merged elsewhere since
        parts[left] += parts[right]
        parts[right] = ""
        following[left] = following[right]
        if following[left] >= 0:
            before[following[left]] = left
        offer(before[left], left)
        offer(left, following[left])
    return [part for part in parts if part]


def _spelled(part: str, pieces: Mapping[str, float]) -> int:
    """One piece, or a character's bytes."""
    return 1 if part in pieces else len(part.encode())
