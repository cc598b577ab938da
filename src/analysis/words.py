"""What counts as a word when texts are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
# Scripts that put no spaces between words: pairs of characters stand in for them.
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def words_of(text: str) -> list[str]:
    """The words in order, without case, punctuation and ways of writing; the text itself when it has no word."""
    if text.isascii():
        return _WORD.findall(text.lower()) or [text.strip()]
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(plain)
    if UNSPACED.search(plain):
        words = [part for word in words for part in _parts(word)]
    return words or [plain.strip()]


def _parts(word: str) -> Iterable[str]:
    at = 0
    for run in UNSPACED.finditer(word):
        if run.start() > at:
            yield word[at : run.start()]
        text, at = run.group(), run.end()
        yield from (text[start : start + 2] for start in range(max(1, len(text) - 1)))
    if at < len(word):
        yield word[at:]
