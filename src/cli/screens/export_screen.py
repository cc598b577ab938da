"""Menu 4: write a stored dataset as files."""

from __future__ import annotations

from src.cli.app import App
from src.cli.prompts import Option
from src.cli.screens.statistics_screen import choose_dataset
from src.export.exporter import ExportResult
from src.persistence.models import StoredDataset
from src.pipeline.exports import export_stored
from src.records import Dataset

_FORMATS: tuple[Option[tuple[str, ...]], ...] = (
    Option(("jsonl", "csv"), "JSONL and CSV metadata", "everything a provider and a spreadsheet need"),
    Option(("jsonl",), "JSONL", "the provider's training files"),
    Option(("csv",), "CSV metadata", "one line a sample, safe to open in a spreadsheet"),
)


def show(app: App) -> None:
    stored, dataset = choose_dataset(app, "Export which dataset?")
    formats = app.asker.choose("Formats", _FORMATS, ("jsonl", "csv"))
    show_export(app, export(app, stored, dataset, formats))


def export(app: App, stored: StoredDataset, dataset: Dataset, formats: tuple[str, ...] | None) -> ExportResult:
    """Write a stored dataset with the settings and the report of the run that made it."""
    return export_stored(dataset, app.workspace(), stored.config, stored.report, formats)


def show_export(app: App, result: ExportResult) -> None:
    app.screen.success(f"\nExported to {result.folder}:")
    for path in result.files:
        app.screen.say(f"  {path}")
