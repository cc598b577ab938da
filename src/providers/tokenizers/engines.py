"""What turns a text into a number of tokens: vocabularies for tiktoken, and the estimates that stand in for others."""

from __future__ import annotations

from src.providers.tokenizers.counting_process import CountingProcess
from src.providers.tokenizers.vocabularies import vocabulary_file
from src.providers.tokenizers.vocabulary_counter import Count, load_counter

# How a text is cut into words before they are looked up. OpenAI's are those of tiktoken_ext/openai_public.py (tiktoken
# 0.14.0; a test compares them with the installed version's). Meta's has possessive quantifiers, which match the same
# and cannot backtrack.
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
}


def load_vocabulary(name: str) -> Count:
    """Counts exactly as the model with this vocabulary does; special tokens in the text count as plain text.

    Llama's, too, is counted by tiktoken and not by quicktok, which brings the file: 588 of its tokens cannot be
    reached by merges alone, where quicktok's counter comes out too low.
    """
    return load_counter(vocabulary_file(name), name, PATTERNS[name])


def start_counting(name: str) -> CountingProcess:
    """The same in a process of its own. Raises OSError when it cannot be started."""
    return CountingProcess(vocabulary_file(name), name, PATTERNS[name])


def count_thirds(text: str) -> int:
    """A third of the characters: how AWS's own data_validation.py for Claude 3 Haiku estimates a text."""
    return len(text) // 3
