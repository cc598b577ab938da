"""A copy of the samples of an export: a file that all who write its files, or read them back, go through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from src.export.batches import Batch
from src.export.organizing import Organizer
from src.persistence.models import SampleRow
from src.pipeline.engine.lines import encode_lines


def encode_batch(batch: Batch) -> bytes:
    """A line of the file."""
    return encode_lines([(batch.rows, batch.groups)])


def copied_batches(path: Path) -> Iterator[Batch]:
    """The batches in order, none of them held. Raises OSError."""
    from msgspec.json import Decoder

    decode = Decoder(tuple[list[SampleRow], list[str]]).decode
    with path.open("rb") as file:
        for line in file:
            yield Batch(*decode(line))


def organizer_of_copies(prefix: str) -> Organizer:
    """Divides copied batches as the Organizer with this prefix did."""
    return Organizer(lambda batch: batch.groups, prefix)
