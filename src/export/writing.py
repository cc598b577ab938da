"""Formats being written: every batch goes to all of them, and one that fails costs itself alone."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from src.config.settings import OutputSettings
from src.errors import BuilderError
from src.export.batches import Batch
from src.export.export_validator import FormatCheck, validate_export
from src.export.formats.export_format import ExportFormat, ExportJob, FormatWriter
from src.export.formats.metadata_writer import METADATA_NAME, MetadataWriter
from src.export.lineage.lineage_file import LINEAGE_NAME, LineageWriter
from src.export.organizing import Part
from src.records import Issue, Split


class SideWriter(Protocol):
    """A file that is always there, written along with the formats."""

    def write(self, batch: Batch) -> None: ...

    def close(self) -> list[Path]: ...

    def abort(self) -> None: ...


# The name of the file, and what writes it into a folder.
SIDE_WRITERS: Mapping[str, Callable[[Path], SideWriter]] = {
    METADATA_NAME: MetadataWriter,
    LINEAGE_NAME: LineageWriter,
}


def side_names(output: OutputSettings) -> list[str]:
    """Those of SIDE_WRITERS that stand beside the formats."""
    return [name for name in SIDE_WRITERS if name != METADATA_NAME or output.include_csv]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a format: the groups it has folders for, its files, what was left out; or why it was given up."""

    failure: str = ""
    groups: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A format of one group whose files are to be read back from this folder."""

    form: ExportFormat
    group: str
    folder: Path
    job: ExportJob


class Elsewhere(Protocol):
    """Others who write the files of an export and read them back, from a copy of its samples."""

    def take(self, batch: Batch) -> None:
        """Copy the next samples."""

    def write(self, building: Path, sides: Sequence[str], formats: Sequence[FormatInWork]) -> Iterator[None]:
        """Write the SIDE_WRITERS of these names and the formats from all that was taken; gives once for each.

        Raises EngineError and OSError.
        """

    def read_back(self, readings: Sequence[Reading]) -> Iterator[FormatCheck]:
        """A check for each reading, in order. Raises EngineError."""


class FormatInWork:
    """One format: a writer for each group's folder. `failure` says why it was given up; its files are then gone.

    A format whose files lie beside the manifest is written into a folder of its own, too, so that what it leaves when
    it fails is easily told; settle() moves them.
    """

    def __init__(
        self, form: ExportFormat, building: Path, job: ExportJob, counts: Mapping[str, dict[Split, int]]
    ) -> None:
        self.form = form
        self.failure = ""
        self.files: list[Path] = []
        self.checks: list[FormatCheck] = []
        self.job, self.counts = job, counts
        self._building = building
        self._base = building / (form.folder or f".{form.name}")
        self._jobs = {group: replace(job, counts=own) for group, own in counts.items()}
        self._writers: dict[str, FormatWriter] = {}
        self._written: Written | None = None

    @property
    def base(self) -> Path:
        """The folder its files are in until settle()."""
        return self._base

    @property
    def left_out(self) -> Counter[str]:
        """The samples that the format cannot express, by reason."""
        return Counter(self.written().left_out)

    @property
    def issues(self) -> Sequence[Issue]:
        return self.written().issues

    @property
    def rows(self) -> dict[Split, int]:
        """The rows that were read back, by split."""
        total: Counter[Split] = Counter()
        for check in self.checks:
            total.update(check.rows)
        return dict(total)

    @property
    def content_sha256(self) -> str:
        """Of all that was read back; of several groups, of their hashes."""
        hashes = [check.content_sha256 for check in self.checks]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    def write(self, parts: Iterable[Part]) -> None:
        for group, batch in parts:
            self._try(partial(self._write_part, group, batch))

    def close(self) -> None:
        for writer in self._writers.values():
            self._try(partial(self._close_writer, writer))

    def written(self) -> Written:
        """What became of it, complete after close()."""
        if self._written is not None:
            return self._written
        writers = self._writers.values()
        left_out: Counter[str] = Counter()
        for writer in writers:
            left_out.update(writer.left_out)
        issues = tuple(issue for writer in writers for issue in writer.issues)
        return Written(self.failure, tuple(self._writers), tuple(self.files), left_out, issues)

    def take_written(self, written: Written) -> None:
        """What became of it where it was written elsewhere, into base."""
        self._written, self.files = written, list(written.files)
        if written.failure:
            self._give_up(written.failure)

    def check(self, parts: Callable[[], Iterator[Part]]) -> None:
        """Read everything back and compare it with the samples; what differs is a failure."""
        for group in self._writers:
            self._try(partial(self._check_group, group, (batch for name, batch in parts() if name == group)))

    def settle(self) -> None:
        """Put the files where they belong, once all is checked."""
        if self.form.folder or self.failure:
            return
        moved = [self._building / path.relative_to(self._base) for path in self.files]
        for path, target in zip(self.files, moved, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        shutil.rmtree(self._base, ignore_errors=True)
        self.files = moved

    def abort(self) -> None:
        """Let go of files that are still open."""
        for writer in self._writers.values():
            writer.abort()

    def _write_part(self, group: str, batch: Batch) -> None:
        if group not in self._writers:
            folder = self._folder(group)
            folder.mkdir(parents=True, exist_ok=True)
            self._writers[group] = self.form.open(folder, self._jobs[group])
        self._writers[group].write(batch)

    def _close_writer(self, writer: FormatWriter) -> None:
        self.files += writer.close()

    def readings(self) -> list[Reading]:
        """What check() reads back, for others to do it; take() then takes what they found."""
        if self.failure:
            return []
        groups = self.written().groups
        return [Reading(self.form, group, self._folder(group), self._jobs[group]) for group in groups]

    def take(self, check: FormatCheck) -> None:
        if not self.failure:
            self._take(check)

    def _check_group(self, group: str, batches: Iterator[Batch]) -> None:
        self._take(validate_export(self._folder(group), self.form, batches, self._jobs[group]))

    def _take(self, check: FormatCheck) -> None:
        self.checks.append(check)
        if check.problems:
            self._give_up("; ".join(check.problems))

    def _folder(self, group: str) -> Path:
        return self._base / group if group else self._base

    def _try(self, step: Callable[[], None]) -> None:
        if self.failure:
            return
        try:
            step()
        except (BuilderError, OSError) as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a format's library raises costs that format alone
            self._give_up(f"{type(error).__name__}: {error}")

    def _give_up(self, why: str) -> None:
        self.failure = why
        self.abort()
        self.files = []
        shutil.rmtree(self._base, ignore_errors=True)
