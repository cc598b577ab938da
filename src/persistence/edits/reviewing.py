"""The review queue of a stored dataset: what is to be looked at, and what was decided. It lives in the database, so a
review goes on where it was left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from src.errors import UsageError
from src.persistence.edits.changing import tables_changed
from src.persistence.edits.records import Decision, Edit, Note, Review
from src.persistence.stores.store import Store
from src.records import Sample


def add_reviews(store: Store, ref: str, reviews: Iterable[tuple[str, str]]) -> int:
    """Put samples, each with the reason, into the queue. How many are new; what stands in it stays as it is."""
    with store.change_tables(ref) as tables:
        return tables.add_reviews(reviews)


def list_reviews(
    store: Store, ref: str, decision: Decision | None = "open", after: int = 0, limit: int = 100
) -> list[Review]:
    """The next of the queue behind number `after`; `decision` None gives decided ones, too."""
    with store.change_tables(ref, reads=True) as tables:
        return tables.reviews(decision, after, limit)


def review_counts(store: Store, ref: str) -> dict[str, int]:
    """How many are open, accepted, rejected, edited."""
    with store.change_tables(ref, reads=True) as tables:
        return tables.review_counts()


def decide(
    store: Store,
    ref: str,
    sample_id: str,
    decision: Literal["accepted", "rejected", "edited"],
    who: str,
    note: str = "",
    edited: Sample | None = None,
) -> Review:
    """Write down a decision and, in the same transaction, do it: a rejected sample is deleted, an edited one replaced.

    Undoing that change opens the review again. Raises UsageError for a sample that is not in the queue or was decided
    already, and for one that is not in the dataset any more.
    """
    if (decision == "edited") != (edited is not None):
        raise UsageError("the decision 'edited' comes with the edited sample, the others without.")
    with store.change_tables(ref) as tables:
        review = tables.review_of(sample_id)
        if review is None:
            raise UsageError(f"sample {sample_id} is not in the review queue of dataset '{tables.stored.name}'.")
        if review.decision != "open":
            raise UsageError(f"sample {sample_id} was decided already: {review.decision}; undo that first.")
        change = 0
        if decision != "accepted":
            why = f"review: {note or review.reason}"
            change = tables_changed(tables, [Edit(sample_id, edited)], Note("review", who, why)).number
        decided = replace(review, decision=decision, note=note, who=who, decided_at=tables.now, change=change)
        tables.write_review(decided)
        return decided


def reopen(store: Store, ref: str, sample_id: str) -> None:
    """Take an acceptance back. A rejection or an edit is a change: undo() opens that review. Raises UsageError."""
    with store.change_tables(ref) as tables:
        review = tables.review_of(sample_id)
        if review is None or review.decision == "open":
            raise UsageError(f"sample {sample_id} has no decision that could be taken back.")
        if review.change:
            raise UsageError(f"sample {sample_id}: the decision made change {review.change}; undo that one.")
        tables.write_review(Review(review.number, sample_id, review.reason))
