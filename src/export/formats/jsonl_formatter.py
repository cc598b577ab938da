"""Training files: one example a line, in the provider's shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from src.errors import ExportError, FormatError
from src.export.formats.formatter import FormatExample, split_in_export
from src.providers.validation.json_lines import json_line
from src.records import Sample, Split


def write_jsonl(samples: Sequence[Sample], folder: Path, format_example: FormatExample) -> list[Path]:
    """train.jsonl, validation.jsonl and test.jsonl, as far as there are samples for them.

    Raises ExportError, naming the sample, when the provider's format or JSON cannot hold it.
    """
    files: dict[Split, BinaryIO] = {}
    with ExitStack() as stack:
        for sample in samples:
            split = split_in_export(sample)
            if split not in files:
                files[split] = stack.enter_context((folder / f"{split}.jsonl").open("wb"))
            files[split].write(_line_of(sample, format_example))
    return [folder / f"{split}.jsonl" for split in files]


def check_lines(samples: Sequence[Sample], files: Sequence[Path]) -> None:
    """Read the training files among `files` back: a line missing here would go unnoticed until the training.

    Raises ExportError, naming the file, when it does not hold one complete line for each sample of its split.
    """
    expected: Counter[str] = Counter(split_in_export(sample) for sample in samples)
    for file in files:
        if file.suffix == ".jsonl" and (lines := _count_lines(file)) != expected[file.stem]:
            raise ExportError(f"{file}: {lines} of {expected[file.stem]} lines arrived on the disk; check the disk.")


def _count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(line.endswith(b"\n") for line in stream)


def _line_of(sample: Sample, format_example: FormatExample) -> bytes:
    try:
        return json_line(format_example(sample.messages))
    except FormatError as error:
        raise ExportError(f"sample {sample.id} ({sample.origin.source_file}) cannot be exported: {error}") from error
    except UnicodeEncodeError as error:
        raise ExportError(
            f"sample {sample.id} ({sample.origin.source_file}): its text has a broken character (half of a "
            "surrogate pair); remove it from the source file, then run again."
        ) from error
    except ValueError as error:
        raise ExportError(f"sample {sample.id} ({sample.origin.source_file}) is not JSON: {error}.") from error
