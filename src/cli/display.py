"""Everything that is drawn: coloured messages, tables, bar charts and progress bars."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from src.pipeline.progress import Progress, tell_watchers

if TYPE_CHECKING:
    from tqdm import tqdm

_CODES = {"success": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m", "title": "\x1b[1m"}
_RESET = "\x1b[0m"
_LABELS = {
    "ingestion": "Reading documents",
    "generation": "Making samples",
    "saving": "Saving",
    "export": "Exporting",
    "statistics": "Counting",
    "assessment": "Assessing",
    "repair": "Repairing",
    "redaction": "Looking for personal data",
}
_UNITS = {
    "ingestion": "file", "generation": "sample", "saving": "sample", "export": "row", "statistics": "sample",
    "assessment": "sample", "repair": "sample", "redaction": "sample",
}  # fmt: skip


class Screen:
    """Where messages go. Colour only on a terminal and without NO_COLOR; plain ASCII where the encoding needs it."""

    def __init__(self, out: TextIO | None = None, *, no_color: bool = False) -> None:
        self.out = out or sys.stdout
        self.color = not no_color and self.out.isatty()
        if self.color:
            import colorama

            colorama.just_fix_windows_console()

    def say(self, text: str = "") -> None:
        print(self._safe(self._wrapped(text)), file=self.out, flush=True)

    def title(self, text: str) -> None:
        self.say(self._paint("title", text))

    def success(self, text: str) -> None:
        self.say(self._paint("success", text))

    def warning(self, text: str) -> None:
        self.say(self._paint("warning", text))

    def error(self, text: str) -> None:
        self.say(self._paint("error", text))

    def ask(self, text: str) -> None:
        """A prompt: no line break after it."""
        print(self._safe(text), end="", file=self.out, flush=True)

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Columns as wide as their content, numbers to the right, the last text column cut at the terminal's edge."""
        texts = [[_cell(value) for value in row] for row in rows]
        widths = [max(len(line[i]) for line in [list(headers), *texts]) for i in range(len(headers))]
        limit = _columns() if self.out.isatty() else 1000
        numeric = [bool(texts) and all(_is_number(row[i]) for row in texts) for i in range(len(headers))]
        for row in [list(headers), ["-" * width for width in widths], *texts]:
            cells = [
                text.rjust(width) if right else text.ljust(width)
                for text, width, right in zip(row, widths, numeric, strict=True)
            ]
            self.say(_cut("  " + "  ".join(cells).rstrip(), limit))

    def chart(self, counts: Mapping[str, int], most: int = 10) -> None:
        """A bar for each count, the largest first; what is beyond `most` is summed up in one line."""
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        width = min(36, max((len(name) for name, _ in ordered[:most]), default=0))
        largest = max(counts.values(), default=1)
        for name, count in ordered[:most]:
            bar = "#" * max(1, round(24 * count / largest))
            self.say(f"  {_cut(name, width).ljust(width)}  {bar.ljust(24)} {count:>6,}")
        if len(ordered) > most:
            rest = sum(count for _, count in ordered[most:])
            self.say(f"  ({len(ordered) - most} more, {rest:,} together)")

    def _wrapped(self, text: str) -> str:
        """On a terminal, long lines broken between words; elsewhere as they are, for whoever reads them by program."""
        if not self.out.isatty():
            return text
        width = _columns() - 1
        return "\n".join(_wrap(line, width) for line in text.split("\n"))

    def _paint(self, kind: str, text: str) -> str:
        return f"{_CODES[kind]}{text}{_RESET}" if self.color else text

    def _safe(self, text: str) -> str:
        encoding = self.out.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)


class ProgressBars:
    """Draws the engine's progress on stderr: tqdm bars on a terminal, a line every 10 seconds elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.bar: tqdm[Any] | None = None
        self.stage = ""
        self.last_line = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        tell_watchers(_LABELS[progress.stage], progress.done, progress.total, progress.detail)
        if not self.stream.isatty():
            self._line(progress)
            return
        if progress.stage != self.stage or self.bar is None:
            self._open(progress.stage, progress.total)
        assert self.bar is not None
        self.bar.set_postfix_str(progress.detail[:40], refresh=False)
        self.bar.update(progress.done - self.bar.n)
        self.bar.refresh()
        if progress.done >= progress.total:
            self.close()

    def notice(self, text: str) -> None:
        """Say something at once, from within a signal handler, too: there, a stream may be in the middle of a write."""
        line = f"{chr(10) if self.bar is not None else ''}{text}\n".encode("ascii", "replace")
        try:
            os.write(self.stream.fileno(), line)
        except OSError:  # no file behind the stream, or nobody reads it any more
            return

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def _open(self, stage: str, total: int) -> None:
        from tqdm import tqdm

        self.close()
        self.stage = stage
        self.bar = tqdm(
            total=total, desc=_LABELS[stage], unit=_UNITS[stage], file=self.stream, dynamic_ncols=True, smoothing=0.1
        )

    def _line(self, progress: Progress) -> None:
        """One plain line when a stage ends, and one every 10 seconds on the way."""
        finished = progress.done >= progress.total
        if finished or time.monotonic() - self.last_line >= 10:
            self.last_line = time.monotonic()
            detail = f" ({progress.detail})" if progress.detail else ""
            print(
                f"{_LABELS[progress.stage]}: {progress.done:,} of {progress.total:,}{detail}",
                file=self.stream,
                flush=True,
            )


class ByteBar:
    """A progress bar for a download."""

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        self.label = label
        self.stream = stream or sys.stderr
        self.bar: tqdm[Any] | None = None
        self.last_tenth = -1

    def __call__(self, done: int, total: int) -> None:
        tell_watchers(self.label, done, total)
        if not self.stream.isatty():
            tenth = 10 * done // max(1, total)
            if tenth != self.last_tenth and total >= 1_000_000:
                self.last_tenth = tenth
                print(f"{self.label}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", file=self.stream, flush=True)
            return
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=total, desc=self.label, unit="B", unit_scale=True, file=self.stream, dynamic_ncols=True
            )
        self.bar.update(done - self.bar.n)
        if done >= total:
            self.bar.close()


def _columns() -> int:
    """The terminal's width; 80 where it does not know its own (Python 3.10 then says 0)."""
    return max(20, shutil.get_terminal_size().columns or 80)


def _wrap(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("-").isdigit()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(1, width - 3)] + "..."
