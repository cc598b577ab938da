"""A text made ready to be searched: same length, plain digits and spaces, its islands of digits found once."""

from __future__ import annotations

import re
from functools import cached_property

# Every locale a rule may be bound to. `us` also stands for Canada's telephone numbers.
LOCALES = (
    "us",
    "gb",
    "de",
    "at",
    "ch",
    "fr",
    "be",
    "es",
    "it",
    "nl",
    "pt",
    "br",
    "in",
    "pl",
    "se",
    "no",
    "dk",
    "fi",
    "au",
    "ie",
)

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2008\u2009\u202f\u2002\u2003\u2005\u2006\u3000", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\uff0b": "+", "\uff20": "@", "\uff08": "(", "\uff09": ")", "\u2019": "'", "\u02bc": "'",
    }
)  # fmt: skip
# Inside JSON a newline is two characters; a rule's idea of a word's edge must not see the letter n there.
_ESCAPE = re.compile(r'\\[nrt"/]')
_ESCAPED = {"\\n": " \n", "\\r": " \r", "\\t": " \t", '\\"': ' "', "\\/": " /"}
_ISLAND = re.compile(r"[+(]{0,2}\d[\d\s().+/\-]{5,}\d")


class Scan:
    """The text under search. Places in `text` are places in what the caller gave."""

    def __init__(self, text: str, locales: frozenset[str]) -> None:
        plain = text if text.isascii() else text.translate(_PLAIN)
        self.text = _ESCAPE.sub(lambda found: _ESCAPED[found.group()], plain) if "\\" in plain else plain
        self.locales = locales

    @cached_property
    def islands(self) -> list[tuple[int, int]]:
        """Where at least seven characters of digits and what may stand between them lie together."""
        return [found.span() for found in _ISLAND.finditer(self.text)]

    @cached_property
    def small(self) -> str:
        """The text in small letters, to ask whether a word is in it at all. Its places are not the text's."""
        return self.text.lower()

    def has_any(self, words: tuple[str, ...]) -> bool:
        """Whether one of `words` (small letters) is in the text: far cheaper than a pattern that finds nothing."""
        return any(word in self.small for word in words)

    def before(self, start: int, width: int) -> str:
        return self.text[max(0, start - width) : start]

    def after(self, end: int, width: int) -> str:
        return self.text[end : end + width]


def last_end(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match of `pattern` in `text` ends, -1 without one: of two cues the nearer counts."""
    end = -1
    for found in pattern.finditer(text):
        end = found.end()
    return end
