"""Menu 3: statistics, QA report, duplicates and curation of stored datasets."""

from __future__ import annotations

from collections.abc import Callable

from src.cli.app import App
from src.cli.dataset_questions import choose_stored, raise_without_dataset
from src.cli.prompts import Option

_CHOICES = (
    Option(
        "statistics",
        "Statistics",
        "tokens, turns, sources, topics, languages, words, coverage, cost; a page with plots",
    ),
    Option("qa", "QA report", "quality, safety, privacy, bias, contamination; what is flagged"),
    Option("duplicates", "Duplicates", "exact and near ones; keep the best"),
    Option("filter", "Filter", "keep or drop samples by rules"),
    Option("review", "Review", "look at samples beside their source: accept, reject, edit"),
    Option("edit", "Edit a sample", "change, add or delete one"),
    Option("repair", "Repair by an instruction", "an LLM changes the selected samples; both versions stay"),
    Option("redact", "Redact personal data", "mask it, replace it by fakes, or drop the samples"),
    Option("topics", "Topics", "group the samples by what they are about"),
    Option("merge", "Merge datasets", "into a new one, duplicates and id clashes handled"),
    Option("undo", "Undo changes", "every change can be taken back"),
)
_FLAGS_ASKED = 20


def show(app: App) -> None:
    with app.store() as store:
        if not store.list_datasets():
            raise_without_dataset(app)
    choice = app.asker.choose("Dataset: look and improve", _CHOICES, "statistics")
    own: dict[str, Callable[[App], None]] = {"statistics": statistics, "qa": qa, "duplicates": duplicates}
    if choice in own:
        own[choice](app)
        return
    from src.cli.screens.curation_screen import ACTIONS

    ACTIONS[choice](app)


def statistics(app: App) -> None:
    """Ask for a dataset, draw its statistics, and write the page beside its exports."""
    from src.cli.tables.quality_table import draw_statistics, read_statistics, training_cost_rows
    from src.pipeline.stages.assessing import save_statistics_page

    stored = choose_stored(app, "Statistics of which dataset?")
    with app.store() as store:
        found = read_statistics(app, store, stored, app.workspace(), quick=False)
        costs = training_cost_rows(store, stored)
    draw_statistics(app, stored, found, costs)
    path = app.output_dir / stored.name / "qa" / "statistics.html"
    save_statistics_page(found, stored, path)
    app.screen.say(f"\nThe same as a page with plots, which opens offline: {path}")


def qa(app: App) -> None:
    """Ask for a dataset, draw its QA report, and list what a figure flags as often as wanted."""
    from src.cli.tables.qa_table import QAChoices, draw_report, make_report
    from src.dataset.quality.showing.lines import flag_lines

    stored = choose_stored(app, "QA report of which dataset?")
    choices = QAChoices()
    made = make_report(app, stored.id, app.workspace(), choices)
    draw_report(app, made, choices)
    flagging = [metric for metric in made.report.metrics if made.report.flags.get(metric.name)]
    while flagging:
        options = [Option(m.name, m.title, f"{m.flagged:,} samples") for m in flagging]
        name = app.asker.choose("List what is flagged by (b: done)", options, options[0].value)
        for line in flag_lines(made.report, name, _FLAGS_ASKED):
            app.screen.say(f"  {line}")
        app.screen.say("  3. Review opens them one by one; 3. Filter or `curate --flagged` drops them.")


def duplicates(app: App) -> None:
    """Ask for a dataset, show its duplicates, and offer to drop all but the best of each."""
    from src.cli.tables.quality_table import draw_duplicates
    from src.cli.verbs.quality.choosing import user_name
    from src.dataset.duplicates.keeping import keep_best
    from src.pipeline.engine.sharing import engine_for
    from src.pipeline.engine.stages.duplicates import find_shared
    from src.pipeline.stages.curation import delete_stored

    stored = choose_stored(app, "Duplicates of which dataset?")
    with app.store() as store, engine_for(app.workspace()) as engine:
        report = find_shared(engine, stored.id, store.stored_samples(stored.id))
        doomed = keep_best(report)
        draw_duplicates(app, stored, report, len(doomed))
        if doomed and app.asker.yes_no(f"Drop {len(doomed):,} samples? It can be undone.", default=False):
            delete_stored(store, stored.id, doomed, user_name(), "duplicates of better samples", "curate")
            app.screen.success(f"Dropped {len(doomed):,} samples.")
