"""Find out how a text file is encoded, reading it in blocks so that size does not matter."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from src.errors import IngestionError

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
# UTF-32's marks begin like UTF-16's, so they come first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_PLAIN_CONTROLS = frozenset(b"\t\n\v\f\r\x1b\b")


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec to open the file with. `guessed` when neither a mark nor the bytes themselves prove it."""

    codec: str
    guessed: bool = False


def find_encoding(path: Path) -> Encoding:
    """The encoding of a text file: byte-order mark, UTF-16 by its zero bytes, strict UTF-8, else a guess.

    A guess that cannot decode the whole file is refused with an IngestionError.
    """
    head = _head(path)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec)
    wide = utf16_without_mark(head)
    if wide:
        return Encoding(wide)
    if _decodes(path, "utf-8"):
        return Encoding("utf-8")
    guess = _guess(head)
    if not guess or not _decodes(path, guess):
        raise IngestionError(f"{path.name} is in an unknown character encoding; save a copy as UTF-8.")
    return Encoding(guess, guessed=True)


def utf16_without_mark(head: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" when zero bytes stand at every second place, else ""."""
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def looks_binary(head: bytes) -> bool:
    """Whether the first bytes are too full of control characters to be text in any encoding."""
    if head.startswith(tuple(mark for mark, _ in _MARKS)) or utf16_without_mark(head):
        return False
    controls = sum(byte < 32 and byte not in _PLAIN_CONTROLS for byte in head)
    return controls > max(3, 0.1 * len(head))


def encoding_note(encoding: Encoding) -> tuple[str, ...]:
    """What the user should know about a guessed encoding."""
    if not encoding.guessed:
        return ()
    return (f"not UTF-8; read as {encoding.codec} (a guess). If letters look wrong, save it as UTF-8.",)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SAMPLE)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeError:
        return False
    return True


def _guess(head: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(head).best()
    # cp1252 is what most Western files without a mark are; charset-normalizer may find nothing in a short one.
    return best.encoding if best else "cp1252"
