"""Conversations and files the provider tests share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from src.providers.base_provider import Finding, Provider
from src.records import Message

# Quotes, a newline, characters outside ASCII and outside the basic plane, a line separator.
TALK = (
    Message("system", 'You answer "briefly".'),
    Message("user", "Wie heißt der Fluss?\nIn Köln, meine ich."),
    Message("assistant", "Der Rhein 🌊\u2028und sonst keiner."),
    Message("user", "And in Paris?"),
    Message("assistant", "The Seine."),
)
WITHOUT_SYSTEM = TALK[1:]


def through_json(row: object) -> object:
    return json.loads(json.dumps(row, ensure_ascii=False))


def rules(findings: Sequence[Finding], severity: str = "error") -> set[tuple[str, str]]:
    """The (path, rule) of each finding of that severity."""
    return {(finding.path, finding.rule) for finding in findings if finding.severity == severity}


def write_rows(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def numbered_rows(provider: Provider, count: int) -> list[object]:
    """Different good rows in the provider's own format."""
    return [
        provider.format_example([Message("user", f"What is {n} + 1?"), Message("assistant", f"It is {n + 1}.")])
        for n in range(count)
    ]
