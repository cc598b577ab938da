"""Samples by what they have in common: how many, and their distributions in the largest groups."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from src.dataset.statistics.columns import Labels, ManyLabels
from src.dataset.statistics.results import Group, Groups, Part
from src.dataset.statistics.spreads import spread_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_GROUPS = 50
# So many names are listed; what is said of the others together.
MOST_NAMES = 10_000


def parts_of(
    labels: Labels | ManyLabels, tokens: NDArray[np.int64], most: int | None = None
) -> tuple[dict[str, Part], Part]:
    """The samples and tokens under each name, the largest first; and those under all names behind the first `most`."""
    import numpy as np

    names = labels.names.all()
    samples, sums = np.zeros(len(names), np.int64), np.zeros(len(names))
    for places, numbers in labels.pieces():
        samples += np.bincount(numbers, minlength=len(names))
        sums += np.bincount(numbers, weights=tokens[places], minlength=len(names))
    how_many, how_long = samples.tolist(), sums.astype(np.int64).tolist()
    ordered = sorted(range(len(names)), key=lambda number: (-how_many[number], names[number]))
    listed, rest = ordered[:most], ordered[len(ordered) if most is None else most :]
    rarer = Part(sum([how_many[number] for number in rest]), sum([how_long[number] for number in rest]))
    return {names[number]: Part(how_many[number], how_long[number]) for number in listed}, rarer


def groups_of(
    labels: Labels | ManyLabels,
    parts: Mapping[str, Part],
    tokens: NDArray[np.int64],
    turns: NDArray[np.int64],
    fences: tuple[float, float],
) -> Groups:
    """The distributions in the MOST_GROUPS largest parts. Token lengths outside the fences count as outliers."""
    import numpy as np

    names = list(islice(parts, MOST_GROUPS))
    place = np.full(len(labels.names), MOST_GROUPS, np.uint8)
    place[[labels.names.number(name) for name in names]] = np.arange(len(names))
    ends = np.cumsum([parts[name].samples for name in names])[:-1] if names else np.zeros(0, np.int64)
    sorted_tokens = _by_group(labels, place, tokens, ends)
    sorted_turns = _by_group(labels, place, turns, ends)
    largest = {
        name: Group(
            parts[name].samples,
            parts[name].tokens,
            spread_of(lengths),
            spread_of(numbers),
            int(((lengths < fences[0]) | (lengths > fences[1])).sum()),
        )
        for name, lengths, numbers in zip(names, sorted_tokens, sorted_turns, strict=False)
    }
    return Groups(len(labels.names), largest)


def _by_group(
    labels: Labels | ManyLabels, place: NDArray[np.uint8], values: NDArray[np.int64], ends: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """The values of each group, sorted; `place` says which group a name is."""
    import numpy as np

    both = [np.zeros(0, np.int64)]
    for samples, numbers in labels.pieces():
        groups = place[numbers]
        chosen = groups < MOST_GROUPS
        both.append(groups[chosen].astype(np.int64) << 31 | values[samples[chosen]])
    ordered = np.concatenate(both)
    ordered.sort()
    ordered &= (1 << 31) - 1
    return np.split(ordered, ends)
