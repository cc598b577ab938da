"""Verbs on single samples and on what was changed: sample, edit, add, delete, changes, undo."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from src.cli.app import App
from src.cli.tables.sample_table import difference_lines, draw_history, draw_sample, plain
from src.cli.verbs.quality.choosing import Passages, find_ids, user_name, workspace_for
from src.cli.verbs.result import DONE, Result
from src.dataset.curation.editing import with_turn
from src.errors import UsageError
from src.persistence.edits.changing import history_of, list_changes, samples_by_id, undo, undoable
from src.persistence.edits.records import StoredChange
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages import curation
from src.records import Message, Sample


def sample(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        found, history = _with_history(store, stored, arguments.id)
        told = None
        if arguments.passage:
            told = Passages(app, stored, workspace_for(app, store, stored, arguments.input)).of(found or history[-1])
        if found is None:
            app.screen.warning(f"Sample {arguments.id} is not in {stored.name} any more; this is what it was.")
        draw_sample(app, found or history[-1], told)
        changes = history_of(store, stored.id, (found or history[-1]).id)
        draw_history(app, changes, list_changes(store, stored.id))
    return DONE, {
        "dataset": stored.name,
        "in_dataset": found is not None,
        "sample": _as_json(found or history[-1]),
        "passage": told if told is None or isinstance(told, str) else asdict(told),
        "history": [
            {
                "change": one.change,
                "before": _as_json(one.before) if one.before else None,
                "after": _as_json(one.after) if one.after else None,
            }
            for one in changes
        ],
    }


def _with_history(store: Store, stored: StoredDataset, given: str) -> tuple[Sample | None, list[Sample]]:
    """The sample, or the versions there were of one that is gone. Raises UsageError where there was none."""
    known = history_of(store, stored.id, given)
    if known and given not in samples_by_id(store, stored.id, [given]):
        versions = [version for one in known for version in (one.before, one.after) if version is not None]
        now = samples_by_id(store, stored.id, [version.id for version in versions])
        return (next(iter(now.values())) if now else None), versions
    (full,) = find_ids(store, stored, [given])
    return curation.find_sample(store, stored.id, full), []


def edit(app: App, arguments: argparse.Namespace) -> Result:
    if (arguments.messages is None) == (arguments.turn is None) or (arguments.turn is None) != (arguments.text is None):
        raise UsageError("give the new messages by --messages FILE, or one of them by --turn N --text TEXT.")
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        (full,) = find_ids(store, stored, [arguments.id])
        before = curation.find_sample(store, stored.id, full)
        if arguments.messages is not None:
            messages: Sequence[Message] = read_messages(arguments.messages)
        else:
            messages = with_turn(before, arguments.turn, arguments.text)
        edited = curation.edit_stored(store, stored.id, full, messages, user_name(), arguments.why)
        return _changed(app, store, stored, edited)


def _changed(app: App, store: Store, stored: StoredDataset, edited: Sample) -> Result:
    change = list_changes(store, stored.id)[0]
    (last,) = [one for one in history_of(store, stored.id, edited.id) if one.change == change.number]
    for line in difference_lines(last):
        app.screen.say(f"  {line}")
    app.screen.success(f"Sample {edited.id} stored (change {change.number}); `undo {stored.name}` takes it back.")
    return DONE, {"dataset": stored.name, "change": change.number, "sample": _as_json(edited)}


def add(app: App, arguments: argparse.Namespace) -> Result:
    messages = read_messages(arguments.messages)
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        split = arguments.split or default_split(store, stored)
        added = curation.add_stored(store, stored.id, messages, user_name(), arguments.why, split=split)
        return _changed(app, store, stored, added)


def default_split(store: Store, stored: StoredDataset) -> str | None:
    """Where a sample goes that nobody chose a split for: to train, where the dataset is split."""
    first = next(iter(store.stored_samples(stored.id)), None)
    return "train" if first is not None and first.split is not None else None


def delete(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        ids = find_ids(store, stored, arguments.ids)
        change = curation.delete_stored(store, stored.id, ids, user_name(), arguments.why)
    app.screen.success(
        f"Deleted {change.samples:,} sample(s) (change {change.number}); `undo {stored.name}` takes it back."
    )
    return DONE, {"dataset": stored.name, "change": change.number, "deleted": ids}


def changes(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        found = list_changes(store, stored.id)
    draw_changes(app, stored, found)
    return DONE, {"dataset": stored.name, "changes": [asdict(change) for change in found]}


def draw_changes(app: App, stored: StoredDataset, found: Sequence[StoredChange]) -> None:
    """A line for each change, the newest first."""
    if not found:
        app.screen.say(f"{stored.name} was not changed since it was stored.")
        return
    rows = [
        (one.number, one.made_at[:16], one.kind, one.who, one.samples, _state(one), plain(one.why).replace("\n", " "))
        for one in found
    ]
    app.screen.table(("change", "made (UTC)", "kind", "by", "samples", "holds", "why"), rows)


def _state(change: StoredChange) -> str:
    if change.undone_by:
        return f"undone by {change.undone_by}"
    return "for good" if change.earlier else "yes"


def undo_changes(app: App, arguments: argparse.Namespace) -> Result:
    if arguments.all and arguments.changes:
        raise UsageError("give the numbers of changes, or --all.")
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        made = take_back(app, store, stored, arguments.changes, everything=arguments.all)
        after = store.find_dataset(stored.id)
    return DONE, {"dataset": stored.name, **asdict(made), "samples_now": after.total_samples}


def take_back(
    app: App, store: Store, stored: StoredDataset, numbers: Sequence[int], *, everything: bool = False
) -> StoredChange:
    """Undo these changes, all that hold, or the newest one."""
    known = undoable(list_changes(store, stored.id))
    made = undo(store, stored.id, numbers or (known if everything else known[:1]), user_name())
    what = ", ".join(map(str, made.undoes))
    app.screen.success(
        f"Undid {'changes' if len(made.undoes) > 1 else 'change'} {what} of {stored.name}: "
        f"{made.samples:,} sample(s) are as they were. `undo {stored.name} {made.number}` does it again."
    )
    return made


def read_messages(path: Path) -> tuple[Message, ...]:
    """The messages in a JSON file: a list of role and content, or an object with such a list as "messages".

    Raises UsageError.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not JSON ({error}).") from error
    found = values.get("messages") if isinstance(values, dict) else values
    if not isinstance(found, list) or not all(_is_message(one) for one in found):
        raise UsageError(
            f'{path}: must hold a list like [{{"role": "user", "content": "..."}}, {{"role": "assistant", ...}}].'
        )
    return tuple(Message(one["role"], one["content"]) for one in found)


def _is_message(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("role"), str) and isinstance(one.get("content"), str)


def _as_json(sample: Sample) -> dict[str, Any]:
    return asdict(sample)
