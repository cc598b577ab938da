"""Stored datasets made better by hand, rule or LLM: every change recorded with both versions, every change undone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from src.agents.sample_repair import SampleRepair
from src.dataset.curation.editing import CountTokens, Objection, edit_sample, new_sample, no_objection
from src.dataset.curation.measures import Metrics
from src.dataset.curation.rejecting import Curated, ScoresById, curate
from src.dataset.curation.repairing import RepairTally
from src.dataset.curation.selecting import Selection, select
from src.errors import UsageError
from src.persistence.edits.changing import change_samples, ids_of_job, samples_by_id
from src.persistence.edits.records import Edit, Note, Review, StoredChange
from src.persistence.edits.reviewing import decide
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.providers.token_counter import counter_for
from src.providers.validation.validator import objection
from src.records import Message, Sample

# So many repaired samples are stored at once: what a kill in between costs is asked from the journal again.
REPAIRS_AT_ONCE = 20
_READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rules:
    """How samples of a dataset are counted and checked: as the provider does it that they are meant for."""

    count_tokens: CountTokens
    objection: Objection


def rules_of(stored: StoredDataset) -> Rules:
    counter = counter_for(stored.provider, stored.model)

    def refused(sample: Sample) -> str:
        rule = objection(sample, stored.provider, stored.model)
        return f"{stored.provider} would not take it ({rule})" if rule else ""

    return Rules(lambda messages: counter.count_messages(tuple(messages)), refused)


def find_sample(store: Store, ref: str, sample_id: str) -> Sample:
    """Raises UsageError when the dataset has none of this id."""
    found = samples_by_id(store, ref, [sample_id])
    if sample_id not in found:
        raise UsageError(f"dataset '{ref}' has no sample {sample_id} (any more).")
    return found[sample_id]


def edit_stored(store: Store, ref: str, sample_id: str, messages: Sequence[Message], who: str, why: str) -> Sample:
    """Put other messages in a sample's place; the new sample. Raises UsageError, also where the provider refuses it."""
    edited = edited_sample(store, ref, sample_id, messages)
    change_samples(store, ref, [Edit(sample_id, edited)], Note("edit", who, why))
    return edited


def edited_sample(store: Store, ref: str, sample_id: str, messages: Sequence[Message]) -> Sample:
    """The same without storing it: for a review's decision, and to be shown first."""
    rules = rules_of(store.find_dataset(ref))
    return edit_sample(find_sample(store, ref, sample_id), messages, rules.count_tokens, rules.objection)


def add_stored(store: Store, ref: str, messages: Sequence[Message], who: str, why: str, **facts: Any) -> Sample:
    """Add a sample that a user wrote, at the end; `facts` as new_sample() takes them. Raises UsageError."""
    rules = rules_of(store.find_dataset(ref))
    sample = new_sample(messages, rules.count_tokens, rules.objection, **facts)
    change_samples(store, ref, [Edit(None, sample)], Note("add", who, why))
    return sample


def delete_stored(
    store: Store, ref: str, ids: Iterable[str], who: str, why: str, kind: Literal["delete", "curate"] = "delete"
) -> StoredChange:
    """Delete samples as one change. Raises UsageError when one of them is not there, and deletes none then."""
    return change_samples(store, ref, (Edit(sample_id, None) for sample_id in ids), Note(kind, who, why))


def select_stored(
    store: Store,
    ref: str,
    include: Sequence[str],
    exclude: Sequence[str],
    metrics: Metrics | None = None,
    objection: Objection = no_objection,
) -> Selection:
    """What the rules (and an `objection`) keep and leave out of a dataset; nothing is changed."""
    return select(store.stored_samples(ref), include, exclude, metrics or {}, objection)


def curate_stored(store: Store, ref: str, threshold: float, scores: ScoresById) -> Curated:
    """What a quality threshold rejects, with the reasons; nothing is changed."""
    return curate(store.stored_samples(ref), threshold, scores)


def decide_edited(
    store: Store, ref: str, sample_id: str, messages: Sequence[Message], who: str, note: str = ""
) -> Review:
    """Decide a review by an edit. Raises UsageError."""
    return decide(store, ref, sample_id, "edited", who, note, edited_sample(store, ref, sample_id, messages))


def repair_job(ref_id: str, instruction: str) -> str:
    """The name under which a repair goes on: the same dataset and instruction."""
    return "repair-" + hashlib.sha256(f"{ref_id}\0{instruction}".encode()).hexdigest()[:16]


def repair_stored(
    store: Store,
    ref: str,
    ids: Sequence[str],
    instruction: str,
    repair: SampleRepair,
    who: str,
    progress: Callable[[RepairTally], None] = lambda tally: None,
) -> RepairTally:
    """Repair the samples of these ids, REPAIRS_AT_ONCE in a change. Started again, it goes on with those that are left.

    Samples that are not there any more, and those that this repair changed already, are passed over. The tally counts
    them in `total` and `done`. Ctrl-C and LLMErrors end it; what was repaired until then is stored.
    """
    stored = store.find_dataset(ref)
    note = Note("repair", who, instruction, repair_job(stored.id, instruction))
    done = ids_of_job(store, stored.id, note.job)
    tally = RepairTally(len(ids), sum(1 for one in ids if one in done))
    waiting: list[Edit] = []
    try:
        for outcome in repair.run(_those(store, stored.id, [one for one in ids if one not in done])):
            tally.count(outcome)
            if outcome.after is not None:
                waiting.append(Edit(outcome.before.id, outcome.after))
            if len(waiting) == REPAIRS_AT_ONCE:
                _store(store, stored.id, waiting, note)
            progress(tally)
    finally:
        _store(store, stored.id, waiting, note)
    return tally


def _those(store: Store, ref: str, ids: Sequence[str]) -> Iterator[Sample]:
    remaining = iter(ids)
    while some := list(islice(remaining, _READ_AT_ONCE)):
        found: Mapping[str, Sample] = samples_by_id(store, ref, some)
        yield from (found[sample_id] for sample_id in some if sample_id in found)


def _store(store: Store, ref: str, waiting: list[Edit], note: Note) -> None:
    if waiting:
        change_samples(store, ref, list(waiting), note)
        waiting.clear()
