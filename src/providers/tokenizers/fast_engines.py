"""toktok-rs and quicktok: exact counts five times as fast as tiktoken's, where they are installed and can be trusted.

They and tiktoken 0.14.0 do not know the same Unicode: with characters that are new in version 17 they cut some texts
otherwise (a sweep over all characters, 2026-11-21: 383 of them with o200k_base, 341 with cl100k_base, none of older
versions). Texts that hold one are left to tiktoken, which is what the provider names.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import filterfalse
from pathlib import Path
from typing import Any

from src.providers.tokenizers.cores import core_count
from src.providers.tokenizers.vocabularies import packaged_file, read_vocabulary, vocabulary_file

# From so many texts on they are searched all at once first.
MANY_TEXTS = 64
CountTexts = Callable[[Sequence[str]], list[int]]

# The blocks of the characters that Unicode 17 brought, in UTF-8. Each kind is looked for by the byte it starts with.
_NEW_CHARACTERS = (
    (b"\xe0", re.compile(rb"\xe0(?:\xa2\x8f|\xb1\x9c|\xb3\x9c)")),  # U+088F, U+0C5C, U+0CDC
    (b"\xe1", re.compile(rb"\xe1\xab")),  # U+1ACF to U+1AEB
    (b"\xea", re.compile(rb"\xea\x9f")),  # U+A7CE to U+A7F1
    (
        b"\xf0",  # U+10940 to U+10EFB, U+11B60 to U+11DE9, U+16EA0 to U+16FF6, U+187F8 to U+18DF2, U+1E6C0 to U+1E6FF
        re.compile(rb"\xf0(?:\x90[\xa5\xbb]|\x91[\xad\xb6\xb7]|\x96[\xba\xbb\xbf]|\x98[\x9f\xb4\xb6\xb7]|\x9e\x9b)"),
    ),
)


def fast_engine(name: str, exact: CountTexts) -> CountTexts | None:
    """The fastest engine for a vocabulary, None where there is none. `exact` counts what it is not trusted with."""
    for load in (_load_toktok, _load_quicktok):
        with suppress(ImportError):
            fast = load(name)
            if fast is not None:
                return _Guarded(fast, exact)
    return None


class _Guarded:
    """A fast engine, and the exact one for the texts with characters that it does not know."""

    def __init__(self, fast: CountTexts, exact: CountTexts) -> None:
        self._fast = fast
        self._exact = exact

    def __call__(self, texts: Sequence[str]) -> list[int]:
        try:
            counts = self._fast(texts)
        except (UnicodeEncodeError, TypeError):  # half a surrogate pair in one of them
            return self([_mended(text) for text in texts])
        left = _with_new_characters(texts)
        for place, count in zip(left, self._exact([texts[place] for place in left]), strict=True):
            counts[place] = count
        return counts


def _mended(text: str) -> str:
    """The text as tiktoken takes it: half a surrogate pair is U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _with_new_characters(texts: Sequence[str]) -> list[int]:
    """The places of the texts that hold one. They are rare, so many texts are searched all at once first.

    The engine has had the texts in UTF-8 before, and Python keeps that, so encoding them again costs next to nothing.
    """
    if len(texts) >= MANY_TEXTS:
        foreign = b"".join(map(str.encode, filterfalse(str.isascii, texts)))
        if not _has_new_character(foreign):
            return []
    return [place for place, text in enumerate(texts) if not text.isascii() and _has_new_character(text.encode())]


def _has_new_character(content: bytes) -> bool:
    return any(first in content and new.search(content) for first, new in _NEW_CHARACTERS)


def _load_toktok(name: str) -> CountTexts | None:
    if name not in ("o200k_base", "cl100k_base"):
        return None
    import toktok

    return lambda texts: toktok.batch_count(texts, name)


def _load_quicktok(name: str) -> CountTexts | None:
    if name not in ("o200k_base", "cl100k_base", "tekken"):
        return None
    import quicktok

    encoding = _tekken() if name == "tekken" else quicktok.get_encoding(name)
    return lambda texts: quicktok.count_batch(encoding, texts, core_count()).tolist()


def _tekken() -> Any:
    """quicktok with Mistral's tekken, from files written in quicktok's own way for as long as it reads them."""
    import quicktok

    tokens = sorted(read_vocabulary(vocabulary_file("tekken")).items(), key=lambda item: item[1])
    packed = [struct.pack("<H", len(token)) + token + struct.pack("<I", rank) for token, rank in tokens]
    with tempfile.TemporaryDirectory(prefix="ftdb-tekken-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "tekken.vocab").write_bytes(struct.pack("<I", len(packed)) + b"".join(packed))
        (folder / "tekken.special").write_bytes(struct.pack("<I", 0))
        (folder / "tekken.enc").write_text("scanner=tekken\n", encoding="utf-8")
        shutil.copy(packaged_file("quicktok", "data/uniclass_o200k.bin"), folder)
        return quicktok.Tokenizer("tekken", str(folder))
