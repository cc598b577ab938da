"""The files of an export, each format and each file beside them written by a process of its own, then read back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from src.config.settings import OutputSettings
from src.export.batches import Batch
from src.export.export_validator import FormatCheck
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.writing import SIDE_WRITERS, FormatInWork, Reading, Written
from src.persistence.durable_files import incomplete_path
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.reading_back import read_back_shared
from src.pipeline.engine.stages.samples_copy import copied_batches, encode_batch, organizer_of_copies
from src.pipeline.locking.portable import TEMPLATE_KEYS
from src.records import Issue, Severity, Split

# Rows times files, those beside the formats among them. Below this the processes of this machine are hardly started
# when all is written: each takes 0.3 s of CPU, and what it saves is 10 to 40 microseconds a row and file.
ROWS_WORTH_IT = 60_000


@dataclass(frozen=True, slots=True)
class _Order:
    """A format, or with `side` a file beside the formats, as it travels. Paths need not be Unicode."""

    building: bytes
    samples: bytes
    side: str = ""
    form: str = ""
    name: str = ""
    provider: str = ""
    model: str = ""
    counts: dict[str, dict[Split, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A Written as it travels, its files below the folder of the export; or why the disk did not take a side file."""

    failure: str = ""
    groups: tuple[str, ...] = ()
    files: tuple[bytes, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    issues: tuple[tuple[Severity, str, str], ...] = ()
    refused: tuple[int, str, bytes] | None = None


@contextmanager
def shared_export(engine: Engine, output: OutputSettings, prefix: str) -> Iterator[SharedExport]:
    """Who writes the files of an export elsewhere; `prefix` is its Organizer's. Raises EngineError and OSError."""
    engine.folder.mkdir(parents=True, exist_ok=True)
    copy = incomplete_path(engine.folder / "samples")
    try:
        with copy.open("wb") as file:
            yield SharedExport(engine, _from_anywhere(output), prefix, copy, file)
    except BaseException:
        engine.close()  # so that nobody still writes into a folder that is taken away now
        raise
    finally:
        copy.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class SharedExport:
    """Has all that was taken written and read back by an engine; an Elsewhere."""

    engine: Engine
    output: OutputSettings
    prefix: str
    copy: Path
    file: BinaryIO

    def take(self, batch: Batch) -> None:
        self.file.write(encode_batch(batch))

    def write(self, building: Path, sides: Sequence[str], formats: Sequence[FormatInWork]) -> Iterator[None]:
        self.file.close()
        orders = [self._order(building, side=name) for name in sides]
        orders += [self._order_of(building, form) for form in formats]
        work = ShardWork("writing", f"{__name__}:write_part", self._params())
        waiting: list[FormatInWork | None] = [*[None] * len(sides), *formats]
        for form, content in zip(waiting, self.engine.share(work, "", map(_encoded, orders)), strict=True):
            answer = _answer(content)
            if answer.refused is not None:
                number, why, name = answer.refused
                raise OSError(number, why, os.fsdecode(name))
            if form is not None:
                form.take_written(_written(answer, building))
            yield

    def read_back(self, readings: Sequence[Reading]) -> Iterator[FormatCheck]:
        return read_back_shared(self.engine, readings, self.copy, self._params())

    def _params(self) -> dict[str, Any]:
        return {"output": self.output.model_dump(mode="json"), "prefix": self.prefix}

    def _order_of(self, building: Path, form: FormatInWork) -> _Order:
        job = form.job
        counts = {group: dict(own) for group, own in form.counts.items()}
        named = {"name": job.name, "provider": job.provider, "model": job.model}
        return self._order(building, form=form.form.name, counts=counts, **named)

    def _order(self, building: Path, **what: Any) -> _Order:
        return _Order(os.fsencode(building.absolute()), os.fsencode(self.copy.absolute()), **what)


def write_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """Write one format, or one file beside them, into the folder of the export: it appears whole or not at all."""
    from msgspec.json import decode, encode

    content, params = part
    order = decode(content, type=_Order)
    building = Path(os.fsdecode(order.building))
    private = incomplete_path(building / (order.side or order.form))
    private.mkdir()
    try:
        return encode(_write_side(order, private) if order.side else _write_format(order, params, private))
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _write_side(order: _Order, private: Path) -> _Answer:
    writer = None
    try:
        writer = SIDE_WRITERS[order.side](private)
        for batch in copied_batches(Path(os.fsdecode(order.samples))):
            writer.write(batch)
        for path in writer.close():
            path.replace(private.parent / path.name)
    except OSError as error:
        return _Answer(refused=(error.errno or 0, error.strerror or str(error), os.fsencode(error.filename or "")))
    finally:
        if writer is not None:
            writer.abort()
    return _Answer()


def _write_format(order: _Order, params: dict[str, Any], private: Path) -> _Answer:
    job = ExportJob(order.name, order.provider, order.model, {}, OutputSettings(**params["output"]))
    form = FormatInWork(EXPORT_FORMATS[order.form], private, job, order.counts)
    organizer = organizer_of_copies(params["prefix"])
    try:
        for batch in copied_batches(Path(os.fsdecode(order.samples))):
            if form.failure:
                break
            form.write(organizer.parts(batch))
        form.close()
    finally:
        form.abort()
    made = form.written()
    if not made.failure:
        final = private.parent / form.base.name
        shutil.rmtree(final, ignore_errors=True)  # of a try whose process died before it could say so
        form.base.replace(final)
    files = tuple(os.fsencode(path.relative_to(private)) for path in made.files)
    issues = tuple((issue.severity, issue.where, issue.message) for issue in made.issues)
    return _Answer(made.failure, made.groups, files, dict(made.left_out), issues)


def _written(answer: _Answer, building: Path) -> Written:
    files = tuple(building / os.fsdecode(name) for name in answer.files)
    issues = tuple(Issue(*issue) for issue in answer.issues)
    return Written(answer.failure, answer.groups, files, answer.left_out, issues)


def _encoded(order: _Order) -> bytes:
    from msgspec.json import encode

    return encode(order)


def _answer(content: bytes) -> _Answer:
    from msgspec.json import decode

    return decode(content, type=_Answer)


def _from_anywhere(output: OutputSettings) -> OutputSettings:
    """The same settings for a process that works in another folder."""
    given = {key: getattr(output.template, key) for key in TEMPLATE_KEYS}
    paths = {key: str(Path(path).absolute()) for key, path in given.items() if path}
    return output.model_copy(update={"template": output.template.model_copy(update=paths)})
