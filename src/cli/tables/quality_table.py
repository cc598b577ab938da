"""Statistics and duplicates of a stored dataset on the screen."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from src.cli.app import SAMPLES, App
from src.cli.display import ProgressBars
from src.dataset.duplicates.report import DuplicateReport
from src.dataset.statistics import Statistics
from src.dataset.statistics.showing.lines import statistics_lines
from src.ingestion.document_reader import hash_file, stays_inside
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.progress import Progress
from src.pipeline.run_plan import Workspace
from src.pipeline.stages.assessing import Depth, statistics_of_stored
from src.pipeline.stages.source_texts import SourceTexts, read_sources
from src.providers.clients.models.prices import dollars
from src.providers.models.training_cost import TrainingCost, training_costs

# Each provider's tokenizer counts the whole dataset.
_MOST_COMPARED = 20_000
_GROUPS_SHOWN, _MEMBERS_SHOWN = 10, 4


def read_statistics(app: App, store: Store, stored: StoredDataset, workspace: Workspace, *, quick: bool) -> Statistics:
    """The statistics of a dataset, with a bar. `quick` leaves the documents and the near-duplicates out."""
    with ProgressBars() as bars:
        sources = None if quick else sources_of(app, store, stored, workspace)

        def tell(done: int) -> None:
            bars(Progress("statistics", done, stored.total_samples))

        return statistics_of_stored(store, stored.id, Depth(not quick, sources), tell)


def sources_of(app: App, store: Store, stored: StoredDataset, workspace: Workspace) -> SourceTexts:
    """The dataset's documents, as far as they are where they were."""
    given = workspace.input_dir if workspace.input_dir != app.input_dir else None
    there = workspace_for(app, store, stored, given)
    return read_sources(store.stored_samples(stored.id), stored.config, there, app.settings().ingestion)


def workspace_for(app: App, store: Store, stored: StoredDataset, given: Path | None) -> Workspace:
    """The workspace whose input folder has the dataset's documents: the one given, the usual one, or the samples.

    A document counts by its SHA-256, so that a wrong folder gives none rather than a wrong one.
    """
    workspace = app.workspace(given)
    origin = next((one.origin for one in store.stored_samples(stored.id) if one.origin.document_id), None)
    if given is not None or origin is None or (workspace.input_dir / origin.source_file).is_file():
        return workspace
    sample = SAMPLES / origin.source_file
    digest = origin.document_id.partition(".")[0]
    its_own = sample.is_file() and stays_inside(sample, SAMPLES) and hash_file(sample) == digest
    return replace(workspace, input_dir=SAMPLES) if its_own else workspace


def training_cost_rows(store: Store, stored: StoredDataset) -> list[TrainingCost]:
    """What training costs at each provider; empty for datasets so large that counting would take minutes."""
    if stored.total_samples > _MOST_COMPARED:
        return []
    return training_costs(store.load_dataset(stored.id).samples, stored.provider, stored.model)


def draw_statistics(app: App, stored: StoredDataset, statistics: Statistics, costs: Sequence[TrainingCost]) -> None:
    screen = app.screen
    screen.say()
    screen.title(f"{stored.name}: {statistics.samples:,} samples for {stored.provider} / {stored.model}")
    for line in statistics_lines(statistics, _width(app)):
        screen.say(line)
    if costs:
        screen.say(f"\nTraining at each provider, {costs[0].epochs} epochs (estimated):")
        rows = [
            (
                cost.provider,
                cost.model,
                cost.tokens,
                "unknown" if cost.usd is None else dollars(cost.usd),
                cost.note[:80],
            )
            for cost in costs
        ]
        screen.table(("provider", "model", "tokens an epoch", "cost", "note"), rows)
    else:
        screen.say(f"\nOther providers are compared up to {_MOST_COMPARED:,} samples.")


def draw_duplicates(app: App, stored: StoredDataset, report: DuplicateReport, doomed: int) -> None:
    screen = app.screen
    screen.say()
    screen.title(f"Duplicates in {stored.name}: {report.samples:,} samples, {len(report.groups):,} groups")
    screen.say(f"  exact             {report.exact:,} (of them {report.identical:,} byte by byte)")
    if report.searched_near:
        screen.say(f"  near              {report.near:,} more share {report.threshold:.0%} of their 3-word shingles")
        screen.say(f"  other numbers     {report.differing_numbers:,} near pairs differ in numbers or negations")
    if report.empty:
        screen.say(f"  empty             {report.empty:,} have nothing to compare")
    if report.semantic is not None:
        screen.say(f"  same meaning?     {len(report.semantic.pairs):,} pairs flagged by a model; none is dropped")
    screen.say(f"  would go          {doomed:,}, if the best of each stayed")
    for group in report.groups[:_GROUPS_SHOWN]:
        ids = [member.sample_id for member in group.members]
        more = f" and {len(ids) - _MEMBERS_SHOWN:,} more" if len(ids) > _MEMBERS_SHOWN else ""
        screen.say(f"  {group.kind:<6} {', '.join(ids[:_MEMBERS_SHOWN])}{more}")
    if len(report.groups) > _GROUPS_SHOWN:
        screen.say(f"  and {len(report.groups) - _GROUPS_SHOWN:,} more groups; --json lists up to 1,000")


def _width(app: App) -> int:
    return shutil.get_terminal_size().columns - 1 if app.screen.out.isatty() else 100
