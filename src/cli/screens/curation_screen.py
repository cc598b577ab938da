"""Menu 3, curation: filter, edit, undo, repair, merge, redact and topics, asked for step by step."""

from __future__ import annotations

from collections.abc import Callable

from src.cli.app import App
from src.cli.dataset_questions import choose_stored, describe
from src.cli.prompts import Option
from src.cli.screens.curating.reviewing import review
from src.cli.screens.curating.samples import edit
from src.cli.verbs.quality.choosing import checked_name, quality_of, workspace_for
from src.errors import UsageError
from src.pipeline.stages.filtering import Filters, filter_stored

_NOTHING, _DROP, _KEEP = "nothing", "drop", "keep"


def filter_samples(app: App) -> None:
    from src.cli.verbs.quality.curating import draw_selection, drop_left_out, keep_as

    stored = choose_stored(app, "Filter which dataset?")
    with app.store() as store:
        quality = quality_of(app, store, stored, workspace_for(app, store, stored, None))
        filters = _ask_filters(app)
        if not filters:
            app.screen.say("Without a rule everything stays.")
            return
        selection = filter_stored(store, stored.id, filters, quality)
        draw_selection(app, store, stored, selection)
        if not selection.left_out_ids:
            return
        what = app.asker.choose(
            "What now?",
            (
                Option(_NOTHING, "Nothing", "leave the dataset as it is"),
                Option(_DROP, "Delete what is left out", "it can be undone"),
                Option(_KEEP, "Store what stays", "as a new dataset"),
            ),
            _NOTHING,
        )
        if what == _DROP:
            drop_left_out(app, store, stored, selection, str(filters))
        elif what == _KEEP:
            keep_as(app, store, stored, selection, _ask_name(app, f"{stored.name}_kept"), str(filters))


def _ask_filters(app: App) -> Filters:
    app.screen.say("\nA rule speaks of token_length, turns, topic, source_file, question, answer, score, toxicity, ...")
    app.screen.say("  token_length > 50        topic in ('pump', 'valve')        answer.contains('http')")
    only = _ask_rule(app, "Only samples that fit (Enter: all)")
    without = _ask_rule(app, "Without samples that fit (Enter: none)")

    def read(text: str) -> float | None:
        try:
            value = float(text) if text else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value <= 1:
            raise ValueError("Please answer with a number from 0 to 1, Enter for none, or b to go back.")
        return value

    least = app.asker.until_valid("Least quality score, 0 to 1 (Enter: any)", "", read)
    return Filters(only, without, min_score=least)


def _ask_rule(app: App, question: str) -> tuple[str, ...]:
    """The rule, () for none. One that is no rule is explained and asked for again."""
    from src.pipeline.stages.filtering import check_rule

    def read(text: str) -> tuple[str, ...]:
        try:
            check_rule(text)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return (text,) if text else ()

    return app.asker.until_valid(question, "", read)


def _ask_name(app: App, preset: str) -> str:
    def read(text: str) -> str:
        try:
            return checked_name(app, text)
        except UsageError as error:
            raise ValueError(str(error)) from error

    return app.asker.until_valid("Name of the new dataset", preset, read)


def undo(app: App) -> None:
    from src.cli.verbs.quality.changing import draw_changes, take_back
    from src.persistence.edits.changing import list_changes, undoable

    stored = choose_stored(app, "Undo changes of which dataset?")
    with app.store() as store:
        changes = list_changes(store, stored.id)
        draw_changes(app, stored, changes)
        known = undoable(changes)
        if not changes:
            return

        def read(text: str) -> list[int]:
            parts = text.replace(",", " ").split()
            if text.lower() != "all" and not all(part.isdigit() for part in parts):
                raise ValueError("Please answer with numbers of changes, all, or b to go back.")
            return known if text.lower() == "all" else [int(part) for part in parts]

        numbers = app.asker.until_valid(
            "Undo which (numbers, or all)", str(known[0]) if known else "", read, "Please answer with a number, or b."
        )
        take_back(app, store, stored, numbers)


def repair(app: App) -> None:
    from src.cli.verbs.quality.repairing import repair_chosen

    stored = choose_stored(app, "Repair samples of which dataset?")
    with app.store() as store:
        workspace = workspace_for(app, store, stored, None)
        filters = _ask_filters(app)
        ids = filter_stored(store, stored.id, filters, quality_of(app, store, stored, workspace)).kept
        if not ids:
            app.screen.warning("No sample fits.")
            return
        instruction = app.asker.until_valid(
            f"\n{len(ids):,} samples fit. What is to be changed in each", "", str, "Please say it in a sentence, or b."
        )
        repair_chosen(app, store, stored, workspace, ids, instruction)


def merge(app: App) -> None:
    from src.cli.verbs.quality.curating import merge_into
    from src.dataset.duplicates.merging import OnDuplicates

    with app.store() as store:
        known = store.list_datasets()[:30]
    if len(known) < 2:
        app.screen.warning("There are not two datasets yet; make more with 2. Generate Dataset.")
        return
    options = [Option(one.id, one.name, describe(one)) for one in known]
    chosen = app.asker.choose_several("Merge which datasets? The first one's model counts", options, [])
    ways: list[Option[OnDuplicates]] = [
        Option("keep", "Keep all", "but the same sample only once"),
        Option("drop_exact", "Drop exact duplicates", "the longest answer stays"),
        Option("drop_near", "Drop near-duplicates, too"),
    ]
    duplicates = app.asker.choose("Duplicates", ways, "keep")
    anew = app.asker.yes_no("Divide all of it anew into train and validation?", default=False)
    first = next(one.name for one in known if one.id == chosen[0])
    name = _ask_name(app, f"{first}_merged")
    merge_into(app, name, chosen, duplicates=duplicates, split=app.settings().split if anew else None)


def redact(app: App) -> None:
    from src.analysis.pii.findings import KINDS
    from src.cli.verbs.quality.describing import redact_with

    stored = choose_stored(app, "Redact personal data in which dataset?")
    policies = {str(kind): str(policy) for kind, policy in app.settings().qa.pii.policies.items()}
    shown = ", ".join(f"{kind} {policy}" for kind, policy in policies.items() if policy != "report")
    if not shown or not app.asker.yes_no(f"As qa.pii.policies says ({shown})?"):
        kinds = app.asker.choose_several("Which kinds?", [Option(kind, kind) for kind in KINDS], list(KINDS))
        policy = app.asker.choose(
            "What is to happen with them?",
            (
                Option("mask", "Mask", "[EMAIL] instead"),
                Option("replace", "Replace", "a fake instead, the same one for the same value"),
                Option("drop", "Drop", "delete the samples that have one"),
            ),
            "mask",
        )
        policies = dict.fromkeys(kinds, policy)
    with app.store() as store:
        redact_with(app, store, stored, policies)


def topics(app: App) -> None:
    from src.cli.verbs.quality.describing import draw_topics, write_topics
    from src.pipeline.stages.topics import topics_of_stored

    stored = choose_stored(app, "Topics of which dataset?")
    with app.store() as store:
        found = topics_of_stored(store, stored.id, seed=app.settings().split.seed)
        draw_topics(app, stored, found)
        if found.found.topics and app.asker.yes_no("\nWrite them as the first keyword of each sample?", default=False):
            write_topics(app, store, stored, found)


ACTIONS: dict[str, Callable[[App], None]] = {
    "filter": filter_samples,
    "review": review,
    "edit": edit,
    "undo": undo,
    "repair": repair,
    "merge": merge,
    "redact": redact,
    "topics": topics,
}
