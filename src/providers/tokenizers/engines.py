"""Count with one of tiktoken's vocabularies: plainly at first, with a faster engine once there is much text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from threading import Lock

from src.providers.tokenizers.cores import on_all_cores
from src.providers.tokenizers.counting_process import CountingProcess
from src.providers.tokenizers.fast_engines import fast_engine
from src.providers.tokenizers.vocabularies import vocabulary_file
from src.providers.tokenizers.vocabulary_counter import load_counter

CountTexts = Callable[[Sequence[str]], list[int]]

# From so many characters on, a fast engine's start (0.4 to 0.8 s of CPU time, measured 2026-11-21) is soon paid back.
MUCH_TEXT = 10_000_000

# How a text is cut into words before they are looked up. OpenAI's are those of tiktoken_ext/openai_public.py (tiktoken
# 0.14.0; a test compares them with the installed version's). Meta's has possessive quantifiers, which match the same
# and cannot backtrack. Mistral's stands in tekken_240718.json.
PATTERNS = {
    "o200k_base": (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "llama3": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s*[\r\n]++|\s+(?!\S)|\s++"
    ),
    "tekken": (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
}


class VocabularyEngine:
    """Counts exactly as the model with this vocabulary does; special tokens in a text count as plain text.

    Llama's is always counted by tiktoken: 588 of its tokens cannot be reached by merges alone, where the faster
    engines come out too low.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = load_counter(vocabulary_file(name), name, PATTERNS[name])
        self._seen = 0
        self._fast: CountTexts | None = None
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text."""
        if self._fast is not None:
            return self._fast(texts)
        self._seen += sum(map(len, texts))
        if self._seen <= MUCH_TEXT:
            return self._plainly(texts)
        with self._lock:
            self._fast = self._fast or fast_engine(self._name, self._plainly) or self._plainly
        return self._fast(texts)

    def _plainly(self, texts: Sequence[str]) -> list[int]:
        return on_all_cores(self._count, texts)


@cache
def vocabulary_engine(name: str) -> VocabularyEngine:
    """The one engine of a vocabulary: it takes 45 MB."""
    return VocabularyEngine(name)


def scaled(factor: float) -> CountTexts:
    """A stand-in for a tokenizer that is not here: `factor` times the count of o200k_base, rounded."""
    engine = vocabulary_engine("o200k_base")
    return lambda texts: [round(count * factor) for count in engine(texts)]


def start_counting(name: str) -> CountingProcess:
    """Count in a process of its own. Raises OSError when it cannot be started."""
    return CountingProcess(vocabulary_file(name), name, PATTERNS[name])
