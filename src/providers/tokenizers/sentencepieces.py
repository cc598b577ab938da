"""SentencePiece tokenizers, word by word: Mistral's before tekken and Gemma's.

No piece of theirs has white space behind other characters (checked over all pieces, 2026-11-21; Gemma's ">\u2581</" is
the one exception), so the tokens of a text are those of its words, each with the white space before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from src.providers.tokenizers.chunk_memory import ChunkCounter
from src.providers.tokenizers.cores import core_count

# SentencePiece's own sign for a space. A text that holds it is counted whole.
_SPACE_SIGN = "\u2581"
_SURROGATES = re.compile("[\ud800-\udfff]")
_BYTES_FOR_THREADS = 20_000


class _SentencePieces(ChunkCounter):
    """What the two have in common. `model` is a verified SentencePiece model file."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(model))

    def encoded_lengths(self, texts: Sequence[str]) -> list[int]:
        """The tokens SentencePiece makes of each text; a half of a surrogate pair counts as U+FFFD does."""
        if any(not text.isascii() and _SURROGATES.search(text) for text in texts):
            texts = [_SURROGATES.sub("\ufffd", text) for text in texts]
        threads = core_count() if sum(map(len, texts)) > _BYTES_FOR_THREADS else 1
        return list(map(len, self._processor.encode(list(texts), num_threads=threads)))


class MistralPieces(_SentencePieces):
    """Counts texts as Mistral's v1 to v7 do: with a space put before each text, and a newline as a token of its own."""

    _find = staticmethod(re.compile(r"[ \n]*[^ \n]+|[ \n]+").findall)

    def chunks_of(self, text: str) -> list[str]:
        """Of the text with the space before it."""
        if not text:
            return []
        found: list[str] = [" " + text] if _SPACE_SIGN in text else self._find(" " + text)
        return found

    def count_chunks(self, chunks: Sequence[str]) -> list[int]:
        """SentencePiece puts a space before each chunk: the one it has anyway, or one too many before a newline."""
        lengths = self.encoded_lengths([chunk[1:] if chunk[0] == " " else chunk for chunk in chunks])
        spaces = (1 if chunk == " " else 0 if chunk[0] == " " else -1 for chunk in chunks)
        return [length + space for length, space in zip(lengths, spaces, strict=True)]


class GemmaPieces(_SentencePieces):
    """Counts texts as Gemma 3 does. White space runs are tokens of their own; nothing is put before a text."""

    _find = staticmethod(re.compile(r"[ \n\t]*[^ \n\t]+(?: (?<=> )</[^ \n\t]*)*|[ \n\t]+").findall)

    def chunks_of(self, text: str) -> list[str]:
        found: list[str] = [text] if _SPACE_SIGN in text else self._find(text)
        return found

    def count_chunks(self, chunks: Sequence[str]) -> list[int]:
        return self.encoded_lengths(chunks)
