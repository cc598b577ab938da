"""The lines of a JSONL file as training examples, whichever provider's format each is written in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from src.providers.formats.findings import Finding
from src.providers.formats.open_models.llama_template import looks_rendered
from src.providers.formats.registry import FORMATS, find_format
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, from_messages
from src.providers.validation.json_lines import read_lines, read_object, without_mark
from src.providers.validation.plain_rows import PLAIN_READERS

# One for each shape of a plain row; the other formats that have readers share these.
_PLAIN_FORMATS = ("openai-chat", "bedrock-claude", "vertex-chat")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line: its number from 1, its bytes, and its example, or None with the reason why there is none."""

    line: int
    raw: bytes
    example: TrainingExample | None
    reason: str = ""


def read_examples(path: Path, form: str | None = None) -> Iterator[SourceRow]:
    """Every line of the file in turn. Raises OSError, and UsageError for an unknown format.

    Without a format, each row is read in the first one that recognises it and finds nothing wrong with it.
    """
    formats = [find_format(form)] if form else list(FORMATS.values())
    names = [form] if form else list(_PLAIN_FORMATS)
    readers = [PLAIN_READERS[name] for name in names if name in PLAIN_READERS]
    for number, raw in enumerate(read_lines(path), start=1):
        for place, reader in enumerate(readers):
            messages = reader(raw)
            if messages is not None:
                # Most files hold rows of one shape.
                readers.insert(0, readers.pop(place))
                yield SourceRow(number, raw, from_messages(messages))
                break
        else:
            yield _read_carefully(number, raw, formats)


def _read_carefully(number: int, raw: bytes, formats: Sequence[RowFormat]) -> SourceRow:
    findings: list[Finding] = []
    # The mark is none of the row's: the rest of the file can still be read.
    content = without_mark(raw, []) if number == 1 else raw
    value = read_object(content, findings)
    if findings or value is None:
        return SourceRow(number, raw, None, _told(findings[0]))
    objections = []
    for form in _candidates(value, formats):
        errors = [finding for finding in form.check(value) if finding.severity == "error"]
        if not errors:
            return SourceRow(number, raw, form.read(value))
        objections.append(f"as {form.name}: {_told(errors[0])}")
    return SourceRow(number, raw, None, objections[0] if objections else "looks like no format that is known")


def _candidates(value: dict[str, object], formats: Sequence[RowFormat]) -> Sequence[RowFormat]:
    if len(formats) == 1:
        return formats
    text = value.get("text")
    if isinstance(text, str) and looks_rendered(text):
        return [FORMATS["llama-text"]]  # to the other formats it would be raw text
    return [form for form in formats if form.recognises(value)]


def _told(finding: Finding) -> str:
    return f"{finding.path}: {finding.message}" if finding.path else finding.message
