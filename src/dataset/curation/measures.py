"""What a filter may ask of a sample besides its metadata: its texts and ids, and figures that others worked out."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from src.analysis.complexity import complexity_of
from src.dataset.rules import NAMES, Kind
from src.errors import UsageError
from src.records import Sample


@dataclass(frozen=True, slots=True)
class Measure:
    """A value of each sample; `of` gives None where it is not known, which no rule takes for a number."""

    of: Callable[[Sample], Any]
    kind: Kind = "number"


class Score(Protocol):
    @property
    def score(self) -> float: ...


class Scores(Protocol):
    """The quality scores of a dataset, as src/dataset/quality/scores.py holds them."""

    def of(self, sample_id: str) -> Score | None: ...


Metrics = Mapping[str, Measure | Mapping[str, Any]]


def _text(role: str, sample: Sample) -> str:
    return "\n".join(message.content for message in sample.messages if role in ("", message.role))


# Names a filter knows besides those of src/dataset/rules.py.
OF_THE_SAMPLE: Mapping[str, Measure] = {
    "id": Measure(lambda sample: sample.id, "text"),
    "text": Measure(partial(_text, ""), "text"),
    "question": Measure(partial(_text, "user"), "text"),
    "answer": Measure(partial(_text, "assistant"), "text"),
    "system": Measure(partial(_text, "system"), "text"),
    "place": Measure(lambda sample: sample.origin.place, "text"),
    "document": Measure(lambda sample: sample.origin.document_id, "text"),
    "prompt": Measure(lambda sample: sample.origin.prompt_id, "text"),
    "edited_from": Measure(lambda sample: sample.origin.edited_from, "text"),
    "answer_length": Measure(lambda sample: len(_text("assistant", sample))),
    "question_length": Measure(lambda sample: len(_text("user", sample))),
    "lix": Measure(lambda sample: complexity_of([message.content for message in sample.turns]).lix),
}


def score_measure(scores: Scores) -> Measure:
    """The quality score, 0 to 1, of each sample that has one."""

    def score(sample: Sample) -> float | None:
        found = scores.of(sample.id)
        return None if found is None else found.score

    return Measure(score)


def flag_measure(flagged: Container[str]) -> Measure:
    """Whether a sample is among the flagged ones: a name to be used as it is, "toxicity" or "not toxicity"."""
    return Measure(lambda sample: sample.id in flagged, "yes or no")


def prepare(metrics: Metrics) -> dict[str, Measure]:
    """All measures by name. Raises UsageError for a name that a rule cannot speak, or that means something else."""
    found = dict(OF_THE_SAMPLE)
    for name, metric in metrics.items():
        if not name.isidentifier() or name in NAMES or name in found:
            raise UsageError(f"a metric cannot be called '{name}'; choose another word, of letters and underscores.")
        found[name] = metric if isinstance(metric, Measure) else _by_id(metric)
    return found


def _by_id(values: Mapping[str, Any]) -> Measure:
    """The kind is that of the first value."""
    first = next(iter(values.values()), 0.0)
    kind: Kind = "yes or no" if isinstance(first, bool) else "text" if isinstance(first, str) else "number"
    return Measure(lambda sample: values.get(sample.id), kind)


class Values(Mapping[str, Any]):
    """The values of one sample, each worked out when it is asked for."""

    def __init__(self, measures: Mapping[str, Measure], sample: Sample) -> None:
        self._measures = measures
        self._sample = sample

    def __getitem__(self, name: str) -> Any:
        return self._measures[name].of(self._sample)

    def __iter__(self) -> Iterator[str]:
        return iter(self._measures)

    def __len__(self) -> int:
        return len(self._measures)
