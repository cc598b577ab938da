"""What the QA report holds: figures with their state, flagged samples, a score of each sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from src.config.qa_settings import MetricName
from src.dataset.quality.scores import ScoreSheet

QA_JSON, QA_HTML = "qa_report.json", "qa_report.html"
Group = Literal["quality", "safety", "privacy", "bias", "contamination"]
GROUPS: tuple[Group, ...] = ("quality", "safety", "privacy", "bias", "contamination")
State = Literal["ok", "warn", "fail", "info", "not computed"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A sample that a figure speaks of: where in it, and why. Personal data stand in `note` masked."""

    sample_id: str
    metric: MetricName
    place: str
    note: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure. `value` is None where it could not be computed; `note` says why, then, and how it was done.

    `flagged` samples of `of` that were looked at are behind it (0 of 0 where it is no count of samples). `details` are
    figures it is made of, by name. `explanation` says what it means and what it cannot mean, `accuracy` what is known
    of how often it is right, "" where nothing was measured.
    """

    name: MetricName
    group: Group
    title: str
    value: float | None
    unit: str
    state: State
    warn_when: str = ""
    fail_when: str = ""
    flagged: int = 0
    of: int = 0
    note: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    explanation: str = ""
    accuracy: str = ""


@dataclass(frozen=True, slots=True)
class QAReport:
    """The figures of a dataset in the order of GROUPS, the first flagged samples of each, and all scores.

    `settings_note` says how it was measured, as far as that is not the same for everyone.
    """

    dataset: str
    samples: int
    metrics: tuple[Metric, ...]
    flags: Mapping[MetricName, Sequence[Flag]]
    scores: ScoreSheet
    least_score: float
    settings_note: str = ""

    @property
    def ok(self) -> bool:
        """Whether no figure fails."""
        return not any(metric.state == "fail" for metric in self.metrics)

    def metric(self, name: MetricName) -> Metric:
        """Raises KeyError for a figure that was left out by the settings."""
        found = next((metric for metric in self.metrics if metric.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def in_state(self, *states: State) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics if metric.state in states)

    def flagged_ids(self, name: MetricName) -> Iterator[str]:
        """Every sample the figure flags, not only the listed ones, in the order of the dataset."""
        return self.scores.flagged(name)

    def to_json(self) -> dict[str, object]:
        """Plain values that json.dumps takes. Samples below the least score are listed as far as flags are."""
        most = max((len(flags) for flags in self.flags.values()), default=0)
        low = self.scores.below(self.least_score, most or 100)
        return {
            "dataset": self.dataset,
            "samples": self.samples,
            "ok": self.ok,
            "measured": self.settings_note,
            "states": {state: len(self.in_state(state)) for state in ("ok", "warn", "fail", "info", "not computed")},
            "metrics": [{**asdict(metric), "details": dict(metric.details)} for metric in self.metrics],
            "flags": {name: [asdict(flag) for flag in flags] for name, flags in self.flags.items() if flags},
            "scores": {
                "least": self.least_score,
                "below": self.scores.count_below(self.least_score),
                "mean": self.scores.mean(),
                "histogram": self.scores.histogram(),
                "lowest": [{"sample_id": s.sample_id, "score": s.score, "reasons": list(s.reasons)} for s in low],
            },
        }
