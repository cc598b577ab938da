"""What a search for personal data gives: places, kinds and how sure it is. Never the value itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "EMAIL", "PHONE", "CARD", "IBAN", "SSN", "NATIONAL_ID", "IP", "MAC", "API_KEY", "NAME", "ADDRESS"
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "EMAIL", "PHONE", "CARD", "IBAN", "SSN", "NATIONAL_ID", "IP", "MAC", "API_KEY", "NAME", "ADDRESS",
)  # fmt: skip


@dataclass(frozen=True)
class PIIFinding:
    """`text[start:end]` looks like `kind`; `confidence` is 0 to 1, `rule` names what recognised it."""

    kind: Kind
    start: int
    end: int
    confidence: float
    rule: str
