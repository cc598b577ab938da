"""Menu 3, single samples: look, edit, add, delete."""

from __future__ import annotations

from collections.abc import Sequence

from src.cli.app import App
from src.cli.dataset_questions import choose_stored
from src.cli.prompts import Option
from src.cli.tables.sample_table import draw_history, draw_sample, head_of, plain
from src.cli.verbs.quality.changing import default_split
from src.cli.verbs.quality.choosing import Passages, user_name, workspace_for
from src.dataset.curation.editing import with_turn
from src.persistence.edits.changing import history_of, list_changes
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages.curation import add_stored, delete_stored, edit_stored
from src.records import Message, Sample

_MOST_FOUND, _END = 20, "."


def edit(app: App) -> None:
    stored = choose_stored(app, "A sample of which dataset?")
    what = app.asker.choose(
        "What?",
        (
            Option("look", "Look at a sample", "its origin, its source, its history"),
            Option("edit", "Edit a sample", "both versions are kept"),
            Option("add", "Add a sample", "a question and an answer of yours"),
            Option("delete", "Delete a sample", "it can be undone"),
        ),
        "look",
    )
    with app.store() as store:
        if what == "add":
            _add(app, store, stored)
        elif (sample := _find(app, store, stored)) is not None:
            _look(app, store, stored, sample)
            if what == "edit":
                _edit(app, store, stored, sample)
            elif what == "delete":
                _delete(app, store, stored, sample)


def _find(app: App, store: Store, stored: StoredDataset) -> Sample | None:
    """A sample by its id, the start of it, or words that stand in it."""
    words = app.asker.until_valid("Its id, or words in it", "", str, "Please type an id or a few words, or b.")
    found: list[Sample] = []
    for sample in store.stored_samples(stored.id):
        texts = " ".join(message.content for message in sample.messages).casefold()
        if sample.id.startswith(words) or words.casefold() in texts:
            found.append(sample)
            if len(found) > _MOST_FOUND:
                break
    if len(found) > 1:
        more = f" (the first {_MOST_FOUND})" if len(found) > _MOST_FOUND else ""
        options = [Option(sample, sample.id, head_of(sample)) for sample in found[:_MOST_FOUND]]
        return app.asker.choose(f"Which one?{more}", options)
    if not found:
        app.screen.warning(f"No sample of {stored.name} has this id or these words.")
    return found[0] if found else None


def _look(app: App, store: Store, stored: StoredDataset, sample: Sample) -> None:
    draw_sample(app, sample, Passages(app, stored, workspace_for(app, store, stored, None)).of(sample))
    draw_history(app, history_of(store, stored.id, sample.id), list_changes(store, stored.id))


def _edit(app: App, store: Store, stored: StoredDataset, sample: Sample) -> None:
    messages = ask_messages(app, sample)
    edited = edit_stored(store, stored.id, sample.id, messages, user_name(), app.asker.line("Why (Enter: no reason): "))
    app.screen.success(f"Stored as {edited.id}; 3. Undo takes it back.")


def _add(app: App, store: Store, stored: StoredDataset) -> None:
    missing = "Please type a text, or b to go back."
    question = app.asker.until_valid("The user asks", "", str, missing)
    answer = app.asker.until_valid("The assistant answers", "", str, missing)
    messages = (Message("user", question), Message("assistant", answer))
    split = default_split(store, stored)
    added = add_stored(store, stored.id, messages, user_name(), app.asker.line("Why (Enter: no reason): "), split=split)
    app.screen.success(f"Added as {added.id}; 3. Undo takes it back.")


def _delete(app: App, store: Store, stored: StoredDataset, sample: Sample) -> None:
    if app.asker.yes_no("\nDelete it? It can be undone.", default=False):
        change = delete_stored(store, stored.id, [sample.id], user_name(), "")
        app.screen.success(f"Deleted (change {change.number}).")


def ask_messages(app: App, sample: Sample) -> Sequence[Message]:
    """The messages with other texts in those that the user picks by their number."""
    messages = sample.messages
    options = [Option(number, f"{message.role}") for number, message in enumerate(messages, 1)]
    number = app.asker.choose("Which message?", options, len(messages))
    app.screen.say(f"Now: {plain(messages[number - 1].content)}")
    app.screen.say(f"The new text, of as many lines as you like; a line with nothing but '{_END}' ends it.")
    lines: list[str] = []
    while (line := app.asker.raw_line("> ")) != _END:
        lines.append(line)
    return with_turn(sample, number, "\n".join(lines).strip())
