"""The verb `review`: what is to be looked at by a person, and what was decided. Menu 3 shows it sample by sample."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict

from src.cli.app import App
from src.cli.tables.sample_table import head_of, plain
from src.cli.verbs.quality.choosing import find_ids, quality_of, user_name, workspace_for
from src.cli.verbs.result import DONE, Result
from src.errors import UsageError
from src.persistence.edits.changing import samples_by_id
from src.persistence.edits.records import Review
from src.persistence.edits.reviewing import add_reviews, decide, list_reviews, reopen, review_counts
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages.filtering import Quality, flagged_by, metric_name

_LISTED, _MOST = 50, 10**9


def review(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        added = _add(app, store, stored, arguments)
        decided = [_decided(app, store, stored, one, "accepted", arguments.note) for one in arguments.accept]
        decided += [_decided(app, store, stored, one, "rejected", arguments.note) for one in arguments.reject]
        for sample_id in arguments.reopen:
            reopen(store, stored.id, _queued(store, stored, sample_id))
        counts = review_counts(store, stored.id)
        app.screen.say(f"{stored.name}: {described(counts)}")
        waiting = list_reviews(store, stored.id, limit=_MOST if arguments.json else _LISTED)
        if arguments.list or not (added is not None or decided or arguments.reopen):
            draw_queue(app, store, stored, waiting, counts.get("open", 0))
    return DONE, {
        "dataset": stored.name,
        "added": added,
        "decided": [asdict(one) for one in decided],
        "counts": counts,
        "open": [asdict(one) for one in waiting],
    }


def _add(app: App, store: Store, stored: StoredDataset, arguments: argparse.Namespace) -> int | None:
    """How many were put into the queue, None when nothing of the kind was asked for."""
    added: list[int] = []
    if arguments.add:
        ids = find_ids(store, stored, arguments.add)
        added.append(add_reviews(store, stored.id, [(one, arguments.note or "chosen") for one in ids]))
    if arguments.add_flagged:
        quality = quality_of(app, store, stored, workspace_for(app, store, stored, arguments.input))
        added += [add_flagged(store, stored, name, quality) for name in arguments.add_flagged]
    if arguments.sample is not None:
        added.append(add_drawn(store, stored, arguments.sample, app.settings().split.seed))
    if not added:
        return None
    app.screen.success(f"{sum(added):,} sample(s) were put into the queue.")
    return sum(added)


def add_flagged(store: Store, stored: StoredDataset, name: str, quality: Quality) -> int:
    """Queue what a figure of the QA report flags; how many are new."""
    metric = metric_name(name)
    report = quality()
    ids = flagged_by(report, metric)
    notes = {flag.sample_id: f"{metric}: {flag.note}" for flag in report.flags.get(metric, ())}
    in_order = [one for one in report.flagged_ids(metric) if one in ids]
    return add_reviews(store, stored.id, [(one, notes.get(one, str(metric))) for one in in_order])


def add_drawn(store: Store, stored: StoredDataset, count: int, seed: int) -> int:
    """Queue so many samples drawn from those that were never in the queue; how many there were."""
    if count < 1:
        raise UsageError(f"--sample: {count} samples cannot be drawn; give 1 or more.")
    known = {one.sample_id for one in list_reviews(store, stored.id, None, limit=_MOST)}
    rows = (row for rows in store.stored_samples(stored.id).row_batches() for row in rows)
    left = [row.id for row in rows if row.id not in known]
    drawn = set(random.Random(seed).sample(left, min(count, len(left))))  # noqa: S311 - no secret
    return add_reviews(store, stored.id, [(one, "drawn at random") for one in left if one in drawn])


def _decided(app: App, store: Store, stored: StoredDataset, sample_id: str, what: str, note: str) -> Review:
    full = _queued(store, stored, sample_id)
    done = decide(store, stored.id, full, "accepted" if what == "accepted" else "rejected", user_name(), note)
    taken = f" (change {done.change}; `undo {stored.name}` takes it back)" if done.change else ""
    app.screen.success(f"{full} {done.decision}{taken}.")
    return done


def _queued(store: Store, stored: StoredDataset, start: str) -> str:
    """The whole id of a sample in the queue, which may not be in the dataset any more."""
    ids = [one.sample_id for one in list_reviews(store, stored.id, None, limit=_MOST)]
    fitting = [one for one in ids if one == start] or [one for one in ids if start and one.startswith(start)]
    if len(fitting) != 1:
        problem = "several samples" if fitting else "no sample"
        raise UsageError(f"the review queue of '{stored.name}' has {problem} whose id is or starts with '{start}'.")
    return fitting[0]


def described(counts: dict[str, int]) -> str:
    """The queue in a line."""
    if not counts:
        return "the review queue is empty"
    return "review queue: " + ", ".join(
        f"{counts[one]:,} {one}" for one in ("open", "accepted", "rejected", "edited") if one in counts
    )


def draw_queue(app: App, store: Store, stored: StoredDataset, waiting: Sequence[Review], in_all: int) -> None:
    """The first of the open ones."""
    if not waiting:
        app.screen.say("Nothing waits. --add, --add-flagged and --sample put samples into the queue.")
        return
    shown = waiting[:_LISTED]
    found = samples_by_id(store, stored.id, [one.sample_id for one in shown])
    heads = {one: head_of(sample) for one, sample in found.items()}
    app.screen.table(
        ("sample", "reason", "user says"),
        [(one.sample_id, plain(one.reason), heads.get(one.sample_id, "(changed or deleted since)")) for one in shown],
    )
    if in_all > len(shown):
        app.screen.say(f"  ... and {in_all - len(shown):,} more; --json lists all.")
