"""The figures about a dataset, as records and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class NotComputed:
    """Stands where a figure would, and says why there is none."""

    reason: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Whole numbers of samples; all 0 without any. Percentiles but the median are numbers that occur (nearest rank)."""

    min: int = 0
    p1: int = 0
    p5: int = 0
    p25: int = 0
    mean: float = 0.0
    median: float = 0.0
    p75: int = 0
    p90: int = 0
    p95: int = 0
    p99: int = 0
    max: int = 0


class Interval(NamedTuple):
    """So many samples have at least `start` and less than `end`."""

    start: int
    end: int
    samples: int


class Named(NamedTuple):
    """A sample that stands out, and its number."""

    sample_id: str
    value: int


@dataclass(frozen=True, slots=True)
class Outliers:
    """What lies below `low` or above `high`. `shortest` and `longest` name the most extreme ones; there may be more."""

    rule: str
    low: float
    high: float
    below: int
    above: int
    shortest: tuple[Named, ...]
    longest: tuple[Named, ...]


@dataclass(slots=True)
class Part:
    """The samples of one split, source, method or keyword, and their tokens."""

    samples: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A part with its distributions. `outliers` are those of its samples whose token length is one in the dataset."""

    samples: int
    tokens: int
    token_spread: Spread
    turn_spread: Spread
    outliers: int


@dataclass(frozen=True, slots=True)
class Groups:
    """The largest parts of one kind; `parts` says how many there are."""

    parts: int
    largest: Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class RoleFigures:
    """What the messages of one role hold. The spread is that of their tokens in a sample, where there are any."""

    messages: int
    characters: int
    tokens: int
    samples: int
    token_spread: Spread


@dataclass(frozen=True, slots=True)
class Roles:
    """`counted` says how the tokens of a role were found."""

    counted: str
    by_role: Mapping[str, RoleFigures]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the user's and the assistant's messages.

    `distinct_1` to `distinct_3` are the shares of different words, pairs and triples among all; they fall as a dataset
    grows. `type_token_ratio` does not: it is the mean share of different words in `window` words in a row, None where
    there are fewer. `error` is the relative standard error of the distinct counts, 0 where they are exact; the counts
    of `top_words` may be too low by at most `top_words_short_by`.
    """

    words: int
    distinct_words: int
    distinct_1: float
    distinct_2: float
    distinct_3: float
    error: float
    window: int
    type_token_ratio: float | None
    top_words: tuple[tuple[str, int], ...]
    top_words_short_by: int


@dataclass(frozen=True, slots=True)
class Duplicates:
    """`repeats` samples say what an earlier one says, but for case, spaces and ways of writing a character."""

    repeats: int
    share: float
    largest_group: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What training would cost. `tokens` are those of one epoch; `usd` is None where no price is published."""

    provider: str
    model: str
    tokens: int
    epochs: int
    usd: float | None
    usd_per_1m: float | None
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """How much of a document stands in samples. `unused` are the places (pages, headings) that gave none.

    `spans` is the share of its characters that samples quote or were cut from, `passages` the share of the passages
    that gave at least one sample. `samples` may be 0.
    """

    source_file: str
    samples: int
    characters: int
    spans: float
    passages: float
    places: int
    unused: tuple[str, ...]
    unused_places: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The documents that could be read, those that cannot be any more and why, and samples that name no place.

    `documents` holds the least covered ones; the other figures are of all.
    """

    documents_read: int
    documents_without_samples: int
    places: int
    unused_places: int
    characters: int
    spans: float
    passages: float
    samples_without_place: int
    documents: tuple[DocumentCoverage, ...]
    not_computed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures about a dataset, largest part first.

    `token_exactness` says how the tokens were counted ("exact", "estimated"). `turns` counts samples by their
    number of user and assistant messages. A sample with three keywords counts in each of the three; the 10,000 most
    frequent are listed, `rarer_keywords` are all others together.
    """

    samples: int
    total_tokens: int
    token_exactness: str
    tokens: Spread
    turns: Mapping[int, int]
    by_split: Mapping[str, Part]
    by_source: Mapping[str, Part]
    by_method: Mapping[str, Part]
    by_keyword: Mapping[str, Part]
    rarer_keywords: Part
    token_histogram: tuple[Interval, ...]
    turn_spread: Spread
    token_outliers: Outliers
    turn_outliers: Outliers
    groups: Mapping[str, Groups]
    languages: Mapping[str, Part] | NotComputed
    roles: Roles | NotComputed
    vocabulary: Vocabulary | NotComputed
    duplicates: Duplicates | NotComputed
    near_duplicates: int | NotComputed
    cost: Cost | NotComputed
    coverage: Coverage | NotComputed

    def to_json(self) -> dict[str, object]:
        """The same as plain values that json.dumps takes; {"not_computed": why} where there is no figure."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: object) -> object:
    if isinstance(value, NotComputed):
        return {"not_computed": value.reason}
    if isinstance(value, Part):  # there may be a million of them
        return {"samples": value.samples, "tokens": value.tokens}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
