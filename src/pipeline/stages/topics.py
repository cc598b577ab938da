"""What the samples of a stored dataset are about: groups with names, which can become their first keyword."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from src.analysis.topics.clusters import NO_TOPIC, Topic, Topics, find_topics
from src.dataset.curation.editing import edit_facts
from src.dataset.curation.id_list import IdList
from src.persistence.edits.changing import change_samples, samples_by_id
from src.persistence.edits.records import Edit, Note, StoredChange
from src.persistence.stores.store import Store
from src.records import Sample

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class StoredTopics:
    """The topics of the samples with these ids, in this order."""

    ids: IdList
    found: Topics


def topics_of_stored(store: Store, ref: str, wanted: int | None = None, seed: int = 42) -> StoredTopics:
    """Group the samples of a dataset; they are gone through twice and not held in memory."""
    samples = store.stored_samples(ref)
    found = find_topics(lambda: (_text(sample) for sample in samples), wanted, seed)
    return StoredTopics(IdList(sample.id for sample in samples), found)


def keyword_of(topic: Topic) -> str:
    """The topic's name as a keyword: without commas, which divide keywords where they are written in one column."""
    return topic.name.replace(",", "")


def apply_topics(store: Store, ref: str, topics: StoredTopics, who: str) -> list[StoredChange]:
    """Write each sample's topic as its first keyword, in the place of one that was written so before.

    Samples without a topic stay as they are. The changes, a few for very many samples; none when nothing is new.
    """
    stored = store.find_dataset(ref)
    names = [keyword_of(topic) for topic in topics.found.topics]
    changes = []
    labelled = zip(topics.ids, topics.found.labels.tolist(), strict=True)
    while some := dict(islice(labelled, _AT_ONCE)):
        samples = samples_by_id(store, stored.id, [one for one, label in some.items() if label != NO_TOPIC])
        edits = [edit for one, sample in samples.items() for edit in _edits(sample, names[some[one]])]
        if edits:
            changes.append(
                change_samples(store, stored.id, edits, Note("edit", who, f"{len(names)} topics as keywords"))
            )
    return changes


def _edits(sample: Sample, name: str) -> Iterator[Edit]:
    # A keyword with a space in it is no word of the text: an earlier topic's name.
    rest = sample.topic_keywords[1:] if " " in "".join(sample.topic_keywords[:1]) else sample.topic_keywords
    keywords = (name, *(word for word in rest if word != name))
    if keywords != sample.topic_keywords:
        yield Edit(sample.id, edit_facts(sample, topic_keywords=keywords))


def _text(sample: Sample) -> str:
    return "\n".join(message.content for message in sample.turns)
