"""Figures about a Dataset: tokens, turns, and samples per split, source, method and keyword."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from src.records import Sample


@dataclass(frozen=True, slots=True)
class TokenSpread:
    """Token lengths of samples; all 0 without samples. p90 and p99 are lengths that occur (nearest rank)."""

    min: int
    mean: float
    median: float
    p90: int
    p99: int
    max: int


@dataclass(slots=True)
class Part:
    """The samples of one split, source, method or keyword, and their tokens."""

    samples: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures about a dataset, largest part first.

    `token_exactness` says how the tokens were counted ("exact", "estimated"). `turns` counts samples by their
    number of user and assistant messages. A sample with three keywords counts in each of the three.
    """

    samples: int
    total_tokens: int
    token_exactness: str
    tokens: TokenSpread
    turns: Mapping[int, int]
    by_split: Mapping[str, Part]
    by_source: Mapping[str, Part]
    by_method: Mapping[str, Part]
    by_keyword: Mapping[str, Part]

    def to_json(self) -> dict[str, object]:
        """The same as plain values that json.dumps takes."""
        return {**asdict(self), "turns": {str(number): count for number, count in self.turns.items()}}


class StatisticsTally:
    """Statistics of samples that come one after the other; memory grows with the number of parts, not of samples."""

    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()
        self._turns: Counter[int] = Counter()
        self._parts: dict[str, defaultdict[str, Part]] = {
            kind: defaultdict(Part) for kind in ("split", "source", "method", "keyword")
        }

    def add(self, tokens: int, turns: int, split: str, source: str, method: str, keywords: Iterable[str]) -> None:
        """Count one sample with so many tokens and so many user and assistant messages."""
        self._lengths[tokens] += 1
        self._turns[turns] += 1
        self._add_to("split", split or "none", tokens)
        self._add_to("source", source, tokens)
        self._add_to("method", method, tokens)
        for keyword in dict.fromkeys(keywords):
            self._add_to("keyword", keyword, tokens)

    def statistics(self, token_exactness: str) -> Statistics:
        """The statistics of all that was added."""
        lengths, parts = self._lengths, self._parts
        return Statistics(
            samples=lengths.total(),
            total_tokens=_sum(lengths),
            token_exactness=token_exactness,
            tokens=_spread(lengths),
            turns=dict(sorted(self._turns.items())),
            by_split=_largest_first(parts["split"]),
            by_source=_largest_first(parts["source"]),
            by_method=_largest_first(parts["method"]),
            by_keyword=_largest_first(parts["keyword"]),
        )

    def _add_to(self, kind: str, name: str, tokens: int) -> None:
        part = self._parts[kind][name]
        part.samples += 1
        part.tokens += tokens


def compute_statistics(samples: Iterable[Sample], token_exactness: str) -> Statistics:
    """The statistics of the samples, read once."""
    tally = StatisticsTally()
    for sample in samples:
        origin = sample.origin
        turns, split = len(sample.turns), sample.split or ""
        tally.add(sample.token_length, turns, split, origin.source_file, origin.method, sample.topic_keywords)
    return tally.statistics(token_exactness)


def _largest_first(parts: Mapping[str, Part]) -> dict[str, Part]:
    return dict(sorted(parts.items(), key=lambda item: (-item[1].samples, item[0])))


def _sum(lengths: Counter[int]) -> int:
    return sum(length * count for length, count in lengths.items())


def _spread(lengths: Counter[int]) -> TokenSpread:
    total = lengths.total()
    if not total:
        return TokenSpread(0, 0.0, 0.0, 0, 0, 0)
    lower, upper, p90, p99 = _at_ranks(
        lengths, [(total + 1) // 2, total // 2 + 1, -(-total * 9 // 10), -(-total * 99 // 100)]
    )
    mean = round(_sum(lengths) / total, 2)
    return TokenSpread(min(lengths), mean, (lower + upper) / 2, p90, p99, max(lengths))


def _at_ranks(lengths: Counter[int], ranks: Iterable[int]) -> list[int]:
    """The length of the sample at each rank (1 = shortest) when sorted."""
    ordered = sorted(lengths)
    ends: list[int] = []
    for length in ordered:
        ends.append(lengths[length] + (ends[-1] if ends else 0))
    return [ordered[bisect_left(ends, rank)] for rank in ranks]
