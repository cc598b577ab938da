"""Menu 4: write a stored dataset as files; packed datasets."""

from __future__ import annotations

from collections.abc import Sequence

from src.cli.app import App
from src.cli.dataset_questions import choose_dataset
from src.cli.display import ProgressBars
from src.cli.prompts import Option
from src.config.settings import OutputSettings
from src.dataset.quality.report import QAReport
from src.export.exporter import ExportResult
from src.export.formats import EXPORT_FORMATS
from src.persistence.models import StoredDataset
from src.pipeline.engine.sharing import engine_for
from src.pipeline.progress import Progress
from src.pipeline.stages.exports import export_stored
from src.providers.formats.registry import FORMATS
from src.records import Dataset

FILES_SHOWN = 30


_CHOICES = (
    Option("export", "Export a dataset", "JSONL, CSV, Parquet, Hugging Face and more, checked and versioned"),
    Option("pack", "Pack for training", "JSONL, compressed and indexed: loads fast, every byte checked"),
    Option("unpack", "Unpack", "a packed dataset back to the same JSONL"),
    Option("verify", "Verify a packed dataset", "every checksum, the schema, the compression"),
    Option("measure", "Measure loading", "how fast a dataset loads on this machine"),
    Option("jobs", "Background jobs", "exports, QA reports and packing while the menu stays usable"),
)


def show(app: App) -> None:
    choice = app.asker.choose("Export Dataset", _CHOICES, "export")
    if choice == "export":
        export(app)
        return
    if choice == "jobs":
        from src.cli.screens.jobs_screen import look

        look(app)
        return
    from src.cli.screens.packing_screen import ACTIONS

    ACTIONS[choice](app)


def export(app: App) -> None:
    """Ask which dataset and which formats, and write them."""
    stored, dataset = choose_dataset(app, "Export which dataset?")
    output = app.settings().output
    names = _choose_formats(app, tuple(output.formats) or ("jsonl",))
    draw_export(app, write_export(app, stored, dataset, names, output))


def _choose_formats(app: App, usual: tuple[str, ...]) -> tuple[str, ...]:
    """One choice or several, by numbers or names with commas between them."""
    known = [Option(name, name, form.summary) for name, form in EXPORT_FORMATS.items()]
    listed = [option for option in known if option.value not in FORMATS]
    rows = [option for option in known if option.value in FORMATS]
    return tuple(app.asker.choose_several("Formats, with commas between several", listed, usual, rows))


def write_export(
    app: App,
    stored: StoredDataset,
    dataset: Dataset,
    formats: Sequence[str] | None,
    output: OutputSettings | None,
    qa: QAReport | None = None,
) -> ExportResult:
    """Write a stored dataset with the report of the run that made it, behind one progress bar."""
    workspace = app.workspace()
    with ProgressBars() as listener, engine_for(workspace) as engine:
        return export_stored(
            dataset,
            workspace,
            {**stored.config, "changes": stored.revision},
            stored.report,
            formats,
            output,
            lambda done, total: listener(Progress("export", done, total)),
            engine,
            qa,
        )


def draw_export(app: App, result: ExportResult) -> None:
    """Where the files are, how the version differs from the one before, and what is missing from it."""
    screen, plan = app.screen, result.plan
    since = f" ({plan.change} since {plan.parent})" if plan.parent else ""
    screen.success(f"\nExported to {result.folder}{since}:")
    for path in result.files[:FILES_SHOWN]:
        screen.say(f"  {path}")
    if len(result.files) > FILES_SHOWN:
        screen.say(f"  and {len(result.files) - FILES_SHOWN:,} more")
    for issue in result.issues:
        screen.warning(f"  {issue}")
    for name, reasons in result.left_out.items():
        for reason, count in reasons.most_common():
            screen.warning(f"  {name}: {count:,} sample(s) left out: {reason}")
    for name, why in result.failed.items():
        screen.error(f"  {name} failed and is not in the export: {why}")
