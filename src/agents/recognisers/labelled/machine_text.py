"""Which texts under labels are lines of code, fields of a record or points of a list, and so were said by nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CODE = re.compile(
    r"(?:def|class|import|from|return|if|elif|for|while|try|except|with|assert|raise|var|let|const|function|public"
    r"|private|static|void|int|char|sub|my|use|package|#include|#define)\b.*[\w)\]}:;({\"']$"
    r"|(?:else|try|finally):$|@\w+|.*[;{}]$|.*\)\s*:$"
    r"|[A-Za-z_][\w.]*(?:\[.*\])?\s*[-+*/|:]?=\s*\S.*|[A-Za-z_][\w.]*(?:\[[^\]]*\]|\([^)]*\))$"
    r"|[rbuf]?(?:\"\"\"|''').*|.*(?:\"\"\"|''')$"
)
_FIELD = re.compile(r"[A-Za-z][\w /-]{1,30}\s?::?\s+\S")
_POINTS = ("- ", "* ", "• ")
_MOST_LINES = 12


def is_machine_text(said: Sequence[str]) -> bool:
    """Whether half of the turns or more hold mostly code, mostly fields, or begin as a point of a list."""
    return sum(map(_is_by_machine, said)) * 2 >= len(said)


def _is_by_machine(text: str) -> bool:
    text = text.lstrip()
    if text.startswith(_POINTS):
        return True
    lines = [line for raw in text.split("\n")[:_MOST_LINES] if (line := raw.strip())]
    if "```" in text or not lines:
        return False
    code = sum(_CODE.fullmatch(line) is not None for line in lines)
    fields = sum(_FIELD.match(line) is not None for line in lines[1:])
    return code * 2 > len(lines) or (len(lines) > 3 and fields * 3 >= len(lines) * 2)
