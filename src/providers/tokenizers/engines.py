"""What turns a text into a number of tokens: tiktoken encodings, and the estimates that stand in for the others."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from src.providers.tokenizers.vocabularies import vocabulary_file

if TYPE_CHECKING:
    import tiktoken

Count = Callable[[str], int]

# tiktoken's regular expressions run out of stack inside one run of white space (seen at 1,000,000 spaces with
# o200k_base, tiktoken 0.14.0, 2026-11-21), so longer runs are cut here; each cut can add a token.
_LONGEST_GAP = 50_000
_GAP = re.compile(r"\s+")
# The patterns of tiktoken_ext/openai_public.py (tiktoken 0.14.0); a test compares them with the installed version's.
OPENAI_PATTERNS = {
    "o200k_base": (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
}
# Meta's pattern with possessive quantifiers, which match the same and cannot backtrack.
_LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s*[\r\n]++|\s+(?!\S)|\s++"
)


def load_openai(name: str) -> Count:
    """Counts exactly as OpenAI's encoding `name` does; special tokens in the text count as plain text."""
    return _load(name, OPENAI_PATTERNS[name])


def load_llama3() -> Count:
    """Counts exactly as Meta's tokenizer does.

    tiktoken on Meta's ranks, not quicktok's own counter: 588 of the tokens cannot be reached by merges alone,
    where that counter comes out too low.
    """
    return _load("llama3", _LLAMA3_PATTERN)


def _load(name: str, pattern: str) -> Count:
    """tiktoken on a verified vocabulary file.

    Not tiktoken's own loader: it would look for the file on the network, and it needs 20 MB more for a moment.
    """
    path = vocabulary_file(name)
    import tiktoken

    ranks: dict[bytes, int] = {}
    with path.open("rb") as lines:
        while block := lines.readlines(1 << 20):
            words = b"".join(block).split()
            ranks.update(zip(map(a2b_base64, words[::2]), map(int, words[1::2]), strict=True))
    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    # The Python copy of the vocabulary, 25 MB, is kept for pickling only.
    encoding._mergeable_ranks = {}
    return _counting(encoding)


def count_thirds(text: str) -> int:
    """A third of the characters: how AWS's own data_validation.py for Claude 3 Haiku estimates a text."""
    return len(text) // 3


def _counting(encoding: tiktoken.Encoding) -> Count:
    def count(text: str) -> int:
        return sum(len(encoding.encode_ordinary(piece)) for piece in _without_huge_gaps(text))

    return count


def _without_huge_gaps(text: str) -> Iterator[str]:
    """The text, whole unless it holds a run of white space long enough to break the tokenizer."""
    start = 0
    if len(text) > _LONGEST_GAP:
        for gap in _GAP.finditer(text):
            for cut in range(gap.start() + _LONGEST_GAP, gap.end(), _LONGEST_GAP):
                yield text[start:cut]
                start = cut
    yield text[start:]
