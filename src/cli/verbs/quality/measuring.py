"""Verbs that measure a stored dataset: stats, qa, duplicates."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from src.cli.app import App
from src.cli.verbs.result import DONE, FAILED, Result
from src.errors import UsageError


def stats(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.quality_table import draw_statistics, read_statistics, training_cost_rows

    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        statistics = read_statistics(app, store, stored, app.workspace(arguments.input), quick=arguments.quick)
        costs = training_cost_rows(store, stored)
    draw_statistics(app, stored, statistics, costs)
    answer = {"dataset": stored.name, "statistics": statistics.to_json()}
    if arguments.html is not None:
        from src.pipeline.stages.assessing import save_statistics_page

        save_statistics_page(statistics, stored, arguments.html)
        app.screen.success(f"\nWrote {arguments.html}")
        answer["html"] = str(arguments.html)
    return DONE, {**answer, "training_costs": [asdict(cost) for cost in costs]}


def qa(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.qa_table import QAChoices, draw_report, make_report

    choices = QAChoices(
        output=arguments.report,
        against=arguments.against,
        judged=arguments.judge,
        everything=arguments.all,
        flags=arguments.flags or "",
        ask=not arguments.yes,
    )
    made = make_report(app, arguments.dataset, app.workspace(arguments.input), choices)
    draw_report(app, made, choices)
    answer = {**made.report.to_json(), "files": [str(path) for path in made.files]}
    return DONE if made.report.ok else FAILED, answer


def duplicates(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.quality_table import draw_duplicates
    from src.cli.verbs.quality.choosing import user_name
    from src.dataset.duplicates.finding import NEAR
    from src.dataset.duplicates.keeping import keep_best
    from src.pipeline.engine.sharing import engine_for
    from src.pipeline.engine.stages.duplicates import find_shared
    from src.pipeline.stages.curation import delete_stored

    if arguments.drop and arguments.what not in (None, "conversation"):
        raise UsageError("--drop compares whole conversations; leave --what out.")
    with app.store() as store, engine_for(app.workspace()) as engine:
        stored = store.find_dataset(arguments.dataset)
        report = find_shared(
            engine,
            stored.id,
            store.stored_samples(stored.id),
            what=arguments.what or "conversation",
            threshold=arguments.threshold or NEAR,
            near=not arguments.exact,
            semantic=arguments.semantic,
        )
        doomed = keep_best(report, spare={"numbers"} if arguments.spare_numbers else frozenset())
        draw_duplicates(app, stored, report, len(doomed))
        answer = {"dataset": stored.name, **report.to_json(), "would_go": len(doomed), "dropped": 0, "change": None}
        if arguments.drop and doomed:
            change = delete_stored(store, stored.id, doomed, user_name(), "duplicates of better samples", "curate")
            app.screen.success(f"Dropped {len(doomed):,} samples; `undo {stored.name}` takes that back.")
            answer |= {"dropped": len(doomed), "change": change.number}
    return DONE, answer
