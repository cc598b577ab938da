"""The table of docs/formats.md: what was written by us, who opened it, and whether it was the same."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- made by make verify-exports -->", "<!-- end of what make verify-exports made -->"


@dataclass(frozen=True)
class Line:
    """One format opened by one library."""

    form: str
    opened_by: str
    rows: int
    rows_equal: bool
    content_equal: bool
    sha256: str
    remark: str = ""
    skipped: bool = False

    @property
    def good(self) -> bool:
        return self.rows_equal and self.content_equal

    def shown(self) -> str:
        state = "not run" if self.skipped else "ok" if self.good else "DIFFERS"
        return f"{state:<8}{self.form:<24}{self.opened_by:<44}{self.rows:>6} {self.sha256:<14}{self.remark}"


def write_table(lines: Sequence[Line], samples: int) -> None:
    """Put the table between its two marks in docs/formats.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{_table(lines, samples)}\n{END}{after}", encoding="utf-8")


def _table(lines: Sequence[Line], samples: int) -> str:
    told = (
        f"{samples} samples with awkward texts in every format, {date.today().isoformat()}, "
        f"Python {platform.python_version()} on {platform.system()}. The hash is of all rows as JSON with sorted keys, "
        "shortened; each was worked out from the samples and, apart from that, from what the library read.\n"
    )
    head = "| format | opened by | rows | rows equal | content hash equal | hash | remark |\n"
    forms = list(dict.fromkeys(line.form for line in lines))
    rows = "".join(_row(line) for line in sorted(lines, key=lambda line: forms.index(line.form)))
    return f"{told}\n{head}|---|---|--:|---|---|---|---|\n{rows}"


def _row(line: Line) -> str:
    if line.skipped:
        return f"| {line.form} | {line.opened_by} | | not run | not run | | {line.remark} |\n"
    answers = ("yes" if line.rows_equal else "**no**", "yes" if line.content_equal else "**no**")
    remark = line.remark.replace("|", "\\|")
    return (
        f"| {line.form} | {line.opened_by} | {line.rows} | {answers[0]} | {answers[1]} | {line.sha256} | {remark} |\n"
    )
