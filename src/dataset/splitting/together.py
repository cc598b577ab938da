"""Find the samples that must not fall into different splits: of one passage, one group, or nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.analysis.near_groups import near_groups
from src.dataset.splitting.split_ids import codes_of
from src.records import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Units:
    """`unit_of` has a number for each sample, the same for those that stay together; `near` have a near-duplicate."""

    unit_of: NDArray[np.int64]
    near: int


def find_units(samples: Sequence[Sample], group: Callable[[Sample], str] | None, near_duplicates: bool) -> Units:
    """The connected components of the samples: linked are those of one chunk, one group, or nearly the same.

    Samples without a chunk or with "" as their group are not linked by it.
    """
    import numpy as np

    parents = list(range(len(samples)))
    _link(parents, (sample.origin.chunk_id for sample in samples))
    if group is not None:
        _link(parents, map(group, samples))
    near = 0
    if near_duplicates:
        alike = near_groups("\n".join(turn.content for turn in sample.turns) for sample in samples)
        crowd = np.bincount(alike)[alike] if len(alike) else alike
        near = int((crowd > 1).sum())
        _link(parents, np.where(crowd > 1, alike + 1, 0).tolist())
    return Units(codes_of([_root(parents, number) for number in range(len(samples))], len(samples)), near)


def _link(parents: list[int], labels: Iterable[Hashable]) -> None:
    """Link the samples with the same label, where there is one."""
    first: dict[Hashable, int] = {}
    for number, label in enumerate(labels):
        if label:
            one, other = _root(parents, first.setdefault(label, number)), _root(parents, number)
            parents[max(one, other)] = min(one, other)


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
