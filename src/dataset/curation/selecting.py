"""Choose samples by rules: `include` says which may stay, `exclude` which go. Each that goes has its reason."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from src.dataset.curation.editing import Objection, no_objection
from src.dataset.curation.id_list import IdList
from src.dataset.curation.measures import Measure, Metrics, Values, prepare
from src.dataset.fields import Fields, fields_of
from src.dataset.rules import NotKnownError, Rule, parse_rule
from src.errors import UsageError
from src.records import Sample

_NO_METRICS: Metrics = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sample that a selection leaves out."""

    sample_id: str
    reason: str


class Selection:
    """What stays and what is left out, in the order of the dataset: its ids and nine bytes a sample.

    `counts` tells how many were left out, by reason; `not_judged` how many stayed although an `exclude` rule could not
    be answered for them, by rule.
    """

    def __init__(self) -> None:
        self.kept = IdList()
        self.counts: Counter[str] = Counter()
        self.not_judged: Counter[str] = Counter()
        self._left_out = IdList()
        self._reasons = array("H")
        self._numbers: dict[str, int] = {}

    @property
    def samples(self) -> int:
        """How many were looked at."""
        return len(self.kept) + len(self._left_out)

    @property
    def left_out_ids(self) -> Sequence[str]:
        return self._left_out

    def left_out(self) -> Iterator[LeftOut]:
        """Every sample that was left out, with its reason."""
        names = list(self._numbers)
        for sample_id, number in zip(self._left_out, self._reasons, strict=True):
            yield LeftOut(sample_id, names[number])

    def leave_out(self, sample_id: str, reason: str) -> None:
        self.counts[reason] += 1
        self._left_out.append(sample_id)
        self._reasons.append(self._numbers.setdefault(reason, len(self._numbers)))


@dataclass(frozen=True, slots=True)
class _Test:
    text: str
    rule: Rule


def select(
    samples: Iterable[Sample],
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    metrics: Metrics = _NO_METRICS,
    objection: Objection = no_objection,
) -> Selection:
    """The samples that fit every `include` rule and no `exclude` rule; without rules all of them.

    `objection` may leave out further ones, for the reason that it gives.

    Rules are written as for organising (src/dataset/rules.py), about metadata, the names of OF_THE_SAMPLE and
    `metrics` (values by sample id, or a Measure). A sample whose value is not known fits no `include` rule about it,
    and is not taken out by an `exclude` rule about it. Samples are gone through once and not held in memory. Raises
    UsageError for a rule that is no yes or no.
    """
    measures = prepare(metrics)
    wanted, unwanted = _tests(include, measures), _tests(exclude, measures)
    selection = Selection()
    for sample in samples:
        fields = fields_of(sample, Values(measures, sample))
        reason = _reason(fields, wanted, unwanted, selection.not_judged) or objection(sample)
        if reason:
            selection.leave_out(sample.id, reason)
        else:
            selection.kept.append(sample.id)
    return selection


def _tests(rules: str | Sequence[str], measures: Mapping[str, Measure]) -> list[_Test]:
    kinds = {name: measure.kind for name, measure in measures.items()}
    tests = [_Test(text, parse_rule(text, kinds)) for text in ([rules] if isinstance(rules, str) else rules)]
    for test in tests:
        if test.rule.kind != "yes or no":
            raise UsageError(
                f"the rule '{test.text}' gives a {test.rule.kind}; a filter needs a yes or no: token_length > 500."
            )
    return tests


def _reason(fields: Fields, wanted: Sequence[_Test], unwanted: Sequence[_Test], not_judged: Counter[str]) -> str:
    """Why the sample is left out, "" when it stays."""
    for test in wanted:
        try:
            if not test.rule.run(fields):
                return f"not: {test.text}"
        except NotKnownError as error:
            return f"{error.name} is not known, so it cannot be told: {test.text}"
    open_rules = []
    for test in unwanted:
        try:
            if test.rule.run(fields):
                return test.text
        except NotKnownError as error:
            open_rules.append(f"{test.text} ({error.name} is not known)")
    not_judged.update(open_rules)
    return ""
