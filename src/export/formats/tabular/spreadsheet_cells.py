"""Cells that no spreadsheet takes for a formula, and the way back to the text.

What starts a formula also does so after spaces or a byte order mark (OWASP ASVS 5.0, 1.2.10).
"""

from __future__ import annotations

import re

_FORMULA = re.compile("^[ \u00a0\u200b\u3000\ufeff]*[=+\\-@\t\r\n\0＝＋－＠]")
# Nearly all texts begin with none of these, which is found out without the pattern.
_SUSPECT = frozenset(" \u00a0\u200b\u3000\ufeff=+-@\t\r\n\0＝＋－＠'")
# "Excel specifications and limits", support.microsoft.com, read 2026-11-21
EXCEL_CELL = 32_767
EXCEL_ROWS = 1_048_576


def neutralise(text: str) -> str:
    """The text with a leading ' if a spreadsheet would take it for a formula. For looking at, not for reading back."""
    return f"'{text}" if _FORMULA.match(text) else text


def guard(text: str) -> str:
    """The text with a leading ' if a spreadsheet would take it for a formula, or if it begins with a ' of its own."""
    if not text or text[0] not in _SUSPECT:
        return text
    return f"'{text}" if text[0] == "'" or _FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """The text that was guarded: without one leading '."""
    return cell[1:] if cell.startswith("'") else cell
