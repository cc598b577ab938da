"""Merge datasets into one, with each loss counted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, overload

from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.keeping import keep_best
from src.errors import UsageError
from src.records import Dataset, RunReport, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

OnIdClash = Literal["keep_first", "rename", "refuse"]
OnDuplicates = Literal["keep", "drop_exact", "drop_near"]
SAME_SAMPLE = "the same sample is there already"
ID_TAKEN = "its id belongs to another sample"
EXACT = "exact duplicate of a sample that stays"
NEAR = "near-duplicate of a sample that stays"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Merged:
    """The samples in the order of the datasets, read when they are used; the report counts them by dataset
    ("samples of handbook"), those renamed, and those dropped by reason, and warns where the datasets differ."""

    samples: MergedSamples
    report: RunReport


class MergedSamples(Sequence[Sample]):
    """Samples of several datasets as one sequence, without those that were dropped."""

    def __init__(self, parts: Sequence[Sequence[Sample]], kept: Numbers, renamed: dict[int, str]) -> None:
        self._parts = parts
        self._ends = list(accumulate(map(len, parts)))
        self._kept = kept
        self._renamed = renamed

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Sample]:
        import numpy as np

        stays = np.zeros(self._ends[-1] if self._ends else 0, bool)
        stays[self._kept] = True
        everything = (sample for part in self._parts for sample in part)
        for place, (sample, keep) in enumerate(zip(everything, stays.tolist(), strict=True)):
            if keep:
                yield self._named(place, sample)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else [self._at(place) for place in places]

    def _at(self, number: int) -> Sample:
        place = int(self._kept[number])
        part = bisect_right(self._ends, place)
        return self._named(place, self._parts[part][place - (self._ends[part - 1] if part else 0)])

    def _named(self, place: int, sample: Sample) -> Sample:
        return replace(sample, id=self._renamed[place]) if place in self._renamed else sample

    def without(self, ids: set[str]) -> MergedSamples:
        """The same without the samples of those ids."""
        import numpy as np

        stays = np.fromiter((sample.id not in ids for sample in self), bool, len(self))
        return MergedSamples(self._parts, self._kept[stays], self._renamed)


def merge(
    datasets: Sequence[Dataset], *, on_id_clash: OnIdClash = "keep_first", duplicates: OnDuplicates = "keep"
) -> Merged:
    """All samples of the datasets, each id once.

    A sample that comes again with the same id and messages is taken once. Where another sample has the same id, the
    first one stays ("keep_first"), the later one becomes "<id>-2" ("rename"), or UsageError is raised ("refuse", which
    takes no sample twice either). Of duplicates the one with the longest answer stays, else the first. Held in memory
    are the numbers of find_duplicates and 40 bytes a sample.
    """
    if not datasets:
        raise UsageError("there is no dataset to merge.")
    report = RunReport()
    parts = [dataset.samples for dataset in datasets]
    for dataset in datasets:
        report.count(f"samples of {dataset.name}", len(dataset))
    kept, renamed = _without_clashes(parts, on_id_clash, report)
    samples = MergedSamples(parts, kept, renamed)
    if duplicates != "keep":
        samples = samples.without(_duplicates(samples, duplicates, report))
    report.count("samples", len(samples))
    _tell_differences(datasets, report)
    return Merged(samples, report)


def _without_clashes(
    parts: Sequence[Sequence[Sample]], on_id_clash: OnIdClash, report: RunReport
) -> tuple[Numbers, dict[int, str]]:
    """The places of the samples that stay, and new ids by place."""
    import numpy as np

    ids, contents = _keys(parts)
    first = _first_with_same(ids)
    again = np.flatnonzero(first != np.arange(len(first)))
    same = contents[again] == contents[first[again]]
    if on_id_clash == "refuse" and len(again):
        raise UsageError(_clashes(parts, again, int(same.sum())))
    _count_drop(report, SAME_SAMPLE, int(same.sum()))
    stays = first == np.arange(len(first))
    renamed: dict[int, str] = {}
    if on_id_clash == "rename":
        renamed = _new_ids(parts, ids, contents, again[~same])
        stays[list(renamed)] = True
        report.count("renamed", len(renamed))
        _count_drop(report, SAME_SAMPLE, int((~same).sum()) - len(renamed))
    else:
        _count_drop(report, ID_TAKEN, int((~same).sum()))
    return np.flatnonzero(stays), renamed


def _keys(parts: Sequence[Sequence[Sample]]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """128 bits for each id and 64 for the messages of each sample."""
    import numpy as np
    from xxhash import xxh3_64_digest

    ids, contents = bytearray(), bytearray()
    for part in parts:
        for sample in part:
            said = "\0".join(
                [f"{message.role}\0{len(message.content)}\0{message.content}" for message in sample.messages]
            )
            ids += _id_key(sample.id)
            contents += xxh3_64_digest(said.encode("utf-8", "surrogatepass"))
    return np.frombuffer(bytes(ids), np.uint64).reshape(-1, 2), np.frombuffer(bytes(contents), np.uint64)


def _id_key(sample_id: str) -> bytes:
    from xxhash import xxh3_128_digest

    return xxh3_128_digest(sample_id.encode("utf-8", "surrogatepass"))


def _first_with_same(keys: NDArray[np.uint64]) -> Numbers:
    """For each key the place of the first that is equal."""
    import numpy as np

    order = np.lexsort((keys[:, 1], keys[:, 0]))
    ordered = keys[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(order)]
    first = np.empty(len(order), np.int64)
    first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    return first


def _new_ids(
    parts: Sequence[Sequence[Sample]], ids: NDArray[np.uint64], contents: NDArray[np.uint64], places: Numbers
) -> dict[int, str]:
    """A new id for each of these places, but for samples that were renamed already with the same messages."""
    import numpy as np

    known = np.sort(ids[:, 0])
    taken: set[str] = set()
    renamed: dict[int, str] = {}
    seen: set[tuple[str, int]] = set()
    wanted = set(places.tolist())
    everything = (sample for part in parts for sample in part)
    for place, sample in enumerate(everything):
        key = sample.id, int(contents[place])
        if place not in wanted or key in seen:
            continue
        seen.add(key)
        number = 2
        while (new := f"{sample.id}-{number}") in taken or _is_known(new, known):
            number += 1
        renamed[place] = new
        taken.add(new)
    return renamed


def _is_known(sample_id: str, known: NDArray[np.uint64]) -> bool:
    import numpy as np

    key = np.frombuffer(_id_key(sample_id), np.uint64)[0]
    place = int(known.searchsorted(key))
    return place < len(known) and bool(known[place] == key)


def _clashes(parts: Sequence[Sequence[Sample]], again: Numbers, same: int) -> str:
    places = set(again[:_EXAMPLES].tolist())
    everything = (sample.id for part in parts for sample in part)
    examples = ", ".join(sample_id for place, sample_id in enumerate(everything) if place in places)
    more = ", ..." if len(again) > _EXAMPLES else ""
    return (
        f"{len(again)} samples have an id that is there already ({examples}{more}), "
        f"{same} of them the same sample; keep the first ones, or rename the later ones."
    )


def _duplicates(samples: MergedSamples, duplicates: OnDuplicates, report: RunReport) -> set[str]:
    found = find_duplicates(samples, near=duplicates == "drop_near")
    exact = set(keep_best(found, kinds="exact"))
    dropped = set(keep_best(found)) if duplicates == "drop_near" else exact
    _count_drop(report, EXACT, len(dropped & exact))
    _count_drop(report, NEAR, len(dropped - exact))
    return dropped


def _count_drop(report: RunReport, reason: str, count: int) -> None:
    if count:
        report.drop(reason, count)


def _tell_differences(datasets: Sequence[Dataset], report: RunReport) -> None:
    first = datasets[0]
    for what, values in (
        ("provider", [dataset.provider for dataset in datasets]),
        ("model", [dataset.model for dataset in datasets]),
        ("mode", [dataset.mode for dataset in datasets]),
    ):
        if len(set(values)) > 1:
            named = ", ".join(f"{dataset.name}: {value}" for dataset, value in zip(datasets, values, strict=True))
            report.warn(what, f"the datasets differ ({named}); the merged one has that of {first.name}, {values[0]}.")
    if len({(dataset.provider, dataset.model) for dataset in datasets}) > 1:
        report.warn("tokens", "the token lengths were counted for different models; count them anew.")
    if len(datasets) > 1:
        report.note("split", "each sample keeps its split; --split divides anew, so that no duplicates are torn apart.")
