"""Run the whole pipeline on sample documents in a folder of its own, and check every stage."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from src.config.environment import Environment
from src.config.settings import OutputSettings, Settings, SplitSettings
from src.dataset.splitting.leakage import measure_leakage
from src.errors import BuilderError
from src.export.exporter import ExportResult
from src.export.formats import EXPORT_FORMATS
from src.export.manifests.verifying import verify_folder
from src.pipeline.locking.locked_runs import locked_plan
from src.pipeline.orchestrator import Run
from src.pipeline.run_plan import Workspace, plan_run
from src.pipeline.stages.exports import export_stored
from src.pipeline.stages.splitting import settings_split
from src.pipeline.tracing.trace import trace
from src.providers import PROVIDERS
from src.providers.formats.registry import FORMATS
from src.providers.validation.validator import validate_file
from src.records import RunReport

FLIPS = 40
TRACED = 3


@dataclass(frozen=True, slots=True)
class StageCheck:
    """One line of the table: what was checked, whether it holds, and what was seen."""

    stage: str
    ok: bool
    seen: str
    seconds: float


class CheckFailedError(BuilderError):
    """A stage does not do what it should; the text says what was seen."""


@dataclass(slots=True)
class PipelineCheck:
    """The checks in their order; each builds on what the ones before it made. A failed one leaves those after it out.

    `documents` are read, `folder` is empty and holds everything that is made.
    """

    documents: Path
    prompts: Path
    folder: Path
    run: Run | None = None
    export: ExportResult | None = None
    results: list[StageCheck] = field(default_factory=list)

    def checks(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return (
            ("ingestion", self._ingest),
            ("conversations", self._identify),
            ("validation", self._validate),
            ("split", self._split),
            ("database", self._save),
            ("export", self._export),
            ("providers", self._providers),
            ("manifest", self._manifest),
            ("lineage", self._trace),
            ("locked run", self._repeat),
        )

    def __iter__(self) -> Iterator[StageCheck]:
        """Carry the checks out, one after the other."""
        for stage, check in self.checks():
            started = time.perf_counter()
            try:
                seen, ok = check(), True
            except BuilderError as error:
                seen, ok = str(error), False
            result = StageCheck(stage, ok, seen, time.perf_counter() - started)
            self.results.append(result)
            yield result
            if not ok:
                return

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.documents, self.folder / "output", self.folder / "memory" / "check.db", self.prompts)

    def _ingest(self) -> str:
        split = SplitSettings(ratio=0.8, validation=0.15, test=0.05)
        settings = Settings(mode="identify", provider="llama", model="llama-3.1-8b-instruct", split=split,
                            dataset_size=100_000, output_name="verify")  # fmt: skip
        plan = plan_run(settings, Environment({}, {}), self.workspace)
        self.run = Run(plan, self.workspace, RunReport(issues=list(plan.issues)))
        self.run.ingest()
        read, there = self.run.report.counts["documents"], len(plan.files)
        _expect(read == there, f"{read} of {there} files were read: {_issues(self.run.report)}")
        return f"{read} files, {self.run.report.counts['characters']:,} characters"

    def _identify(self) -> str:
        dataset = self._run.generate(None)
        _expect(len(dataset) >= TRACED, f"only {len(dataset)} conversations were found")
        return f"{len(dataset)} conversations"

    def _validate(self) -> str:
        run, before = self._run, len(self._run.dataset or ())
        run.validate()
        turns, kept = run.report.counts["turns verified word for word"], len(run.dataset or ())
        _expect(kept == before, f"{before - kept} samples were refused: {dict(run.report.dropped)}")
        return f"{turns} turns stand word for word in their sources, {kept} samples pass"

    def _split(self) -> str:
        self._run.split(lambda _: settings_split(self._run.plan.settings.split))
        assert self._run.dataset is not None
        leakage = measure_leakage(self._run.dataset.samples)
        _expect(leakage.is_free, f"{leakage.near_duplicates} samples leak from one split into another")
        sizes = [len(self._run.dataset.in_split(split)) for split in ("train", "validation", "test")]
        return f"{sizes[0]} + {sizes[1]} + {sizes[2]} samples, none near one in another split"

    def _save(self) -> str:
        run = self._run
        dataset_id = run.save()
        with self.workspace.open_store() as store:
            loaded = store.load_dataset(dataset_id)
        _expect(list(loaded.samples) == list(run.dataset or ()), "what was loaded is not what was saved")
        return f"{len(loaded)} samples saved, loaded and equal"

    def _export(self) -> str:
        formats = [name for name in EXPORT_FORMATS if name not in FORMATS and name != "template"]
        self.export = self._run.export(formats)
        _expect(not self.export.failed, f"failed: {dict(self.export.failed)}")
        rows = sum(sum(check.rows.values()) for check in self.export.checks)
        return f"{len(formats)} formats, {rows:,} rows read back and equal: {', '.join(formats)}"

    def _providers(self) -> str:
        """What each provider would be given passes its rules; too few examples for a real job are no fault here."""
        dataset = self._run.dataset
        assert dataset is not None
        for name, provider in PROVIDERS.items():
            target = replace(dataset, name=f"for-{name}", provider=name, model=provider.get_models()[0])
            result = export_stored(target, self.workspace, {}, output=OutputSettings(include_csv=False))
            for path in result.folder.glob("t*.jsonl"):
                report = validate_file(path, name, target.model)
                errors = [g.rule for g in report.groups if g.severity == "error" and not g.rule.startswith("too_few")]
                _expect(not errors, f"{name}: {path.name}: {', '.join(errors)}")
        return f"files for {', '.join(PROVIDERS)} pass their rules"

    def _manifest(self) -> str:
        folder = self._exported.folder
        problems = verify_folder(folder)
        _expect(not problems, "; ".join(map(str, problems[:3])))
        copy = self.folder / "damaged"
        rng = random.Random(1)  # noqa: S311 - places of bytes to change
        files = [path.relative_to(folder) for path in self._exported.files if path.stat().st_size]
        for number in range(FLIPS):
            name = files[number % len(files)]
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy)
            _flip(copy / name, rng)
            _expect(bool(verify_folder(copy)), f"a changed byte in {name} was not found")
        with suppress(OSError):
            shutil.rmtree(copy)
        return f"{len(self._exported.files)} files as written; {FLIPS} of {FLIPS} changed bytes found"

    def _trace(self) -> str:
        assert self._run.dataset is not None
        for sample in self._run.dataset.samples[:TRACED]:
            found = trace(sample.id, self.workspace)
            bad = [f"{step.what}: {step.remark}" for step in found.steps if step.check == "differs"]
            _expect(found.holds, f"{sample.id}: {'; '.join(bad)}")
        return f"{TRACED} samples traced to their documents, every link verified"

    def _repeat(self) -> str:
        again = replace(self.workspace, output_dir=self.folder / "again", database=self.folder / "again" / "check.db")
        plan, lock = locked_plan(self._exported.folder, Settings(), Environment({}, {}), again)
        run = Run(plan, again, RunReport(issues=list(plan.issues)), lock=lock, locked=lock is not None)
        run.ingest()
        run.generate(None)
        run.validate()
        run.split(lambda _: settings_split(plan.settings.split))
        run.save()
        first, second = self._exported.folder, run.export(plan.settings.output.formats or None).folder
        names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
        other = sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
        _expect(names == other, f"other files: {set(map(str, names)) ^ set(map(str, other))}")
        changed = [str(name) for name in names if (first / name).read_bytes() != (second / name).read_bytes()]
        _expect(not changed, f"other bytes in {', '.join(changed)}")
        return f"the locked run made the same {len(names)} files, byte for byte"

    @property
    def _run(self) -> Run:
        assert self.run is not None
        return self.run

    @property
    def _exported(self) -> ExportResult:
        assert self.export is not None
        return self.export


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailedError(otherwise)


def _issues(report: RunReport) -> str:
    return "; ".join(f"{issue.where}: {issue.message}" for issue in report.issues[:5])


def _flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
