"""Write a Dataset to a new version folder: every format in one pass, read back, never over an older version."""

from __future__ import annotations

import errno
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from src.config.settings import OutputSettings
from src.dataset.quality.report import QA_HTML, QA_JSON, QAReport
from src.dataset.quality.showing.web_page import qa_page
from src.dataset.statistics import StatisticsTally
from src.dataset.statistics.showing.web_page import statistics_page
from src.errors import ExportError
from src.export.batches import Batch, StoredRows
from src.export.export_validator import FormatCheck
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.lineage.lineage_file import LINEAGE_NAME
from src.export.manifests.files import describe_files
from src.export.manifests.manifest import FormatFacts, Generation, ManifestFacts, SampleTally, write_json
from src.export.manifests.version_files import write_version_files
from src.export.organizing import Organizer, Part
from src.export.settings_of_formats import row_settings
from src.export.versions.content import read_content
from src.export.versions.planning import VersionPlan, plan_version
from src.export.versions.publishing import publish
from src.export.writing import SIDE_WRITERS, Elsewhere, FormatInWork, side_names
from src.persistence.durable_files import incomplete_path, sweep_incomplete
from src.records import SPLITS, Issue, RunReport, Sample, Split

LOCK_NAME, STATISTICS_NAME, STATISTICS_PAGE = "config_lock.json", "statistics.json", "statistics.html"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
NO_LLM = Generation("", "", False)
# Called with the steps done so far and those there will be.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What to export and what is known of it. `formats` are keys of EXPORT_FORMATS; `lock` is written as it is.

    `created_at` is the only time that stands in the files: the same order gives the same bytes. `elsewhere` has the
    files written and read back by others; without it all is done here, one batch after the other.
    """

    name: str
    provider: str
    model: str
    mode: str
    samples: Sequence[Sample] | StoredRows
    formats: Sequence[str]
    output: OutputSettings
    created_at: str
    tool_version: str = ""
    token_exactness: str = ""
    tokenizer: str = ""
    generation: Generation = NO_LLM
    config: Mapping[str, object] = field(default_factory=dict)
    lock: bytes = b""
    report: RunReport | None = None
    leakage: Mapping[str, object] | None = None
    organizer: Organizer = field(default_factory=Organizer)
    elsewhere: Callable[[], AbstractContextManager[Elsewhere]] | None = None
    qa: QAReport | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A finished export. `files` holds every file, the manifest and its checksum last.

    `failed` names the formats that could not be written, and why; `left_out` counts the samples that a format cannot
    express, by format and reason. `plan` says how the version differs from the one before it.
    """

    folder: Path
    version: str
    files: tuple[Path, ...]
    plan: VersionPlan
    checks: tuple[FormatCheck, ...]
    failed: Mapping[str, str]
    left_out: Mapping[str, Counter[str]]
    issues: tuple[Issue, ...]


def export_dataset(order: ExportOrder, output_dir: Path, progress: Progress = lambda done, total: None) -> ExportResult:
    """Write output_dir/NAME/vX.Y.Z/ with the files of each format and those that describe them.

    Every format reads its files back before the folder appears under its name; an existing version stays as it is. A
    format that fails is left out and named in the result, the others are kept. Raises ExportError, naming the path or
    the sample, when nothing can be exported, and then leaves nothing behind.
    """
    folder = output_dir / order.name
    _refuse_impossible(order)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sweep_incomplete(folder)
        with _building(folder) as building:
            work = _Work.begin(order, building)
            work.write(progress)
            work.describe()
            return work.publish(folder)


@dataclass(slots=True)
class _Work:
    """An export being made in a hidden folder."""

    order: ExportOrder
    building: Path
    counts: dict[str, dict[Split, int]]
    formats: list[FormatInWork]
    tally: SampleTally = field(default_factory=SampleTally)
    statistics: StatisticsTally = field(default_factory=StatisticsTally)

    @classmethod
    def begin(cls, order: ExportOrder, building: Path) -> _Work:
        counts = order.organizer.count(order.samples)
        if not counts:
            raise ExportError(f"dataset '{order.name}' has no samples; there is nothing to export.")
        job = ExportJob(order.name, order.provider, order.model, {}, order.output)
        return cls(
            order, building, counts, [FormatInWork(EXPORT_FORMATS[n], building, job, counts) for n in order.formats]
        )

    @property
    def by_split(self) -> dict[Split, int]:
        total: Counter[Split] = Counter()
        for own in self.counts.values():
            total.update(own)
        return dict(total)

    @property
    def good(self) -> list[FormatInWork]:
        return [form for form in self.formats if not form.failure]

    def write(self, progress: Progress) -> None:
        """Write all formats and the files that are always there; then each format is read back.

        Raises ExportError when no format could be written.
        """
        rows = sum(self.by_split.values())
        if self.order.elsewhere is None:
            self._write_here(_Steps(progress, rows, 1 + len(self.formats)))
        else:
            sides = len(side_names(self.order.output))
            with self.order.elsewhere() as others:
                self._write_elsewhere(others, _Steps(progress, rows, 1 + sides + 2 * len(self.formats)))
        for form in self.formats:
            form.settle()
        if not self.good:
            told = "; ".join(f"{form.form.name}: {form.failure}" for form in self.formats)
            raise ExportError(f"nothing was exported. {told}")

    def _write_here(self, steps: _Steps) -> None:
        """Feed every batch to all formats and side files; then each format reads itself back."""
        side = [SIDE_WRITERS[name](self.building) for name in side_names(self.order.output)]
        try:
            for batch in self._counted_batches(steps):
                for writer in side:
                    writer.write(batch)
                parts = self.order.organizer.parts(batch)
                for form in self.formats:
                    form.write(parts)
            for writer in side:
                writer.close()
            for form in self.formats:
                form.close()
            for form in self.formats:
                form.check(self._parts)
                steps.take(steps.rows)
        finally:
            for form in self.formats:
                form.abort()
            for writer in side:
                writer.abort()

    def _write_elsewhere(self, others: Elsewhere, steps: _Steps) -> None:
        """The same by others, from a copy of the samples: only what needs all of them in order is done here."""
        for batch in self._counted_batches(steps):
            others.take(batch)
        for _ in others.write(self.building, side_names(self.order.output), self.formats):
            steps.take(steps.rows)
        readings = [(form, one) for form in self.formats for one in form.readings()]
        for (form, _), check in zip(readings, others.read_back([one for _, one in readings]), strict=True):
            form.take(check)
        steps.take(steps.rows * len(self.formats))

    def describe(self) -> None:
        """Write what stands beside the formats and does not depend on the version."""
        if self.order.output.include_stats:
            figures = self.statistics.statistics(self.order.token_exactness)
            write_json(self.building / STATISTICS_NAME, figures.to_json())
            page = statistics_page(figures, self.order.name, f"{figures.samples:,} samples, as exported")
            (self.building / STATISTICS_PAGE).write_text(page, "utf-8", "backslashreplace", "\n")
        if self.order.qa is not None:
            write_json(self.building / QA_JSON, self.order.qa.to_json())
            page = qa_page(self.order.qa, f"{self.order.qa.samples:,} samples, as exported")
            (self.building / QA_HTML).write_text(page, "utf-8", "backslashreplace", "\n")
        if self.order.lock:
            (self.building / LOCK_NAME).write_bytes(self.order.lock)

    def publish(self, folder: Path) -> ExportResult:
        """Give the folder its version; the changes are told against the version before it."""
        content = cache(lambda: read_content(self.building / LINEAGE_NAME))
        facts = self._facts()
        settings = {name: form.settings for name, form in facts.formats.items()}
        written = {form.form.name: form.files for form in self.good}
        files = describe_files(self.building, written)
        plan = publish(
            self.building,
            folder,
            lambda: plan_version(folder, content, settings),
            lambda plan: write_version_files(self.building, folder, facts, plan, files),
        )
        return self._result(folder / plan.version, plan)

    def _counted_batches(self, steps: _Steps) -> Iterator[Batch]:
        """Every batch, counted once whoever took it is done with it."""
        for batch in self._batches():
            self.tally.add(batch)
            self._count(batch)
            yield batch
            steps.take(len(batch))

    def _batches(self) -> Iterator[Batch]:
        return self.order.organizer.batches(self.order.samples)

    def _parts(self) -> Iterator[Part]:
        return (part for batch in self._batches() for part in self.order.organizer.parts(batch))

    def _count(self, batch: Batch) -> None:
        for row, messages, origin in zip(batch.rows, batch.messages, batch.origins, strict=True):
            turns = sum(message["role"] != "system" for message in messages)
            keywords = origin.get("keywords")
            if keywords is None:
                keywords = row.topic_keywords.split(",") if row.topic_keywords else ()
            source, method = origin.get("source_file", row.source_file), origin.get("method", "")
            self.statistics.add(row.token_length or 0, turns, row.split or "", source, method, keywords, row.id)

    def _facts(self) -> ManifestFacts:
        order = self.order
        return ManifestFacts(
            name=order.name,
            provider=order.provider,
            model=order.model,
            mode=order.mode,
            tool_version=order.tool_version,
            created_at=order.created_at,
            tally=self.tally,
            token_exactness=order.token_exactness,
            tokenizer=order.tokenizer,
            generation=order.generation,
            config=order.config,
            report=order.report,
            leakage=order.leakage,
            qa=order.qa,
            formats={form.form.name: self._format_facts(form) for form in self.good},
        )

    def _format_facts(self, form: FormatInWork) -> FormatFacts:
        settings = row_settings(form.form.name, self.order.provider, self.order.model, self.order.output)
        return FormatFacts(form.form.folder, settings, form.rows, form.content_sha256, form.left_out)

    def _result(self, final: Path, plan: VersionPlan) -> ExportResult:
        files = sorted((path for path in final.rglob("*") if path.is_file()), key=lambda path: _rank(path, final))
        return ExportResult(
            final,
            plan.version,
            tuple(files),
            plan,
            tuple(check for form in self.good for check in form.checks),
            {form.form.name: form.failure for form in self.formats if form.failure},
            {form.form.name: form.left_out for form in self.good if form.left_out},
            tuple(issue for form in self.good for issue in form.issues),
        )


def _rank(path: Path, folder: Path) -> tuple[int, str]:
    """Training files first, what proves them last."""
    name = path.relative_to(folder).as_posix()
    first = [f"{split}.jsonl" for split in SPLITS]
    if name in first:
        return first.index(name), name
    return (5 if name in ("manifest.json", "manifest.sha256") else 4), name


class _Steps:
    """Progress over several passes of the same rows."""

    def __init__(self, progress: Progress, rows: int, passes: int) -> None:
        self.rows = rows
        self._progress = progress
        self._done, self._total = 0, rows * passes

    def take(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done, self._total)


def _refuse_impossible(order: ExportOrder) -> None:
    if not _NAME.fullmatch(order.name):
        raise ExportError(
            f"'{order.name}' cannot name a folder; use letters, digits, '.', '_', '-', and a letter or digit first."
        )
    unknown = [name for name in order.formats if name not in EXPORT_FORMATS]
    if unknown:
        raise ExportError(f"unknown export format {', '.join(unknown)}; use {', '.join(EXPORT_FORMATS)}.")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        advice = "free some space" if error.errno == errno.ENOSPC else "check that the folder may be written to"
        raise ExportError(
            f"{where}: {error.strerror or error}; nothing was exported. {advice.capitalize()}."
        ) from error


@contextmanager
def _building(folder: Path) -> Iterator[Path]:
    """A hidden folder that is gone afterwards, unless it was renamed."""
    building = incomplete_path(folder / "version")
    building.mkdir()
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)
