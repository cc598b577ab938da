"""Find the duplicates in a dataset: exact ones and near ones, all of them and no others."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from src.dataset.duplicates.coding import Code
from src.dataset.duplicates.near.near_pairs import DEFAULT_LIMITS, Limits, NearPairs, find_near_pairs
from src.dataset.duplicates.near.shingle_sets import ShingleSets
from src.dataset.duplicates.report import DuplicateReport, GroupedSamples, Groups
from src.dataset.duplicates.sample_keys import SampleKeys
from src.dataset.duplicates.semantic import SemanticFlags, SemanticModelName, SemanticSearch
from src.dataset.duplicates.sides import WHATS, Samples, What, in_batches, sides_of
from src.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

NEAR = 0.7
_LEAST = 0.3


def find_duplicates(
    samples: Samples,
    *,
    what: What = "conversation",
    threshold: float = NEAR,
    near: bool = True,
    semantic: SemanticModelName | None = None,
    limits: Limits = DEFAULT_LIMITS,
    code: Code | None = None,
) -> DuplicateReport:
    """The duplicates among the samples, which are gone through once and not held in memory.

    Exact duplicates have the same text but for case, white space and ways of writing (NFKC). Near-duplicates share
    `threshold` of their word 3-shingles (Jaccard); none is missed. With `semantic`, a model flags samples that may say
    the same in other words; these are in no group and never dropped. Where there are very many pairs, not all are
    listed; groups are whole in any case.

    Held are about 100 bytes a sample (up to 128 more where a dataset repeats itself so much that sketches pay) and
    130 MB; what more is needed lies in temporary files: 60 bytes a sample, 8 bytes a word and less. `code` makes the
    numbers of the texts elsewhere, where no model is asked. Raises UsageError for a threshold out of range, and when
    the disk is full.
    """
    if what not in WHATS:
        raise UsageError(f"'{what}' cannot be compared; use one of {', '.join(WHATS)}.")
    if not _LEAST <= threshold <= 1:
        raise UsageError(f"a similarity of {threshold} is no threshold for near-duplicates; use {_LEAST} to 1.")
    keys, sets = SampleKeys(), ShingleSets(limits.in_memory)
    search = SemanticSearch(semantic) if semantic is not None else None
    try:
        if code is not None and search is None:
            for coded in code(samples):
                keys.take(coded.keys)
                if coded.shingles is not None:
                    sets.take(coded.shingles)
            return _report(keys, sets if near else None, what, threshold, search, limits)
        for batch in in_batches(sides_of(samples, what)):
            keys.add(batch)
            texts = [side.text for side in batch]
            if near:
                sets.add(texts)
            if search is not None:
                search.add(texts)
        return _report(keys, sets if near else None, what, threshold, search, limits)
    except BaseException:
        sets.close()
        raise


def _report(
    keys: SampleKeys,
    sets: ShingleSets | None,
    what: What,
    threshold: float,
    search: SemanticSearch | None,
    limits: Limits,
) -> DuplicateReport:
    import numpy as np

    firsts, empty = keys.firsts(), keys.empty
    distinct = firsts == np.arange(len(keys))
    found = find_near_pairs(sets, distinct & ~empty, exact_fraction(threshold), limits) if sets else None
    numbers = _grouped(keys, firsts, found, sets)
    if sets is not None and not numbers.crowded.any():
        sets.close()
    bytes_keys = keys.bytes_keys
    exact = int((~distinct).sum())
    return DuplicateReport(
        what=what,
        threshold=threshold,
        searched_near=sets is not None,
        samples=len(keys),
        empty=int(empty.sum()),
        identical=_repeats(firsts, bytes_keys),
        exact=exact,
        near=len(numbers.positions) - (len(numbers.bounds) - 1) - exact,
        differing_numbers=_differing(numbers.pairs, sets.numbers) if sets is not None else 0,
        differing_others=None if what == "conversation" else _differing_others(numbers, firsts, keys.other_keys),
        groups=Groups(numbers, what != "conversation"),
        all_pairs=not numbers.crowded.any(),
        semantic=_flags(search, keys, found.roots[firsts] if found else firsts, sets),
        sets=sets if sets is not None and numbers.crowded.any() else None,
    )


def _flags(
    search: SemanticSearch | None, keys: SampleKeys, groups: Numbers, sets: ShingleSets | None
) -> SemanticFlags | None:
    return search.flags(keys.id_of, groups, sets.numbers if sets else None) if search else None


def exact_fraction(threshold: float) -> Fraction:
    """The threshold as it was written: 0.7 is 7/10."""
    return Fraction(threshold).limit_denominator(10_000)


def _grouped(keys: SampleKeys, firsts: Numbers, found: NearPairs | None, sets: ShingleSets | None) -> GroupedSamples:
    """The groups in the order of their size, then of their first sample; members and pairs by position."""
    import numpy as np

    roots = firsts if found is None else found.roots[firsts]
    sizes = np.bincount(roots, minlength=len(roots))
    members = np.flatnonzero(sizes[roots] > 1)
    members = members[np.lexsort((members, roots[members], -sizes[roots[members]]))]
    labels = roots[members]
    starts = np.flatnonzero(np.append(True, labels[1:] != labels[:-1])[: len(labels)])
    number = np.full(len(roots), -1, np.int64)
    number[labels[starts]] = np.arange(len(starts))
    pairs, similarities = np.empty((0, 2), np.int64), np.empty(0)
    crowded = np.zeros(len(starts), bool)
    if found is not None and sets is not None:
        group = number[roots[found.one]]
        order = np.lexsort((found.other, found.one, group))
        pairs = np.stack([found.one[order], found.other[order]], axis=1)
        common = found.common[order]
        similarities = common / (sets.sizes[pairs].sum(axis=1, dtype=np.int64) - common)
        marked = number[roots[found.crowded]]
        crowded[marked[marked >= 0]] = True
        crowded &= np.diff(np.append(starts, len(members))) > 2
    pair_groups = number[roots[pairs[:, 0]]]
    return GroupedSamples(
        ids=[keys.id_of(position) for position in members.tolist()],
        positions=members,
        texts=firsts[members],
        answer_lengths=keys.answer_lengths[members],
        numbers=sets.numbers[members] if sets is not None else np.zeros(len(members), np.uint64),
        bytes_keys=keys.bytes_keys[members],
        other_keys=keys.other_keys[members],
        bounds=np.append(starts, len(members)),
        pairs=pairs,
        similarities=similarities,
        pair_bounds=np.searchsorted(pair_groups, np.arange(len(starts) + 1)),
        crowded=crowded,
    )


def _repeats(firsts: Numbers, codes: NDArray[np.uint64]) -> int:
    """How many samples have both numbers in common with an earlier one."""
    import numpy as np

    order = np.lexsort((codes, firsts))
    one, other = firsts[order], codes[order]
    return int(((one[1:] == one[:-1]) & (other[1:] == other[:-1])).sum())


def _differing(pairs: Numbers, codes: NDArray[np.uint64]) -> int:
    return int((codes[pairs[:, 0]] != codes[pairs[:, 1]]).sum())


def _differing_others(numbers: GroupedSamples, firsts: Numbers, codes: NDArray[np.uint64]) -> int:
    exact = int((codes[numbers.positions] != codes[firsts[numbers.positions]]).sum())
    return exact + _differing(numbers.pairs, codes)
