"""The entities of a text, and what they are counted together as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from src.analysis.entities.findings import Entity, EntityKind, Taken
from src.analysis.entities.names import find_name_entities
from src.analysis.entities.quantities import find_quantities


def find_entities(text: str, least_confidence: float = 0.0) -> list[Entity]:
    """Everything the rules find, in the order of the text, no two over each other: figures before names."""
    taken = Taken()
    found = [one for one in (*find_quantities(text), *find_name_entities(text)) if taken.take(one.start, one.end)]
    return sorted((one for one in found if one.confidence >= least_confidence), key=lambda one: one.start)


def count_entities(entities: Iterable[Entity], most: int = 50) -> dict[EntityKind, list[tuple[str, int]]]:
    """The values of each kind with how often they stand there, the most frequent first: a document's metadata."""
    counts: dict[EntityKind, Counter[str]] = {}
    for entity in entities:
        counts.setdefault(entity.kind, Counter())[entity.value] += 1
    return {kind: found.most_common(most) for kind, found in counts.items()}
