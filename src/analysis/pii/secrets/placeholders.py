"""Tell a key from what manuals put in its place."""

from __future__ import annotations

import math
import re
from collections import Counter

_WORDS = re.compile(
    r"example|sample|your|dummy|placeholder|changeme|change_me|insert|replace|redacted|fake|xxxx|\*\*\*"
    r"|\.\.\.|…|todo|fixme|goes[_-]?here|"
    r"secret_?key_?here|my[_-]?(?:api|secret|key|token|password)|some[_-]?(?:key|token|secret)|foobar|deadbeef|0{8}|"
    r"^(?:api|secret|access|auth|token|key|password)+$|^<|>$|^\$|^%|^\{|\}$|lorem",
    re.I,
)


_ROW = 6


def is_placeholder(value: str) -> bool:
    """Whether `value` says itself that it is none, is masked, repeats a few characters or mostly counts up."""
    return (
        _WORDS.search(value) is not None
        or len(set(value[-16:].lower())) <= 4
        or _counting(value.lower()) * 5 > len(value) * 3
    )


def entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def _counting(value: str) -> int:
    """How many characters stand in rows of six or more that follow each other: abcdef, 0123456."""
    total, row = 0, 1
    for left, right in zip(value, value[1:] + "\0", strict=True):
        if ord(right) - ord(left) == 1:
            row += 1
            continue
        total += row if row >= _ROW else 0
        row = 1
    return total
