"""What the engine says while it works. The screen draws it; the engine never prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["ingestion", "generation", "saving", "export"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage, and what a person would like to know beside it (file name, tokens)."""

    stage: Stage
    done: int
    total: int
    detail: str = ""


Listener = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A listener for callers that do not watch."""
