"""The formats of an export read back at the same time, each by a process of its own, from one copy of the samples."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.config.settings import OutputSettings
from src.export.batches import Batch
from src.export.export_validator import FormatCheck, validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.organizing import Organizer
from src.export.writing import Reading
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.samples_copy import copied_batches, organizer_of_copies
from src.records import Split


@dataclass(frozen=True, slots=True)
class _Order:
    """One format of one group, as it travels. Paths need not be Unicode."""

    form: str
    group: str
    folder: bytes
    samples: bytes
    name: str
    provider: str
    model: str
    counts: dict[Split, int]


def read_back_shared(
    engine: Engine, readings: Sequence[Reading], samples: Path, params: dict[str, Any]
) -> Iterator[FormatCheck]:
    """A check for each reading, in order, beside the copy of the `samples`. Raises EngineError."""
    work = ShardWork("reading-back", f"{__name__}:read_back_part", params)
    for content in engine.share(work, "", [_order(one, samples) for one in readings]):
        yield _check(content)


def read_back_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """The FormatCheck of one format of one group."""
    from msgspec.json import decode, encode

    content, params = part
    order = decode(content, type=_Order)
    job = ExportJob(order.name, order.provider, order.model, order.counts, OutputSettings(**params["output"]))
    samples = Path(os.fsdecode(order.samples))
    folder, form = Path(os.fsdecode(order.folder)), EXPORT_FORMATS[order.form]
    try:
        organizer = organizer_of_copies(params["prefix"])
        check = validate_export(folder, form, _batches(samples, organizer, order.group), job)
    except Exception as error:  # noqa: BLE001 - whatever a format's library raises costs that format alone
        why = f"{type(error).__name__}: {error}"
        check = FormatCheck(form.name, (), {}, "", 0, 0.0, (why.encode("utf-8", "backslashreplace").decode(),))
    files = [os.fsencode(path) for path in check.files]
    plain = (check.format, check.rows, check.content_sha256, check.left_out, check.seconds, check.problems)
    return encode((files, plain))


def _check(content: bytes) -> FormatCheck:
    from msgspec.json import decode

    kind = tuple[list[bytes], tuple[str, dict[Split, int], str, int, float, tuple[str, ...]]]
    files, (form, *rest) = decode(content, type=kind)
    return FormatCheck(form, tuple(Path(os.fsdecode(name)) for name in files), *rest)


def _batches(samples: Path, organizer: Organizer, group: str) -> Iterator[Batch]:
    for batch in copied_batches(samples):
        for name, part in organizer.parts(batch):
            if name == group:
                yield part


def _order(reading: Reading, samples: Path) -> bytes:
    from msgspec.json import encode

    folder, there = os.fsencode(reading.folder.absolute()), os.fsencode(samples.absolute())
    job = reading.job
    return encode(
        _Order(reading.form.name, reading.group, folder, there, job.name, job.provider, job.model, job.counts)
    )
