"""Menu 3, review: the queue sample by sample, each beside its source: accept, reject, edit, skip."""

from __future__ import annotations

from src.cli.app import App
from src.cli.dataset_questions import choose_stored
from src.cli.prompts import Option
from src.cli.screens.curating.samples import ask_messages
from src.cli.tables.sample_table import draw_sample, plain
from src.cli.verbs.quality.choosing import Passages, quality_of, user_name, workspace_for
from src.cli.verbs.quality.reviewing import add_drawn, add_flagged, described
from src.errors import UsageError
from src.persistence.edits.changing import samples_by_id
from src.persistence.edits.records import Review
from src.persistence.edits.reviewing import decide, list_reviews, review_counts
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages.curation import decide_edited
from src.records import Sample


def review(app: App) -> None:
    stored = choose_stored(app, "Review samples of which dataset?")
    with app.store() as store:
        counts = review_counts(store, stored.id)
        app.screen.say(f"\n{stored.name}: {described(counts)}.")
        if not counts.get("open") or app.asker.yes_no("Put more samples into the queue?", default=False):
            _fill(app, store, stored)
        _go_through(app, store, stored)
        app.screen.say(f"\n{stored.name}: {described(review_counts(store, stored.id))}.")


def _fill(app: App, store: Store, stored: StoredDataset) -> None:
    what = app.asker.choose(
        "Which samples?",
        (
            Option("drawn", "Some at random", "to see what the dataset is like"),
            Option("flagged", "What a figure of the QA report flags", "refusals, truncated, personal data, ..."),
        ),
        "drawn",
    )
    if what == "drawn":
        count = app.asker.number("How many", min(10, stored.total_samples), 1, max(1, stored.total_samples))
        added = add_drawn(store, stored, count, app.settings().split.seed)
    else:
        quality = quality_of(app, store, stored, workspace_for(app, store, stored, None))
        flagging = [metric for metric in quality().metrics if metric.flagged]
        if not flagging:
            app.screen.success("The QA report flags nothing.")
            return
        options = [Option(one.name, one.title, f"{one.flagged:,} samples") for one in flagging]
        added = add_flagged(store, stored, app.asker.choose("Flagged by", options, options[0].value), quality)
    app.screen.say(f"{added:,} sample(s) were put into the queue.")


def _go_through(app: App, store: Store, stored: StoredDataset) -> None:
    """The open ones in their order. Each decision holds at once, so that a review can be left at any time."""
    passages = Passages(app, stored, workspace_for(app, store, stored, None))
    last = 0
    while waiting := list_reviews(store, stored.id, after=last, limit=1):
        (one,) = waiting
        last = one.number
        sample = samples_by_id(store, stored.id, [one.sample_id]).get(one.sample_id)
        if sample is None:
            decide(store, stored.id, one.sample_id, "accepted", user_name(), "changed or deleted before the review")
            app.screen.warning(f"\n{one.sample_id} was changed or deleted since; it leaves the queue.")
            continue
        draw_sample(app, sample, passages.of(sample))
        app.screen.warning(f"  why: {plain(one.reason)}")
        if not _decide(app, store, stored, one, sample):
            return


def _decide(app: App, store: Store, stored: StoredDataset, one: Review, sample: Sample) -> bool:
    """Ask and do it. False when the user has enough."""
    words = {"a": "accept", "r": "reject", "e": "edit", "s": "skip", "q": "quit"}

    def read(text: str) -> str:
        found = words.get(text.lower()[:1], "")
        if not found or text.lower() not in (found[0], found):
            raise ValueError("Please answer a (accept), r (reject: delete it), e (edit), s (skip) or q (quit).")
        return found

    while True:
        choice = app.asker.until_valid("Accept, reject, edit, skip, quit (a/r/e/s/q)", "s", read)
        if choice in ("skip", "quit"):
            return choice == "skip"
        try:
            if choice == "edit":
                decide_edited(store, stored.id, sample.id, ask_messages(app, sample), user_name())
            else:
                decide(store, stored.id, sample.id, "accepted" if choice == "accept" else "rejected", user_name())
        except UsageError as error:
            app.screen.warning(str(error))
            continue
        done = {"edit": "Edited", "accept": "Accepted", "reject": "Deleted; 3. Undo brings it back"}[choice]
        app.screen.success(f"{done}.")
        return True
