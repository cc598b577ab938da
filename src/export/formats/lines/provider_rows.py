"""Training files in the shapes that providers and trainers read: one folder a row format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from src.errors import ExportError, FormatError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import raw_turns
from src.export.formats.lines.line_files import LineWriter, read_lines, read_values
from src.export.formats.lines.row_lines import Built, Line, RowLines
from src.providers import PROVIDERS
from src.providers.formats.registry import FORMATS
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import from_messages
from src.records import Issue, Message, Split

# Every so many rows the validator has the row format make a line itself, whatever the short cut gives.
_BY_FORMAT_EVERY = 64
# What a format looks for in texts beside its reserved words. A Llama text is read again: none may look like its frame.
_LOOKED_FOR = {
    "llama-text": ("<|", "environment:", "knowledge date:", "today date:"),
}


@lru_cache
def lines_for_provider(provider: str, model: str) -> RowLines:
    """Lines of the provider's own format. They raise FormatError for a sample that the provider would refuse."""
    chosen = PROVIDERS[provider]
    form = chosen.format_for(model)
    return RowLines(
        lambda messages: Built(chosen.format_example(messages, model)),
        _words(form),
    )


@lru_cache
def lines_for_format(name: str) -> RowLines:
    """Lines of a row format, each sample changed until the format can express it."""
    form = FORMATS[name]
    return RowLines(partial(_built, form), _words(form))


def _words(form: RowFormat) -> tuple[str, ...]:
    return (*form.abilities.reserved_texts, *_LOOKED_FOR.get(form.name, ()))


def _built(form: RowFormat, messages: Sequence[Message]) -> Built:
    fitted = form.fit(from_messages(messages))
    if fitted.example is None:
        return Built(None, fitted.choices)
    row = form.build(fitted.example)
    errors = tuple(finding for finding in form.check(row) if finding.severity == "error")
    return Built(None, errors) if errors else Built(row, fitted.choices)


def lines_of(batch: Batch, maker: RowLines) -> list[Line]:
    """The lines of a batch. Raises ExportError that names the sample that cannot be written."""
    lines: list[Line] = []
    try:
        for line in maker.lines(raw_turns(batch)):
            lines.append(line)
    except FormatError as error:
        raise ExportError(f"{_named(batch, len(lines))} cannot be exported: {error}") from error
    except ValueError as error:
        raise ExportError(f"{_named(batch, len(lines))} is not JSON: {error}.") from error
    return lines


def expected_lines(batch: Batch, maker: RowLines) -> list[bytes | None]:
    """The lines that files must hold, without their ends; some of them made without any short cut."""
    lines = lines_of(batch, maker)
    for position in range(0, len(lines), _BY_FORMAT_EVERY):
        lines[position] = maker.line_by_format(raw_turns(batch)[position])
    return [line.text for line in lines]


def _named(batch: Batch, position: int) -> str:
    return f"sample {batch.rows[position].id} ({batch.rows[position].source_file})"


class RowFormatExport:
    """A row format as an export format. What it cannot express is left out and counted, what it changes is told."""

    by_size = False

    def __init__(self, form: RowFormat) -> None:
        self.name = self.folder = form.name
        self.summary = f"training rows: {form.title}"

    def open(self, folder: Path, job: ExportJob) -> RowFormatWriter:
        return RowFormatWriter(folder, self.name)

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        return expected_lines(batch, lines_for_format(self.name))

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        path = folder / f"{split}.jsonl"
        return (line for line, _ in read_values(read_lines(path), path))

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        return []


class RowFormatWriter(LineWriter):
    """Writes rows and remembers what became of the samples."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder)
        self.name = name
        self._changed: dict[str, tuple[int, str, str]] = {}
        self._lost: dict[str, tuple[str, str]] = {}
        self._written = 0

    def lines_of(self, batch: Batch) -> list[bytes | None]:
        lines = lines_of(batch, lines_for_format(self.name))
        for row, line in zip(batch.rows, lines, strict=True):
            if line.text is None:
                self._count_lost(row.id, line)
            elif line.changes:
                self._count_changes(row.id, line)
        self._written += sum(line.text is not None for line in lines)
        return [line.text for line in lines]

    def close(self) -> list[Path]:
        """Raises ExportError when not one sample could be written."""
        for rule, (count, sample, message) in self._changed.items():
            self._warn(f"{count:,} samples were changed to fit: {message} [{rule}; the first is {sample}]")
        for rule, (sample, message) in self._lost.items():
            self._warn(f"{self.left_out[rule]:,} samples were left out: {message} [{rule}; the first is {sample}]")
        if not self._written:
            reason = next((message for _, message in self._lost.values()), "there are none")
            raise ExportError(f"{self.name}: none of the samples can be written in this format: {reason}")
        return super().close()

    def _warn(self, message: str) -> None:
        self.issues.append(Issue("warning", self.name, message))

    def _count_lost(self, sample: str, line: Line) -> None:
        reason = next(change for change in reversed(line.changes) if change.severity == "error")
        self.left_out[reason.rule] += 1
        self._lost.setdefault(reason.rule, (sample, reason.message))

    def _count_changes(self, sample: str, line: Line) -> None:
        for change in line.changes:
            if change.severity != "note":
                count, first, message = self._changed.get(change.rule, (0, sample, change.message))
                self._changed[change.rule] = (count + 1, first, message)
