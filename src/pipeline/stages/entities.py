"""Who and what the documents of a dataset speak of, counted over all of them and for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from src.analysis.entities.finding import find_entities
from src.analysis.entities.findings import ENTITY_KINDS, EntityKind
from src.analysis.entities.relations import count_together, find_relations
from src.pipeline.stages.source_texts import SourceTexts

_OF_A_DOCUMENT, _LISTED = 20, 100


@dataclass(slots=True)
class EntityTally:
    """`kinds` counts the values of each kind; `relations` subject, predicate and object; `together` pairs that
    sentences name both; `documents` the most frequent values of each document, by kind."""

    kinds: dict[EntityKind, Counter[str]] = field(default_factory=dict)
    relations: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    documents: dict[str, dict[EntityKind, list[tuple[str, int]]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, the most frequent first, 100 of each list."""
        return {
            "kinds": {kind: _counts(self.kinds[kind]) for kind in ENTITY_KINDS if kind in self.kinds},
            "relations": [
                {"subject": s, "predicate": p, "object": o, "times": times}
                for (s, p, o), times in self.relations.most_common(_LISTED)
            ],
            "together": [
                {"one": one, "other": other, "sentences": times}
                for (one, other), times in self.together.most_common(_LISTED)
            ],
            "documents": {name: {k: dict(v) for k, v in kinds.items()} for name, kinds in self.documents.items()},
        }


def entities_of(sources: SourceTexts) -> EntityTally:
    """Entities and relations of all documents that are at hand, which are loaded one at a time."""
    tally = EntityTally()
    for name, parts in groupby(sources.documents(), lambda document: document.source_file):
        own: dict[EntityKind, Counter[str]] = {}
        for document in parts:
            found = find_entities(document.text)
            for entity in found:
                own.setdefault(entity.kind, Counter())[entity.value] += 1
            tally.relations.update((r.subject, r.predicate, r.object) for r in find_relations(document.text, found))
            tally.together.update(count_together(document.text, found))
        for kind, counts in own.items():
            tally.kinds.setdefault(kind, Counter()).update(counts)
        tally.documents[name] = {kind: counts.most_common(_OF_A_DOCUMENT) for kind, counts in own.items()}
    return tally


def _counts(found: Counter[str]) -> Mapping[str, Any]:
    return {"found": found.total(), "different": len(found), "most_frequent": dict(found.most_common(_LISTED))}
