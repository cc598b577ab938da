"""What the formats share: the function that shapes an example, and the Protocol of a format's writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from src.records import Message, Sample, Split

FormatExample = Callable[[Sequence[Message]], Mapping[str, object]]
"""One example in the provider's shape, ready for JSON. Raises FormatError."""


class Formatter(Protocol):
    """Writes the samples into files in a folder and returns the files. Raises ExportError, OSError."""

    def __call__(self, samples: Sequence[Sample], folder: Path, format_example: FormatExample) -> list[Path]: ...


def split_in_export(sample: Sample) -> Split:
    """The split whose file a sample goes to: without a split, everything is for training."""
    return sample.split or "train"
