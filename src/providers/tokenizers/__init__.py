"""The tokenizers by the id a model's facts give: what counts for it, and how far to trust the figure.

To make an estimated one exact, give it its own loader here; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from src.providers.tokenizers.engines import count_thirds, load_vocabulary
from src.providers.tokenizers.vocabulary_counter import Count

Exactness = Literal["exact", "reconstructed", "assumed", "estimated"]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """`counts_with` is the id of what really counts; `note` says how far off it may be ("" when exact).

    `vocabulary` names the vocabulary that `load` reads, "" where it reads none.
    """

    counts_with: str
    exactness: Exactness
    note: str
    load: Callable[[], Count]
    vocabulary: str = ""


def _estimated_by_o200k(own: str) -> Tokenizer:
    note = f"o200k_base stands in for {own}; how far the figures differ has not been measured"
    return Tokenizer("o200k_base", "estimated", note, partial(load_vocabulary, "o200k_base"), "o200k_base")


TOKENIZERS: dict[str, Tokenizer] = {
    "o200k_base": Tokenizer("o200k_base", "exact", "", partial(load_vocabulary, "o200k_base"), "o200k_base"),
    "cl100k_base": Tokenizer("cl100k_base", "exact", "", partial(load_vocabulary, "cl100k_base"), "cl100k_base"),
    "llama3": Tokenizer("llama3", "exact", "", partial(load_vocabulary, "llama3"), "llama3"),
    "gemma3": _estimated_by_o200k("Gemini's tokenizer (gemma3)"),
    "gemma4": _estimated_by_o200k("Gemini's tokenizer (gemma4)"),
    "mistral-v1": _estimated_by_o200k("Mistral's SentencePiece v1"),
    "mistral-v3": _estimated_by_o200k("Mistral's SentencePiece v3"),
    "mistral-tekken": _estimated_by_o200k("Mistral's tekken"),
    "claude-3": Tokenizer(
        "characters/3",
        "estimated",
        "Claude's tokenizer is not public; a third of the characters is the estimate of AWS's own validation script",
        lambda: count_thirds,
    ),
}
