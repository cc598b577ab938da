"""What verbs do differently as a background job, so that an attempt after a kill makes the same and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.verbs.result import DONE, FAILED, Result

if TYPE_CHECKING:
    from src.config.settings import OutputSettings
    from src.export.exporter import ExportResult
    from src.persistence.models import StoredDataset
    from src.pipeline.orchestrator import Run


def join_job(app: App, run: Run) -> None:
    """Every attempt goes on with the same run and writes the same dataset."""
    if app.job is not None:
        run.run_id = app.job.job.run_id
        run.wanted_id, run.draft = app.job.job.dataset_id, True


def export_of_run(app: App) -> Result:
    """Export what the job's run has saved; from here on, no attempt generates again."""
    assert app.job is not None
    app.job.remember(saved=True)
    with app.store() as store:
        stored = store.find_dataset(app.job.job.dataset_id)
    code, answer = export_once(app, stored, None, None)
    facts = {"run_id": app.job.job.run_id, "dataset_id": stored.id, "name": stored.name}
    return code, {**facts, "samples": stored.total_samples, **answer}


def export_once(
    app: App,
    stored: StoredDataset,
    formats: Sequence[str] | None,
    output: OutputSettings | None,
    qa: bool = False,
) -> Result:
    """Export a stored dataset; not again what an attempt before this one had published when it was killed."""
    from src.cli.screens.export_screen import draw_export, write_export

    found = _published(app, stored, formats, output)
    if found is not None:
        app.screen.success(f"\nExported to {found}, before this job was interrupted.")
        return DONE, {"folder": str(found), "version": found.name}
    with app.store() as store:
        dataset = store.load_dataset(stored.id)
    report = None
    if qa:
        from src.cli.tables.qa_table import assess_and_draw

        report = assess_and_draw(app, stored.id)
    result = write_export(app, stored, dataset, formats, output, report)
    draw_export(app, result)
    return FAILED if result.failed else DONE, export_as_json(result)


def export_as_json(result: ExportResult) -> dict[str, Any]:
    return {
        "folder": str(result.folder),
        "version": result.version,
        "change": result.plan.change,
        "parent": result.plan.parent,
        "files": [str(path) for path in result.files],
        "failed": dict(result.failed),
        "left_out": {name: dict(reasons) for name, reasons in result.left_out.items()},
        "issues": [asdict(issue) for issue in result.issues],
    }


def may_overwrite(app: App, target: Path, asked: bool) -> bool:
    """Whether `target` may be replaced: the user says so, or it was not there before this job began."""
    if app.job is None or asked:
        return asked
    return not app.job.first_time(f"there before: {target}", target.exists)


def _published(
    app: App, stored: StoredDataset, formats: Sequence[str] | None, output: OutputSettings | None
) -> Path | None:
    from src.export.versions.numbers import versions_in
    from src.pipeline.jobs.exported import published_since

    if app.job is None:
        return None
    folder = app.workspace().output_dir / stored.name
    before = app.job.first_time("versions before", lambda: versions_in(folder) if folder.is_dir() else [])
    return published_since(folder, before, stored.config, formats, output) if folder.is_dir() else None
