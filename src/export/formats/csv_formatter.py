"""metadata.csv: one row a sample, for a look in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from src.export.formats.formatter import FormatExample, split_in_export
from src.records import Sample

COLUMNS = ("sample_id", "content_preview", "token_length", "topic_keywords", "source_file", "split")
PREVIEW_LENGTH = 120
# What starts a formula in a spreadsheet, also after spaces or a byte order mark (OWASP ASVS 5.0, 1.2.10).
_FORMULA = re.compile("^[ \u00a0\u200b\u3000\ufeff]*[=+\\-@\t\r\n\0＝＋－＠]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def write_csv(samples: Sequence[Sample], folder: Path, format_example: FormatExample) -> list[Path]:
    """metadata.csv with COLUMNS. No text cell can act as a formula: where it could, a ' stands before it."""
    path = folder / "metadata.csv"
    # Excel takes a file without a byte order mark for the local code page. File names may hold bytes that are
    # no text; they are written as \udcXX.
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for sample in samples:
            writer.writerow(_row_of(sample))
    return [path]


def neutralise(text: str) -> str:
    """The text with a leading ' if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def preview(sample: Sample) -> str:
    """The first characters of the conversation on one line: "user: ... assistant: ..."."""
    # No more of a message is looked at than can be shown, whatever its length.
    starts = (f"{turn.role}: {turn.content.lstrip()[:PREVIEW_LENGTH]}" for turn in sample.turns)
    return " ".join(_CONTROL.sub(" ", " ".join(starts)).split())[:PREVIEW_LENGTH]


def _row_of(sample: Sample) -> list[str | int]:
    keywords = ", ".join(sample.topic_keywords)
    return [
        neutralise(sample.id),
        neutralise(preview(sample)),
        sample.token_length,
        neutralise(keywords),
        neutralise(sample.origin.source_file),
        split_in_export(sample),
    ]
