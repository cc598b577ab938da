"""What turns a text into a number of tokens: tiktoken encodings, and the estimates that stand in for the others."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from src.config.environment import set_variable
from src.providers.tokenizers.vocabularies import vocabulary_file

if TYPE_CHECKING:
    import tiktoken

Count = Callable[[str], int]

# tiktoken's regular expressions run out of stack inside one run of white space (seen at 1,000,000 spaces with
# o200k_base, tiktoken 0.14.0, 2026-11-21), so longer runs are cut here; each cut can add a token.
_LONGEST_GAP = 50_000
_GAP = re.compile(r"\s+")
# Meta's pattern with possessive quantifiers, which match the same and cannot backtrack.
_LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s*[\r\n]++|\s+(?!\S)|\s++"
)


def load_openai(name: str) -> Count:
    """Counts exactly as OpenAI's encoding `name` does; special tokens in the text count as plain text."""
    folder = vocabulary_file(name).parent
    import tiktoken

    # tiktoken finds the verified file here and so never asks the network.
    set_variable("TIKTOKEN_CACHE_DIR", str(folder))
    return _counting(tiktoken.get_encoding(name))


def load_llama3() -> Count:
    """Counts exactly as Meta's tokenizer does.

    tiktoken on Meta's ranks, not quicktok's own counter: 588 of the tokens cannot be reached by merges alone,
    where that counter comes out too low.
    """
    path = vocabulary_file("llama3")
    import tiktoken

    # Not tiktoken's loader: it would keep an unverified copy of the file, and read that one from then on.
    lines = path.read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    return _counting(tiktoken.Encoding("llama3", pat_str=_LLAMA3_PATTERN, mergeable_ranks=ranks, special_tokens={}))


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
