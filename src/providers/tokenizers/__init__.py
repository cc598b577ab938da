"""The tokenizers by the id a model's facts give: what counts for it, and how far to trust the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.util import find_spec

from src.providers.tokenizers.engines import CountTexts, scaled, vocabulary_engine
from src.providers.tokenizers.frames.claude_frame import claude_frame
from src.providers.tokenizers.frames.framed import Exactness as Exactness
from src.providers.tokenizers.frames.framed import Frame
from src.providers.tokenizers.frames.google_frame import google_frame
from src.providers.tokenizers.frames.llama_frame import llama_frame
from src.providers.tokenizers.frames.mistral_frame import MistralFrame, Version
from src.providers.tokenizers.frames.openai_frame import OpenAIFrame
from src.providers.tokenizers.frames.pictures import mistral_pictures
from src.providers.tokenizers.gemma import is_gemma_here, verified_gemma
from src.providers.tokenizers.vocabularies import packaged_file

# The verb that fetches what no package brings.
FETCH = "python -m src.main tokenizers"
# Stand-ins were held against the real tokenizers on 1,640 pieces of 2,000 characters (2026-11-21): the help texts and
# modules of Python 3.11 and vim's tutor in 33 languages. `python -m benchmarks.tokens` measures part of it again.
_MEASURED = "on English, code and 33 languages it was off by {mean} %, at worst {low} to {high} of the true count"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """`counts_with` is the id of what really counts; `note` says how far off it may be ("" when exact).

    `frame` cuts an example into the texts to count. `vocabulary` names the one that tiktoken needs, "" where it needs
    none. `is_here` says whether what it counts with is on this machine; where not, `stand_in` takes its place.
    """

    counts_with: str
    exactness: Exactness
    note: str
    load: Callable[[], CountTexts]
    frame: Frame
    vocabulary: str = ""
    is_here: Callable[[], bool] = lambda: True
    stand_in: Tokenizer | None = None

    def resolved(self) -> Tokenizer:
        """This one or, where it is not here, the one that takes its place."""
        return self if self.stand_in is None or self.is_here() else self.stand_in


def _bpe(name: str, frame: Frame) -> Tokenizer:
    return Tokenizer(name, "exact", "", partial(vocabulary_engine, name), frame, name)


def _estimated(factor: float, note: str, frame: Frame) -> Tokenizer:
    name = "o200k_base" if factor == 1 else f"o200k_base x {factor:g}"
    return Tokenizer(name, "estimated", f"{name} stands in: {note}", partial(scaled, factor), frame)


def _assumed(tokenizer: Tokenizer, note: str) -> Tokenizer:
    return replace(tokenizer, exactness="assumed", note=note)


def _mistral(version: Version) -> Tokenizer:
    frame = MistralFrame(version)
    off = _MEASURED.format(mean=6, low=0.5, high=1.17)
    missing = f"sentencepiece or mistral-common is not installed (pip install -r requirements.txt); {off}"
    stand_in = _estimated(1.25, missing, frame)
    return Tokenizer(f"mistral-v{version}", "exact", "", _load_mistral, frame, is_here=_has_mistral, stand_in=stand_in)


def _load_mistral() -> CountTexts:
    from src.providers.tokenizers.sentencepieces import MistralPieces

    # Texts have the same tokens in v1, v2, v3 and v7 (measured 2026-11-21): only the marks around them differ.
    return MistralPieces(packaged_file("mistral_common", "data/mistral_instruct_tokenizer_240323.model.v3"))


def _load_gemma() -> CountTexts:
    from src.providers.tokenizers.sentencepieces import GemmaPieces

    return GemmaPieces(verified_gemma())


def _load_claude() -> CountTexts:
    from src.providers.tokenizers.claude import ClaudeEngine

    return ClaudeEngine()


def _has_mistral() -> bool:
    return _is_installed("sentencepiece") and _is_installed("mistral_common")


def _has_gemma() -> bool:
    return _is_installed("sentencepiece") and is_gemma_here()


def _has_claude() -> bool:
    return _is_installed("ctok")


@cache
def _is_installed(package: str) -> bool:
    return find_spec(package) is not None


_GEMMA = Tokenizer(
    "gemma3",
    "exact",
    "",
    _load_gemma,
    google_frame,
    is_here=_has_gemma,
    stand_in=_estimated(
        1.05,
        f"Gemini's tokenizer was not fetched yet; run: {FETCH}; {_MEASURED.format(mean=7, low=0.76, high=1.35)}",
        google_frame,
    ),
)
_CLAUDE = Tokenizer(
    "claude-3",
    "reconstructed",
    "Claude's tokenizer is not public; ctok rebuilt it from the figures of Anthropic's count endpoint, of which it "
    "gives all 2,514 recorded ones. How several turns are parted is not known",
    _load_claude,
    claude_frame,
    is_here=_has_claude,
    stand_in=_estimated(
        1.2,
        "ctok, the reconstruction of Claude's tokenizer, is not installed (it wants Python 3.12); "
        + _MEASURED.format(mean=6, low=0.68, high=1.16),
        claude_frame,
    ),
)
_TEKKEN = _bpe("tekken", MistralFrame(3))

TOKENIZERS: dict[str, Tokenizer] = {
    "o200k_base": _bpe("o200k_base", OpenAIFrame("o200k_base")),
    "cl100k_base": _bpe("cl100k_base", OpenAIFrame("cl100k_base")),
    "openai-unknown": _assumed(
        _bpe("o200k_base", OpenAIFrame("o200k_base")), "the model is not known; all since GPT-4o count with o200k_base"
    ),
    "llama3": _bpe("llama3", llama_frame),
    "gemma3": _GEMMA,
    "gemma4": _assumed(_GEMMA, "Gemini 3 counts with a tokenizer of its own (gemma4); gemma3 is the one before it"),
    "mistral-v1": _mistral(1),
    "mistral-v2": _mistral(2),
    "mistral-v3": _mistral(3),
    "mistral-v7": _mistral(7),
    "mistral-tekken": _TEKKEN,
    "mistral-pixtral": replace(_TEKKEN, frame=MistralFrame(3, mistral_pictures)),
    "mistral-tekken-newer": _assumed(
        replace(_TEKKEN, frame=MistralFrame(7)), "the model's own tekken is not published with mistral-common"
    ),
    "claude-3": _CLAUDE,
    "amazon-nova": _estimated(
        1, "Amazon publishes no tokenizer; how far the figures differ has not been measured", OpenAIFrame("o200k_base")
    ),
}
