"""The official vocabulary files of OpenAI and Llama 3.1, rebuilt from the quicktok-v1 wheel: nothing is downloaded.

The wheel holds each vocabulary as: u32 count, then per token u16 length, its bytes, u32 rank (little endian).
The official files hold one "base64 rank" line a token in rank order. The checksums are those of the official
files: OpenAI's stand in tiktoken_ext/openai_public.py (tiktoken 0.14.0), Meta's is that of tokenizer.model in
llama-models 0.3.0; read 2026-11-21.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from src.config.environment import cache_folder
from src.errors import UsageError

_OPENAI_URL = "https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One official file: its member in the wheel, its name in the cache, its checksum."""

    wheel_file: str
    cache_name: str
    sha256: str


def _tiktoken_cache_name(encoding: str) -> str:
    """The name under which tiktoken looks for an encoding in its cache."""
    return hashlib.sha1(_OPENAI_URL.format(name=encoding).encode(), usedforsecurity=False).hexdigest()


VOCABULARIES: dict[str, Vocabulary] = {
    "o200k_base": Vocabulary(
        "o200k.vocab",
        _tiktoken_cache_name("o200k_base"),
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": Vocabulary(
        "cl100k.vocab",
        _tiktoken_cache_name("cl100k_base"),
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    "llama3": Vocabulary(
        "llama3.vocab",
        "llama3.tiktoken",
        "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
    ),
}


def vocabulary_file(name: str) -> Path:
    """The path of a verified vocabulary file in the cache, built on first use.

    Safe with several processes at once: each writes its own file and moves it into place whole.
    Raises UsageError when the cache cannot be written or the wheel's data is not what it should be.
    """
    vocabulary = VOCABULARIES[name]
    path = cache_folder() / "tiktoken" / vocabulary.cache_name
    try:
        if not _is_official(path, vocabulary):
            _write_whole(path, _official_bytes(vocabulary))
    except OSError as error:
        raise UsageError(
            f"the token vocabulary cannot be kept in {path.parent}: {error.strerror}; "
            "set FTDB_CACHE_DIR to a folder you may write to."
        ) from error
    return path


def _is_official(path: Path, vocabulary: Vocabulary) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == vocabulary.sha256


def _official_bytes(vocabulary: Vocabulary) -> bytes:
    content = b"".join(
        base64.b64encode(token) + b" %d\n" % rank for rank, token in sorted(_wheel_tokens(vocabulary.wheel_file))
    )
    if hashlib.sha256(content).hexdigest() != vocabulary.sha256:
        raise UsageError(
            f"{vocabulary.wheel_file} of the installed quicktok-v1 does not give the official vocabulary; "
            "run: pip install --force-reinstall -r requirements.txt"
        )
    return content


def _wheel_tokens(wheel_file: str) -> Iterator[tuple[int, bytes]]:
    """(rank, bytes) of each token."""
    from importlib.resources import files

    packed = (files("quicktok") / "data" / wheel_file).read_bytes()
    (count,) = struct.unpack_from("<I", packed)
    position = 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", packed, position)
        token = packed[position + 2 : position + 2 + length]
        position += 2 + length
        (rank,) = struct.unpack_from("<I", packed, position)
        position += 4
        yield rank, token


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
