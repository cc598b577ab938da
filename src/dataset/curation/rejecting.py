"""Reject samples whose quality score is below a threshold, each with the figures that brought it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from src.dataset.curation.id_list import IdList
from src.errors import UsageError
from src.records import Sample


class Scored(Protocol):
    """A sample's score from 0 to 1 and what lowered it, as src/dataset/quality/scores.py gives it."""

    @property
    def score(self) -> float: ...
    @property
    def reasons(self) -> Sequence[str]: ...


class ScoresById(Protocol):
    def of(self, sample_id: str) -> Scored | None: ...


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sample below the threshold. `reason` is one line that names score and figures."""

    sample_id: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Curated:
    """What passes and what does not. `counts` are rejections by figure (a sample may count for several); `unscored`
    samples have no score: they pass, and are listed so that nobody takes them for good ones."""

    threshold: float
    kept: IdList
    rejected: list[Rejected]
    counts: Counter[str]
    unscored: IdList


def curate(samples: Iterable[Sample], threshold: float, scores: ScoresById) -> Curated:
    """Divide the samples by their score: those below `threshold` are rejected. Raises UsageError outside 0 to 1."""
    if not 0 <= threshold <= 1:
        raise UsageError(f"a quality threshold lies between 0 and 1, {threshold} does not.")
    curated = Curated(threshold, IdList(), [], Counter(), IdList())
    for sample in samples:
        scored = scores.of(sample.id)
        if scored is None:
            curated.unscored.append(sample.id)
        if scored is None or scored.score >= threshold:
            curated.kept.append(sample.id)
            continue
        curated.counts.update(scored.reasons)
        reason = f"quality score {scored.score:.2f} is below {threshold:.2f}: {', '.join(scored.reasons)}"
        curated.rejected.append(Rejected(sample.id, scored.score, reason))
    return curated
