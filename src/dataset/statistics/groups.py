"""Samples by what they have in common: how many, and their distributions in the largest groups."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from src.dataset.statistics.columns import Column, Labels
from src.dataset.statistics.keywords import Keywords
from src.dataset.statistics.results import Group, Groups, Part
from src.dataset.statistics.spreads import spread_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_GROUPS = 50
Fences = tuple[float, float]


def parts_of(labels: Labels, tokens: Column) -> dict[str, Part]:
    """The samples and tokens under each name, the largest first."""
    import numpy as np

    names = labels.names.all()
    samples, sums = np.zeros(len(names), np.int64), np.zeros(len(names))
    for numbers, lengths in zip(labels.pieces(), tokens.pieces(), strict=True):
        samples += np.bincount(numbers, minlength=len(names))
        sums += np.bincount(numbers, weights=lengths, minlength=len(names))
    how_many, how_long = samples.tolist(), sums.astype(np.int64).tolist()
    ordered = sorted(range(len(names)), key=lambda number: (-how_many[number], names[number]))
    return {names[number]: Part(how_many[number], how_long[number]) for number in ordered}


def groups_of(labels: Labels, parts: Mapping[str, Part], tokens: Column, turns: Column, fences: Fences) -> Groups:
    """The distributions in the MOST_GROUPS largest parts. Token lengths outside the fences count as outliers."""
    import numpy as np

    names = list(islice(parts, MOST_GROUPS))
    place = np.full(len(labels.names), MOST_GROUPS, np.uint8)
    place[[labels.names.number(name) for name in names]] = np.arange(len(names))
    ends = np.cumsum([parts[name].samples for name in names])[:-1] if names else np.zeros(0, np.int64)
    lengths, numbers = _by_group(labels, place, tokens, ends), _by_group(labels, place, turns, ends)
    largest = {
        name: _group(parts[name], own, theirs, fences)
        for name, own, theirs in zip(names, lengths, numbers, strict=False)
    }
    return Groups(len(labels.names), largest)


def keyword_groups(keywords: Keywords, parts: Mapping[str, Part], different: int, fences: Fences) -> Groups:
    """The same of the keywords, of which there are so many different ones."""
    import numpy as np

    names = list(islice(parts, MOST_GROUPS))
    found = keywords.samples_of(names)
    largest = {}
    for name in names:
        lengths, numbers = map(np.sort, found[name])
        largest[name] = _group(parts[name], lengths, numbers, fences)
    return Groups(different, largest)


def _group(part: Part, lengths: NDArray[Any], turns: NDArray[Any], fences: Fences) -> Group:
    """Of sorted numbers."""
    outside = int(((lengths < fences[0]) | (lengths > fences[1])).sum())
    return Group(part.samples, part.tokens, spread_of(lengths), spread_of(turns), outside)


def _by_group(
    labels: Labels, place: NDArray[np.uint8], values: Column, ends: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """The values of each group, sorted; `place` says which group a name is."""
    import numpy as np

    both = [np.zeros(0, np.int64)]
    for numbers, own in zip(labels.pieces(), values.pieces(), strict=True):
        groups = place[numbers]
        chosen = groups < MOST_GROUPS
        both.append(groups[chosen].astype(np.int64) << 31 | own[chosen])
    ordered = np.concatenate(both)
    ordered.sort()
    ordered &= (1 << 31) - 1
    return np.split(ordered, ends)
