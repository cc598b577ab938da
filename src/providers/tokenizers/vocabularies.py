"""Vocabulary files for tiktoken, rebuilt from what installed packages hold: nothing is downloaded.

Those of OpenAI and Llama 3.1 come from the quicktok-v1 wheel, which holds each as: u32 count, then per token u16
length, its bytes, u32 rank (little endian). The official files hold one "base64 rank" line a token in rank order. The
checksums are those of the official files: OpenAI's stand in tiktoken_ext/openai_public.py (tiktoken 0.14.0), Meta's is
that of tokenizer.model in llama-models 0.3.0; read 2026-11-21. Mistral's tekken is the first 130,072 tokens of
tekken_240718.json in mistral_common, written in the same way; its checksum is that of the lines so written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from src.config.environment import cache_folder
from src.errors import UsageError

_OPENAI_URL = "https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One vocabulary: the package and the file in it, its name in the cache, its checksum there."""

    package: str
    packaged: str
    cache_name: str
    sha256: str


def _tiktoken_cache_name(encoding: str) -> str:
    """The name under which tiktoken looks for an encoding in its cache."""
    return hashlib.sha1(_OPENAI_URL.format(name=encoding).encode(), usedforsecurity=False).hexdigest()


VOCABULARIES: dict[str, Vocabulary] = {
    "o200k_base": Vocabulary(
        "quicktok",
        "data/o200k.vocab",
        _tiktoken_cache_name("o200k_base"),
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": Vocabulary(
        "quicktok",
        "data/cl100k.vocab",
        _tiktoken_cache_name("cl100k_base"),
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
    "llama3": Vocabulary(
        "quicktok",
        "data/llama3.vocab",
        "llama3.tiktoken",
        "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
    ),
    "tekken": Vocabulary(
        "mistral_common",
        "data/tekken_240718.json",
        "tekken.tiktoken",
        "64a081edb3cbb8639a4eea9a7135ab9a0467c50676c672b217ba655f4d50e127",
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


def read_vocabulary(path: Path) -> dict[bytes, int]:
    """The rank of each token in a vocabulary file."""
    words = path.read_bytes().split()
    return dict(zip(map(base64.b64decode, words[::2]), map(int, words[1::2]), strict=True))


def packaged_file(package: str, inner: str) -> Path:
    """A file of an installed package, which is not imported for it. Raises UsageError when it is not there."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inner
        if path.is_file():
            return path
    raise UsageError(f"{inner} of the package {package} is not here; run: pip install -r requirements.txt")


def _is_official(path: Path, vocabulary: Vocabulary) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == vocabulary.sha256


def _official_bytes(vocabulary: Vocabulary) -> bytes:
    packaged = packaged_file(vocabulary.package, vocabulary.packaged)
    tokens = _quicktok_tokens(packaged) if packaged.suffix == ".vocab" else _tekken_tokens(packaged)
    content = b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in sorted(tokens))
    if hashlib.sha256(content).hexdigest() != vocabulary.sha256:
        raise UsageError(
            f"{packaged.name} of the installed {vocabulary.package} does not give the official vocabulary; "
            "run: pip install --force-reinstall -r requirements.txt"
        )
    return content


def _quicktok_tokens(path: Path) -> Iterator[tuple[int, bytes]]:
    """(rank, bytes) of each token."""
    packed = path.read_bytes()
    (count,) = struct.unpack_from("<I", packed)
    position = 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", packed, position)
        token = packed[position + 2 : position + 2 + length]
        position += 2 + length
        (rank,) = struct.unpack_from("<I", packed, position)
        position += 4
        yield rank, token


def _tekken_tokens(path: Path) -> Iterator[tuple[int, bytes]]:
    """(rank, bytes) of each token that the tokenizer uses: those that its special tokens leave room for."""
    content = json.loads(path.read_text(encoding="utf-8"))
    used = content["config"]["default_vocab_size"] - content["config"]["default_num_special_tokens"]
    for token in content["vocab"][:used]:
        yield token["rank"], base64.b64decode(token["token_bytes"])


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
