"""How large the files of an export or a pack will be: some of it is written, and what that takes is multiplied."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from src.errors import UsageError
from src.export.batches import Batch
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.organizing import Organizer
from src.export.packing.container.codecs import Codec
from src.export.writing import SIDE_WRITERS, FormatInWork, side_names
from src.pipeline.engine.machine.disk import Need, fits, refuse_what_does_not_fit
from src.pipeline.engine.stages.samples_copy import encode_batch
from src.records import Sample

# Samples that are written to see what they take, so many together from places all over the dataset.
SPECIMENS, _TOGETHER = 512, 32
# Samples differ in length, and a dataset may have its long ones where none was taken.
MARGIN = 1.2
# Manifest, checksums, lock, statistics as figures and as a page. Measured 2026-11-22: 32 to 177 KB.
FIXED_BYTES = 180_000
# A row in a file beside what it takes in the copy: at most. Measured 2026-11-22: 0.3 (parquet) to 1.7 (tfrecord).
_MOST_TIMES = 3.0
# Of a file that is packed: pieces about as large as the frames will be. The index takes 4 bytes a record and 48 a frame
# of 64 records; the manifest, and the metadata in the file, a few KB.
_PIECES, _PIECE_BYTES = 16, 64 << 10
_INDEX_BYTES, _PACK_BYTES = 5, 4 << 10


@dataclass(frozen=True, slots=True)
class ExportSize:
    """Bytes of the files of an export, and of a copy of its samples."""

    files: int
    copy: int

    def needs(self, output: Path, copied_to: Path | None) -> list[Need]:
        """What the disks must have room for; `copied_to` is the folder of the copy, None without one."""
        copy = [Need("a copy of the samples", copied_to, self.copy)] if copied_to is not None else []
        return [Need("the export", output, self.files), *copy]


def refuse_export_that_does_not_fit(
    samples: Sequence[Sample], organizer: Organizer, job: ExportJob, output: Path, copied_to: Path | None
) -> None:
    """Raises UsageError when the export in the job's formats will not fit on the disk.

    Samples are only written to find out where the disk is not much larger than any export of them.
    """
    if fits(largest_export(samples, organizer, len(job.output.formats)).needs(output, copied_to)):
        return
    try:
        size = estimated_export(samples, organizer, job)
    except OSError as error:
        raise UsageError(f"{tempfile.gettempdir()}: {error.strerror or error}; free some space.") from error
    refuse_what_does_not_fit(size.needs(output, copied_to))


def largest_export(samples: Sequence[Sample], organizer: Organizer, formats: int) -> ExportSize:
    """More than any export takes in so many formats, found out without writing one."""
    batches, times = _specimens(samples, organizer)
    copy = int(MARGIN * times * sum(len(encode_batch(batch)) for batch in batches))
    return ExportSize(FIXED_BYTES + int(_MOST_TIMES * copy * (formats + 1)), copy)


def estimated_export(samples: Sequence[Sample], organizer: Organizer, job: ExportJob) -> ExportSize:
    """About what the export takes in the job's formats, rather more than less. Raises OSError where it cannot write."""
    batches, times = _specimens(samples, organizer)
    copy = sum(len(encode_batch(batch)) for batch in batches)
    with tempfile.TemporaryDirectory(prefix="specimens-") as name:
        folder = Path(name)
        formats = [_format_bytes(form, folder, batches, job) or int(_MOST_TIMES * copy) for form in job.output.formats]
        sides = [_side_bytes(side, folder, batches) for side in side_names(job.output)]
    return ExportSize(FIXED_BYTES + int(MARGIN * times * sum(formats + sides)), int(MARGIN * times * copy))


def estimated_pack(source: Path, codec: Codec) -> int:
    """About what a file of records takes when it is packed, rather more than less. Raises OSError."""
    size, raw, stored, lines = source.stat().st_size, 0, 0, 0
    with source.open("rb") as file:
        for place in range(_PIECES):
            file.seek(place * max(0, size - _PIECE_BYTES) // (_PIECES - 1))
            piece = file.read(_PIECE_BYTES)
            raw, stored, lines = raw + len(piece), stored + len(codec.store(piece)), lines + piece.count(b"\n")
    return int(MARGIN * (stored + lines * _INDEX_BYTES) * size / max(1, raw)) + _PACK_BYTES


def _specimens(samples: Sequence[Sample], organizer: Organizer) -> tuple[list[Batch], float]:
    """Some samples in batches, and how many times as many there are in all."""
    total = len(samples)
    if total <= SPECIMENS:
        return list(organizer.batches(samples)), 1.0
    starts = [place * (total - _TOGETHER) // (SPECIMENS // _TOGETHER - 1) for place in range(SPECIMENS // _TOGETHER)]
    chosen = [sample for start in starts for sample in samples[start : start + _TOGETHER]]
    return list(organizer.batches(chosen)), total / len(chosen)


def _format_bytes(name: str, folder: Path, batches: Sequence[Batch], job: ExportJob) -> int:
    """What the specimens take in this format; 0 when it cannot be written."""
    splits = Counter(split for batch in batches for split in batch.splits)
    form = FormatInWork(EXPORT_FORMATS[name], folder, replace(job, counts={}), {"": dict(splits)})
    try:
        for batch in batches:
            form.write([("", batch)])
        form.close()
    finally:
        form.abort()
    return sum(path.stat().st_size for path in form.files)


def _side_bytes(name: str, folder: Path, batches: Sequence[Batch]) -> int:
    writer = SIDE_WRITERS[name](folder)
    try:
        for batch in batches:
            writer.write(batch)
        return sum(path.stat().st_size for path in writer.close())
    finally:
        writer.abort()
