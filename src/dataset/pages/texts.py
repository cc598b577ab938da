"""Text and numbers as a page shows them. Escaping for HTML is markupsafe's; here is what a reader could not see."""

from __future__ import annotations

import unicodedata

_MOST = 2_000
# They turn the direction of the text around them: a name could read backwards and take its neighbours along.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, halves of characters and places that no character has.
_UNSEEN = ("Cc", "Cs", "Cn")


def shown(text: str, most: int = _MOST) -> str:
    """The text with what cannot be seen written as \\u202e, cut to `most` characters. Line breaks and tabs stay."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _is_unseen(char) else char for char in text)


def short(text: str, most: int = 34) -> str:
    """The text in one line, its middle left out where it is too long: the ends of file names tell them apart."""
    line = " ".join(shown(text).split())
    if len(line) <= most:
        return line
    tail = most // 2 - 1
    return f"{line[: most - tail - 1]}…{line[-tail:]}"


def number(value: float | None) -> str:
    """1,234 and 12.5 and 0.0312; "" for None."""
    if value is None:
        return ""
    if 0 < abs(value) < 0.0001:
        return "< 0.0001"
    if 0 < abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.1f}".removesuffix(".0")


def compact(value: float) -> str:
    """A number for an axis: 950, 1.2k, 35M."""
    for least, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= least:
            return f"{value / least:.3g}{letter}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """12.5 %; a share that is neither none nor all is never shown as such."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def _is_unseen(char: str) -> bool:
    return char not in "\n\t" and (char in _TURNING or unicodedata.category(char) in _UNSEEN)


def _escaped(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > 255 else f"\\x{ord(char):02x}"
