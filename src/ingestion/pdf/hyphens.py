"""Mend words that are parted at a line's end: the hyphen goes where only the line break put it."""

from __future__ import annotations

import re

# How PDFium 5.15 gives a hyphen at a line's end: \x02 in bounded text, U+FFFE in ranges of text.
HYPHENS = "\x02\ufffe"

_INNER = re.compile(r"-[^\W\d_]+")  # begins with a plain character: the search leaps from hyphen to hyphen
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_MAX_KNOWN = 50_000
_LONGEST = 40
# "pre- and post-war": the hyphen stands for a word to come.
_SUSPENDING = {"and", "or", "und", "oder"}
# Their compounds keep the hyphen in English.
_KEEPING = {"self", "well", "ex", "non"}


class HyphenatedWords:
    """The words a document writes with a hyphen inside a line ("well-known"); they keep it at a line's end too."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, text: str) -> None:
        if "-" not in text or len(self._known) >= _MAX_KNOWN:
            return
        for found in _INNER.finditer(text):
            last = _LAST_WORD.search(text, max(0, found.start() - _LONGEST), found.start())
            if last:
                self._known.add((last.group() + found.group()).lower())

    def join(self, above: str, below: str) -> str:
        """Two lines of one paragraph, the first of which ends in the mark of a hyphen."""
        above = above.rstrip(HYPHENS)
        last, first = _LAST_WORD.search(above[-_LONGEST:]), _FIRST_WORD.match(below)
        if not last or not first or not below[0].islower():
            return f"{above}-{below}"
        if first.group() in _SUSPENDING:
            return f"{above}- {below}"
        if last.group().lower() in _KEEPING or f"{last.group()}-{first.group()}".lower() in self._known:
            return f"{above}-{below}"
        return above + below
