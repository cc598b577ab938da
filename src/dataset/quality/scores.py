"""The quality score of each sample: which figures flag it, and what that takes off."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, get_args

from src.config.qa_settings import MetricName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMES: tuple[MetricName, ...] = get_args(MetricName)
_BIT: Mapping[str, int] = {name: 1 << place for place, name in enumerate(NAMES)}
# What a flag takes off: of a score of 1 the weight of truncated leaves 0.5, that of boilerplate besides leaves 0.4.
WEIGHTS: Mapping[MetricName, float] = {
    "token_length": 0.5, "short_answers": 0.2, "language": 0.4, "mixed_languages": 0.2, "encoding": 0.3,
    "refusals": 0.6, "boilerplate": 0.2, "truncated": 0.5, "leftovers": 0.7, "unanswered": 0.4,
    "groundedness": 0.5, "new_figures": 0.4,
    "new_names": 0.1, "verbatim": 1.0, "coherence": 0.2, "exact_duplicates": 0.5, "near_duplicates": 0.3, "judge": 0.5,
    "toxicity": 0.5, "crisis": 0.3, "injection": 0.7, "secrets": 1.0, "personal_data": 0.2, "identifiers": 0.7,
    "split_overlap": 0.5, "benchmark_overlap": 0.7,
}  # fmt: skip
_BINS = 10


@dataclass(frozen=True, slots=True)
class SampleScore:
    """A sample's score from 0 to 1, and the figures that flag it."""

    sample_id: str
    score: float
    reasons: tuple[MetricName, ...]


class ScoreSheet:
    """Every sample with the figures that flag it: its id and 24 bytes each."""

    def __init__(self, weights: Mapping[MetricName, float] | None = None) -> None:
        changed = {**WEIGHTS, **(weights or {})}
        self._weights = [(_BIT[name], 1 - changed.get(name, 0.0)) for name in NAMES]
        self._ids = bytearray()
        self._ends = array("Q", [0])
        self._reasons = array("Q")
        self._places: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return len(self._reasons)

    def add(self, sample_id: str) -> int:
        """Take up the next sample and give its position."""
        self._ids += sample_id.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._ids))
        self._reasons.append(0)
        return len(self._reasons) - 1

    def mark(self, position: int, name: MetricName) -> bool:
        """Note that a figure flags the sample; whether that is new."""
        before = self._reasons[position]
        self._reasons[position] = before | _BIT[name]
        return self._reasons[position] != before

    def id_at(self, position: int) -> str:
        return self._ids[self._ends[position] : self._ends[position + 1]].decode("utf-8", "surrogatepass")

    def position_of(self, sample_id: str) -> int | None:
        """Where the sample stands; None for an id that is not there. Built when it is first asked for."""
        from xxhash import xxh3_64_intdigest

        if self._places is None:
            self._places = self._sorted_hashes()
        hashes, order = self._places
        wanted = xxh3_64_intdigest(sample_id.encode("utf-8", "surrogatepass"))
        at = int(hashes.searchsorted(hashes.dtype.type(wanted)))
        while at < len(hashes) and int(hashes[at]) == wanted:
            if self.id_at(int(order[at])) == sample_id:
                return int(order[at])
            at += 1
        return None

    def at(self, position: int) -> SampleScore:
        reasons = self._reasons[position]
        names = tuple(name for name in NAMES if reasons & _BIT[name])
        return SampleScore(self.id_at(position), self._score(reasons), names)

    def of(self, sample_id: str) -> SampleScore | None:
        """The score of a sample, None for an id that is not there."""
        position = self.position_of(sample_id)
        return None if position is None else self.at(position)

    def __iter__(self) -> Iterator[SampleScore]:
        return map(self.at, range(len(self)))

    def flagged(self, name: MetricName) -> Iterator[str]:
        bit = _BIT[name]
        return (self.id_at(position) for position, reasons in enumerate(self._reasons) if reasons & bit)

    def below(self, least: float, most: int) -> list[SampleScore]:
        """The lowest scores below `least`, at most so many, lowest first."""
        low = (position for position, reasons in enumerate(self._reasons) if reasons and self._score(reasons) < least)
        return [
            self.at(position) for position in nsmallest(most, low, key=lambda p: (self._score(self._reasons[p]), p))
        ]

    def count_below(self, least: float) -> int:
        return sum(1 for reasons in self._reasons if reasons and self._score(reasons) < least)

    def mean(self) -> float | None:
        """None without samples."""
        return round(sum(map(self._score, self._reasons)) / len(self), 4) if len(self) else None

    def histogram(self) -> list[int]:
        """How many samples have a score of 0 to 0.1, 0.1 to 0.2, ...; 1 counts to the last."""
        bins = [0] * _BINS
        for reasons in self._reasons:
            bins[min(_BINS - 1, int(self._score(reasons) * _BINS + 1e-9))] += 1
        return bins

    def _score(self, reasons: int) -> float:
        if not reasons:
            return 1.0
        score = 1.0
        for bit, rest in self._weights:
            if reasons & bit:
                score *= rest
        return round(score, 4)

    def _sorted_hashes(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        import numpy as np
        from xxhash import xxh3_64_intdigest

        bounds = zip(self._ends, self._ends[1:], strict=False)
        hashes = np.fromiter((xxh3_64_intdigest(self._ids[s:e]) for s, e in bounds), np.uint64, len(self))
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order
