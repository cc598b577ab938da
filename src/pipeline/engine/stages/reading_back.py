"""The formats of an export read back at the same time, each by a process of its own, from one copy of the samples."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.config.settings import OutputSettings
from src.export.batches import Batch
from src.export.export_validator import FormatCheck, validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.organizing import Part
from src.export.writing import Reading
from src.persistence.durable_files import incomplete_path
from src.persistence.models import SampleRow
from src.pipeline.engine.lines import encode_lines
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.pipeline.locking.portable import TEMPLATE_KEYS
from src.records import Split

# Below this, formats are read back before the processes have started.
ROWS_WORTH_IT = 20_000


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


def read_back_shared(engine: Engine, readings: Sequence[Reading], parts: Iterable[Part]) -> Iterator[FormatCheck]:
    """A check for each reading, in order. Raises EngineError and OSError."""
    output = readings[0].job.output
    params = {"output": _from_anywhere(output).model_dump(mode="json")}
    work = ShardWork("reading-back", f"{__name__}:read_back_part", params)
    engine.folder.mkdir(parents=True, exist_ok=True)
    samples = incomplete_path(engine.folder / "samples")
    try:
        with samples.open("wb") as file:
            for group, batch in parts:
                file.write(encode_lines([(group, batch.rows, batch.groups)]))
        for content in engine.share(work, samples.name.lstrip("."), [_order(one, samples) for one in readings]):
            yield _check(content)
    finally:
        samples.unlink(missing_ok=True)


def read_back_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """The FormatCheck of one format of one group."""
    from msgspec.json import decode, encode

    content, params = part
    order = decode(content, type=_Order)
    job = ExportJob(order.name, order.provider, order.model, order.counts, OutputSettings(**params["output"]))
    samples = Path(os.fsdecode(order.samples))
    folder, form = Path(os.fsdecode(order.folder)), EXPORT_FORMATS[order.form]
    try:
        check = validate_export(folder, form, _batches(samples, order.group), job)
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


def _batches(samples: Path, group: str) -> Iterator[Batch]:
    from msgspec.json import Decoder

    decode = Decoder(tuple[str, list[SampleRow], list[str]]).decode
    with samples.open("rb") as file:
        for line in file:
            name, rows, groups = decode(line)
            if name == group:
                yield Batch(rows, groups)


def _order(reading: Reading, samples: Path) -> bytes:
    from msgspec.json import encode

    folder, there = os.fsencode(reading.folder.absolute()), os.fsencode(samples.absolute())
    job = reading.job
    return encode(
        _Order(reading.form.name, reading.group, folder, there, job.name, job.provider, job.model, job.counts)
    )


def _from_anywhere(output: OutputSettings) -> OutputSettings:
    """The same settings for a process that works in another folder."""
    given = {key: getattr(output.template, key) for key in TEMPLATE_KEYS}
    paths = {key: str(Path(path).absolute()) for key, path in given.items() if path}
    return output.model_copy(update={"template": output.template.model_copy(update=paths)})
