"""Turn the bytes of a text file into text, block by block, finding out on the way how it is encoded."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from src.errors import IngestionError
from src.ingestion.pieces import Remarks
from src.ingestion.text.legacy_encodings import guess_codec

BLOCK = 1 << 18
_SAMPLE = 1 << 16
# More undecodable bytes than this and the text is not what it was taken for.
_MOST_REPLACED = 0.01
# UTF-32's marks begin like UTF-16's, so they come first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# The escape sequences by which ISO 2022 (RFC 1468, 1554, 1557) changes its character set.
_ESCAPES = (
    (b"\x1b$)C", ("iso2022_kr",)),
    (b"\x1b$", ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext")),
    (b"\x1b(J", ("iso2022_jp", "iso2022_jp_3")),
)
_PLAIN_CONTROLS = frozenset(b"\t\n\v\f\r\x1b\b")
# Codecs of Python that no document is in; punycode takes time with the square of the length.
_NO_CODECS_OF_TEXT = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}
_AS_CP1252 = "ftdb-as-cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Western ones: such lines were pasted from another file."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


# An error handler can only be handed to a decoder by name.
codecs.register_error(_AS_CP1252, _as_cp1252)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec a text is decoded with, and how.

    `guessed` when neither a mark nor the bytes themselves prove it. `odd` bytes did not fit the codec.
    """

    codec: str
    guessed: bool = False
    errors: str = "strict"
    odd: int = 0


def text_blocks(path: Path, remarks: Remarks) -> Iterator[str]:
    """The file's text in blocks of a quarter of a megabyte, read once. Raises IngestionError, also in the middle."""
    with open_regular(path) as file:
        decoder = TextDecoder(path.name)
        while block := file.read(BLOCK):
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    tell_encoding(decoder.encoding, remarks)


def decoded(content: bytes, name: str, remarks: Remarks, codec: str = "") -> str:
    """Text that is already in memory. `codec` is what its source says it is; a wrong one is found out."""
    has_mark = content.startswith(tuple(mark for mark, _ in _MARKS))
    if codec and not has_mark and codec.lower().replace("-", "_") not in _NO_CODECS_OF_TEXT:
        try:
            return content.decode(codec)
        except (LookupError, ValueError):
            pass  # a codec that does not exist, or is not the one the text is written in
    decoder = TextDecoder(name)
    text = decoder.decode(content, final=True)
    tell_encoding(decoder.encoding, remarks)
    return text


def decoded_head(head: bytes) -> str:
    """The first bytes of a text file as text good enough to tell its kind by; nothing is guessed."""
    codec = codec_shown_by(head)
    if codec:
        return head.decode(codec, "ignore").removeprefix("\ufeff")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("latin-1")


def looks_binary(head: bytes) -> bool:
    """Whether the first bytes are too full of control characters to be text in any encoding."""
    if codec_shown_by(head):
        return False
    controls = len(head) - len(head.translate(None, bytes(b for b in range(32) if b not in _PLAIN_CONTROLS)))
    return controls > max(3, 0.1 * len(head))


def tell_encoding(encoding: Encoding, remarks: Remarks) -> None:
    """Note a guess; warn of bytes that did not fit."""
    if encoding.guessed:
        remarks.note(f"not UTF-8; read as {encoding.codec} (a guess). If letters look wrong, save it as UTF-8.")
    amount = f"{encoding.odd:,} byte{'s' * (encoding.odd > 1)}"
    if encoding.odd and encoding.errors == _AS_CP1252:
        remarks.warn(
            f"mixed encodings: read as Western (cp1252) letters where it is not UTF-8 ({amount}). "
            "If they look wrong, save it as UTF-8."
        )
    elif encoding.odd:
        remarks.warn(
            f"replacement characters where it cannot be read as {encoding.codec} ({amount}). "
            "Save it as UTF-8 if that text matters."
        )


def open_regular(path: Path) -> BinaryIO:
    """The open file. Raises IngestionError for a pipe, a folder and what cannot be opened."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"{path.name} cannot be opened ({reason}); check the file and its permissions."
        raise IngestionError(message, "unreadable") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        message = f"{path.name} is not a regular file; put a copy of the document here."
        raise IngestionError(message, "unreadable")
    return os.fdopen(descriptor, "rb")


def codec_shown_by(head: bytes) -> str:
    """The codec that a byte-order mark, the places of zero bytes, or ISO-2022 escapes show; else ""."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    return _wide_without_mark(head) or _iso_2022(head)


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 or UTF-32 by the zero bytes of its letters, line breaks and spaces."""
    if b"\0" not in head:
        return ""
    head = head[: len(head) // 4 * 4] or head[:2]
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and min(head[2::4].count(0), head[3::4].count(0)) > 0.2 * half:
        return _if_it_fits(head, "utf-32-le")
    if len(head) >= 8 and min(head[0::4].count(0), head[1::4].count(0)) > 0.2 * half:
        return _if_it_fits(head, "utf-32-be")
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    # Chinese or Japanese: only spaces and line breaks have a zero byte, always on the same side, and the rest,
    # unlike text with a few stray zeros, is no UTF-8.
    if min(even, odd) == 0 and _is_no_utf8(head):
        return _if_it_fits(head, "utf-16-le" if odd else "utf-16-be")
    return ""


def _is_no_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return True
    return False


def _if_it_fits(head: bytes, codec: str) -> str:
    try:
        text = codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return ""
    strange = sum(not char.isprintable() and char not in "\t\n\r\f\ufeff" for char in text)
    return codec if strange <= 0.01 * len(text) else ""


def _iso_2022(head: bytes) -> str:
    if b"\x1b" not in head or not head.isascii():
        return ""
    for escape, candidates in _ESCAPES:
        if escape in head:
            return next((codec for codec in candidates if _accepts(codec, head)), "")
    return ""


def _accepts(codec: str, sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeError:
        return False
    return True


class TextDecoder:
    """Decodes one text given in blocks, in a single pass.

    Starts with what the first block shows, else UTF-8. At the first byte that is not UTF-8 it decides between a
    mixture (UTF-8 with Western bytes here and there) and another encoding, which it guesses: what came before
    was plain ASCII then, the same in both. Bytes that do not fit a guess are replaced and counted in
    `encoding.odd`. Raises IngestionError when there are too many of them.
    """

    def __init__(self, name: str) -> None:
        self.encoding = Encoding("")
        self._name = name
        self._decoder: codecs.IncrementalDecoder | None = None
        self._only_ascii = True
        self._characters = 0

    def decode(self, block: bytes, final: bool = False) -> str:
        if self._decoder is None:
            self._use(Encoding(codec_shown_by(block[:_SAMPLE]) or "utf-8"))
        assert self._decoder is not None
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(block, final)
        except UnicodeDecodeError:
            text = self._decode_otherwise(state, block, final)
        self._only_ascii = self._only_ascii and text.isascii()
        self._characters += len(text)
        if self.encoding.errors == "replace" and text:
            self._add_odd(text.count("\ufffd"))
        if final and self.encoding.errors == "replace":
            self._refuse_garbage()
        return text

    def _use(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)

    def _add_odd(self, number: int) -> None:
        now = self.encoding
        self.encoding = Encoding(now.codec, now.guessed, now.errors, now.odd + number)

    def _refuse_garbage(self) -> None:
        if self.encoding.odd > max(3, _MOST_REPLACED * self._characters):
            raise IngestionError(f"{self._name} is in an unknown character encoding; save a copy as UTF-8.")

    def _decode_otherwise(self, state: tuple[bytes, int], block: bytes, final: bool) -> str:
        assert self._decoder is not None
        pending = state[0] + block
        if self.encoding.codec == "utf-8" and self.encoding.errors == "strict":
            if not self._only_ascii or _is_mostly_utf8(pending):
                return self._decode_mixed(pending, final)
            self._use(_guess(pending))
            return self._decoder.decode(pending, final)
        # The codec was shown or guessed and held until here.
        self._use(Encoding(self.encoding.codec, self.encoding.guessed, "replace"))
        if self._decoder.getstate()[1] != state[1]:
            self._decoder.setstate((b"", state[1]))
        return self._decoder.decode(pending, final)

    def _decode_mixed(self, pending: bytes, final: bool) -> str:
        self._use(Encoding("utf-8", errors=_AS_CP1252))
        self._decoder = _MixedDecoder(self._add_odd)
        return self._decoder.decode(pending, final)


class _MixedDecoder(codecs.BufferedIncrementalDecoder):
    """UTF-8 with Western bytes in between, which are counted."""

    def __init__(self, count: Callable[[int], None]) -> None:
        super().__init__()
        self._count = count

    def _buffer_decode(self, content: bytes, errors: str, final: bool) -> tuple[str, int]:  # type: ignore[override]
        text, used = codecs.utf_8_decode(content, _AS_CP1252, final)
        self._count(used - len(content[:used].decode("utf-8", "ignore").encode()))
        return text, used


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether there are many UTF-8 sequences beside the bytes that are none: a legacy text has hardly any."""
    sound = content.decode("utf-8", "ignore")
    beyond_ascii = sum(map(sound.count, {char for char in sound if char > "\x7f"}))
    return 3 * beyond_ascii >= len(content) - len(sound.encode())


def _guess(content: bytes) -> Encoding:
    """The codec that the first text beyond ASCII seems to be in, strict when it fits all of `content`."""
    sample = _sample_beyond_ascii(content)
    codec = guess_codec(sample)
    return Encoding(codec, guessed=True, errors="strict" if _accepts(codec, content) else "replace")


def _sample_beyond_ascii(content: bytes) -> bytes:
    first = next(at for at, byte in enumerate(content) if byte > 127)
    begin = max(content.rfind(b"\n", 0, first) + 1, first - _SAMPLE // 2)
    sample = content[begin : begin + _SAMPLE]
    if begin + _SAMPLE >= len(content):
        return sample
    # A letter of several bytes that is cut off would rule out the right codec.
    return sample[: sample.rfind(b"\n") + 1] or sample
