"""What was added, removed and changed from one version's samples to the next one's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from src.export.versions.content import DIGEST_BYTES, VersionContent
from src.records import SPLITS, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Indexes = NDArray[np.intp]

EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """Samples that share a fate: how many of each split, and the first of them by name."""

    by_split: Mapping[Split, int]
    examples: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.by_split.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """From an old to a new version. Added and changed samples count in their new split, removed ones in their old.

    A changed sample has the same place of origin (document, chunk or span, method, prompt) and another content, or
    the same id and another split; `moved` counts those that changed in nothing but their split.
    """

    added: Change
    removed: Change
    changed: Change
    moved: int
    unchanged: int

    @property
    def is_empty(self) -> bool:
        return not (self.added.total or self.removed.total or self.changed.total)


def compare(old: VersionContent, new: VersionContent) -> Difference:
    """The difference between two versions' samples. Raises OSError and ExportError when a lineage file has gone."""
    import numpy as np

    both_old, both_new = _same_ids(old, new)
    other_content = _digests(old.contents)[both_old] != _digests(new.contents)[both_new]
    other_split = _splits(old)[both_old] != _splits(new)[both_new]
    changed = other_content | other_split
    gone, come = _all_but(both_old, len(old)), _all_but(both_new, len(new))
    remade_old, remade_new = _pairs(_digests(old.places)[gone], _digests(new.places)[come])
    remade_old, remade_new = gone[remade_old], come[remade_new]
    return Difference(
        added=_change(new, np.setdiff1d(come, remade_new)),
        removed=_change(old, np.setdiff1d(gone, remade_old)),
        changed=_changed(
            old, new, np.concatenate([both_old[changed], remade_old]), np.concatenate([both_new[changed], remade_new])
        ),
        moved=int(np.count_nonzero(other_split & ~other_content)),
        unchanged=int(len(changed) - np.count_nonzero(changed)),
    )


def samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _same_ids(old: VersionContent, new: VersionContent) -> tuple[Indexes, Indexes]:
    """The samples that are in both. Found by half of the id's digest, confirmed by the other half."""
    old_ids, new_ids = _digests(old.ids).reshape(-1, 2), _digests(new.ids).reshape(-1, 2)
    in_old, in_new = _pairs(old_ids[:, 0], new_ids[:, 0])
    sure = old_ids[in_old, 1] == new_ids[in_new, 1]
    return in_old[sure], in_new[sure]


def _pairs(old: NDArray[np.uint64], new: NDArray[np.uint64]) -> tuple[Indexes, Indexes]:
    """Indexes of equal keys, one to one: where a key stands several times, the first with the first."""
    import numpy as np

    if not len(old) or not len(new):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    old_order, new_order = np.argsort(old, kind="stable"), np.argsort(new, kind="stable")
    old_sorted, new_sorted = old[old_order], new[new_order]
    nth = np.arange(len(old)) - np.searchsorted(old_sorted, old_sorted)
    at = np.searchsorted(new_sorted, old_sorted) + nth
    found = at < len(new)
    found[found] = new_sorted[at[found]] == old_sorted[found]
    return old_order[found], new_order[at[found]]


def _all_but(indexes: Indexes, count: int) -> Indexes:
    import numpy as np

    left = np.ones(count, bool)
    left[indexes] = False
    return np.flatnonzero(left)


def _change(content: VersionContent, indexes: Indexes) -> Change:
    return Change(_by_split(_splits(content)[indexes]), tuple(content.names_of(indexes[:EXAMPLES].tolist())))


def _changed(old: VersionContent, new: VersionContent, in_old: Indexes, in_new: Indexes) -> Change:
    import numpy as np

    order = np.argsort(in_new)[:EXAMPLES]
    before, after = in_old[order].tolist(), in_new[order].tolist()
    names = zip(old.names_of(before), new.names_of(after), strict=True)
    moves = [(SPLITS[old.splits[a]], SPLITS[new.splits[b]]) for a, b in zip(before, after, strict=True)]
    examples = tuple(_told(*name, *move) for name, move in zip(names, moves, strict=True))
    return Change(_by_split(_splits(new)[in_new]), examples)


def _told(old_id: str, new_id: str, old_split: Split, new_split: Split) -> str:
    name = new_id if old_id == new_id else f"{old_id}, now {new_id}"
    return name if old_split == new_split else f"{name} ({old_split} to {new_split})"


def _digests(held: bytearray) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(held, np.dtype(f"<u{DIGEST_BYTES}"))


def _splits(content: VersionContent) -> NDArray[Any]:
    import numpy as np

    return np.frombuffer(content.splits, np.uint8)


def _by_split(codes: NDArray[Any]) -> dict[Split, int]:
    import numpy as np

    counts = np.bincount(codes, minlength=len(SPLITS)).tolist()
    return dict(zip(SPLITS, counts, strict=True))
