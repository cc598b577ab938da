"""Menu 2, from recorded browser sessions: ask where they are and what to make of them, and make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from src.cli.app import App
from src.cli.display import ProgressBars
from src.cli.prompts import Option
from src.pipeline.progress import Progress

if TYPE_CHECKING:
    from src.config.settings import Settings
    from src.export.exporter import ExportResult
    from src.web_actions.making.report import BuildReport

_ISSUES_SHOWN, _EVERY = 10, 50
_RECORDINGS, _LOOKED_AT = ("*.jsonl", "*.ndjson", "*.json", "*.zip"), 10
_SPLITS = (
    Option("session", "by session", "no session falls into two splits"),
    Option("site", "by site", "no site does: validation shows how it works on sites never seen"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asks for besides the settings. `folder` None: below the output folder, by the dataset's name."""

    source: str
    folder: Path | None = None
    include_images: bool | None = None
    train_split: float | None = None
    test_split: float | None = None
    overwrite: bool = False


def is_wanted(app: App) -> bool:
    """Whether the input folder holds recorded sessions and the user wants samples of them."""
    if not _holds_recordings(app.input_dir):
        return False
    app.screen.say(f"\n{app.input_dir} holds recorded browser sessions.")
    return app.asker.yes_no("Make the dataset from them? (no: read the files as documents)")


def _holds_recordings(folder: Path) -> bool:
    """By the first entry of the first few files that could be recordings."""
    files = sorted(path for kind in _RECORDINGS for path in folder.rglob(kind) if path.is_file())[:_LOOKED_AT]
    if not files:
        return False
    from src.web_actions.session import Session
    from src.web_actions.sessions.reading import read_sessions

    return any(isinstance(next(read_sessions(str(path)), None), Session) for path in files)


def show(app: App) -> None:
    settings = app.settings()
    source = app.asker.until_valid("\nWhere are the recordings (folder, file, s3:// or gs://)", str(app.input_dir), str)
    images = app.asker.yes_no("With screenshots?", settings.web_actions.images.include)
    unit = app.asker.choose("Split", _SPLITS, settings.web_actions.split_by)
    web = settings.web_actions.model_copy(update={"split_by": unit})
    folder = folder_for(app, settings.output_name)
    taken = folder.exists()
    if taken and not app.asker.yes_no(f"{folder} is there already. Replace it?", default=False):
        return
    wanted = Wanted(source, folder, images, overwrite=taken)
    built = build(app, settings.model_copy(update={"web_actions": web}), wanted)
    draw(app, built)
    if app.asker.yes_no("\nExport now?"):
        export_built(app, built, tuple(settings.output.formats) or ("jsonl",))


def build(app: App, settings: Settings, wanted: Wanted) -> BuildReport:
    """Build the dataset and store it, behind a progress bar."""
    from src.web_actions.dataset_builder import DatasetBuilder

    folder = wanted.folder or folder_for(app, settings.output_name)
    with app.store() as store, ProgressBars() as bars:

        def tell(samples: int) -> None:
            if samples % _EVERY == 0:
                # How many there will be is not known before the last recording is read.
                bars(Progress("generation", samples, samples + 1))

        return DatasetBuilder(settings, store, tell).build_dataset(
            wanted.source,
            folder,
            include_images=wanted.include_images,
            train_split=wanted.train_split,
            test_split=wanted.test_split,
            overwrite=wanted.overwrite,
        )


def folder_for(app: App, name: str) -> Path:
    """Beside the versions that an export of the same dataset makes."""
    return app.output_dir / f"{name}.web-actions"


def draw(app: App, built: BuildReport) -> None:
    """What was made, what was left out and why, and where it is."""
    screen, counts = app.screen, built.report.counts
    screen.success(f"\n{built.samples:,} samples of {built.statistics.sessions:,} sessions in {built.folder}")
    screen.say(f"  read      {counts['sessions read']:,} sessions, {counts['steps read']:,} steps")
    splits = ", ".join(f"{name} {rows:,}" for name, rows in built.splits.items())
    screen.say(
        f"  splits    {splits}; in two of them: {built.leakage.sessions:,} sessions, {built.leakage.sites:,} sites"
    )
    if built.pictures.kept:
        screen.say(f"  pictures  {built.pictures.kept:,}, {built.pictures.bytes_out:,} bytes as WEBP")
    if built.dataset_id:
        screen.say(f"  stored    as '{built.name}' ({built.dataset_id}); `export`, `qa` and `stats` take it from there")
    for reason, count in built.report.dropped.most_common():
        screen.warning(f"  left out  {count:,} {reason}")
    for issue in built.report.issues[:_ISSUES_SHOWN]:
        screen.warning(f"  {issue}")
    if len(built.report.issues) > _ISSUES_SHOWN:
        screen.warning(f"  and {len(built.report.issues) - _ISSUES_SHOWN:,} more in report.json")
    screen.say("\nSamples by action:")
    screen.chart({name: part.samples for name, part in built.statistics.by_action.items()})
    screen.say("Samples by site:")
    screen.chart({name: part.samples for name, part in built.statistics.by_site.items()})


def export_built(app: App, built: BuildReport, formats: Sequence[str]) -> ExportResult:
    """Write the stored dataset as an export with manifest, lineage and version."""
    from src.cli.screens.export_screen import draw_export, write_export

    with app.store() as store:
        stored = store.find_dataset(built.dataset_id)
        dataset = store.load_dataset(stored.id)
    result = write_export(app, stored, dataset, formats, app.settings().output)
    draw_export(app, result)
    return result
