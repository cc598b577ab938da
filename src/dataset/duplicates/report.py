"""What is known of the duplicates in a dataset: groups with their members, and how similar these are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, overload

from src.dataset.duplicates.sides import What

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from src.dataset.duplicates.near.shingle_sets import ShingleSets
    from src.dataset.duplicates.semantic import SemanticFlags

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

PairKind = Literal["identical", "exact", "near"]


@dataclass(frozen=True, slots=True)
class Member:
    """A sample of a group. `position` is its place in the dataset, from 0; `text` is the position of the first sample
    with the same normalised text. The keys are equal where two samples' numbers and negations, bytes, or other sides
    (the answer when what the user says was compared) are."""

    sample_id: str
    position: int
    text: int
    answer_length: int
    numbers_key: int
    bytes_key: int
    other_key: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two samples of a group that are duplicates of each other: byte by byte, but for case, white space and ways of
    writing (exact), or by their words (near). `other_side_differs` is None when whole conversations were compared."""

    one: str
    other: str
    similarity: float
    kind: PairKind
    numbers_differ: bool
    other_side_differs: bool | None

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {
            "samples": [self.one, self.other],
            "similarity": round(self.similarity, 4),
            "kind": self.kind,
            "numbers_differ": self.numbers_differ,
        }
        return found if self.other_side_differs is None else {**found, "other_side_differs": self.other_side_differs}


@dataclass(frozen=True, slots=True)
class Group:
    """Samples linked by duplicates, in the dataset's order.

    Each exact copy is paired with the first sample of its text, and of near-duplicates the first samples of their
    texts are. `all_pairs` is False for groups so large that only some near pairs are listed.
    """

    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]
    all_pairs: bool

    @property
    def kind(self) -> Literal["exact", "near"]:
        return "exact" if len({member.text for member in self.members}) == 1 else "near"

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "samples": [member.sample_id for member in self.members],
            "pairs": [pair.to_json() for pair in self.pairs],
            "all_pairs_listed": self.all_pairs,
        }


@dataclass(frozen=True)
class GroupedSamples:
    """The numbers the groups are made of. Group g has the samples bounds[g] to bounds[g + 1] of the arrays about
    samples, and the near pairs pair_bounds[g] to pair_bounds[g + 1]; a pair names its samples by position."""

    ids: Sequence[str]
    positions: Numbers
    texts: Numbers
    answer_lengths: Numbers
    numbers: Codes
    bytes_keys: Codes
    other_keys: Codes
    bounds: Numbers
    pairs: Numbers
    similarities: NDArray[np.float64]
    pair_bounds: Numbers
    crowded: NDArray[np.bool_]


class Groups(Sequence[Group]):
    """The groups, those with the most members first. A group is made when it is asked for."""

    def __init__(self, numbers: GroupedSamples, with_other_side: bool) -> None:
        self.numbers = numbers
        self._with_other_side = with_other_side

    def __len__(self) -> int:
        return len(self.numbers.bounds) - 1

    @overload
    def __getitem__(self, index: int) -> Group: ...
    @overload
    def __getitem__(self, index: slice) -> list[Group]: ...
    def __getitem__(self, index: int | slice) -> Group | list[Group]:
        places = range(len(self))[index]
        return self._group(places) if isinstance(places, int) else [self._group(place) for place in places]

    def _group(self, number: int) -> Group:
        members = tuple(self._members(number))
        pairs = (*self._exact_pairs(members), *self._near_pairs(number, members))
        return Group(members, pairs, not self.numbers.crowded[number])

    def _members(self, number: int) -> Iterator[Member]:
        held = self.numbers
        at = slice(int(held.bounds[number]), int(held.bounds[number + 1]))
        columns = (held.positions, held.texts, held.answer_lengths, held.numbers, held.bytes_keys, held.other_keys)
        for sample_id, *values in zip(held.ids[at], *(column[at].tolist() for column in columns), strict=True):
            yield Member(sample_id, *values)

    def _exact_pairs(self, members: Sequence[Member]) -> Iterator[Pair]:
        first_of = {member.text: member for member in reversed(members)}
        for member in members:
            first = first_of[member.text]
            if member is not first:
                kind: PairKind = "identical" if member.bytes_key == first.bytes_key else "exact"
                yield self._pair(first, member, 1.0, kind)

    def _near_pairs(self, number: int, members: Sequence[Member]) -> Iterator[Pair]:
        held = self.numbers
        at = slice(int(held.pair_bounds[number]), int(held.pair_bounds[number + 1]))
        by_position = {member.position: member for member in members}
        for (one, other), similarity in zip(held.pairs[at].tolist(), held.similarities[at].tolist(), strict=True):
            yield self._pair(by_position[one], by_position[other], similarity, "near")

    def _pair(self, one: Member, other: Member, similarity: float, kind: PairKind) -> Pair:
        differs = one.other_key != other.other_key if self._with_other_side else None
        numbers_differ = one.numbers_key != other.numbers_key
        return Pair(one.sample_id, other.sample_id, similarity, kind, numbers_differ, differs)


@dataclass(frozen=True)
class DuplicateReport:
    """The duplicates among `samples` samples, by the side of them that `what` names.

    `exact` samples have the same normalised text as an earlier one, `identical` of them byte by byte; `near` more are
    near-duplicates, so that exact + near would go if one of each group stayed. `empty` samples have nothing on this
    side; they are compared with nothing. `differing_numbers` near pairs have other numbers or negations,
    `differing_others` pairs another other side (the same prompt with another answer), as far as they are listed.
    `all_pairs` is False when some group is so large that not all of its pairs are listed.
    """

    what: What
    threshold: float
    searched_near: bool
    samples: int
    empty: int
    identical: int
    exact: int
    near: int
    differing_numbers: int
    differing_others: int | None
    groups: Groups
    all_pairs: bool
    semantic: SemanticFlags | None = None
    # For groups whose pairs are not all listed: what keep_best compares anew.
    sets: ShingleSets | None = field(default=None, repr=False, compare=False)

    @property
    def share(self) -> float:
        """The share of samples that would go if one of each group stayed."""
        return (self.exact + self.near) / self.samples if self.samples else 0.0

    @property
    def largest(self) -> int:
        """How many samples the largest group has."""
        return len(self.groups[0].members) if self.groups else 0

    def to_json(self, most_groups: int = 1000) -> dict[str, object]:
        """The same as plain values that json.dumps takes, with the largest groups."""
        return {
            "what": self.what,
            "threshold": self.threshold,
            "samples": self.samples,
            "empty": self.empty,
            "exact_duplicates": self.exact,
            "identical": self.identical,
            "near_duplicates": self.near if self.searched_near else None,
            "share": round(self.share, 6),
            "near_pairs_with_other_numbers": self.differing_numbers if self.searched_near else None,
            "pairs_with_another_other_side": self.differing_others,
            "groups": len(self.groups),
            "all_pairs_listed": self.all_pairs,
            "largest_groups": [group.to_json() for group in self.groups[:most_groups]],
            "semantic": self.semantic.to_json() if self.semantic else None,
        }
