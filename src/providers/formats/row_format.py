"""RowFormat: one shape of a row in a training file, and what can be said in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from src.providers.formats.findings import Finding
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.fitting.fitting import fit_example
from src.providers.formats.training_example import TrainingExample


class RowFormat(ABC):
    """One shape of a row. Has no state and does no input or output.

    `family` groups the formats that know the same `extras`; `source` says whose rules `check` holds a row to, and
    when they were read; `rule_sources` names another source for single rules.
    """

    name: str
    title: str
    family: str
    abilities: Abilities
    source: str
    rule_sources: Mapping[str, str] = {}

    @abstractmethod
    def recognises(self, row: Mapping[str, object]) -> bool:
        """Whether a row looks like this format, by its keys alone; it may still be full of errors."""

    @abstractmethod
    def check(self, row: object) -> Iterator[Finding]:
        """What the format's readers would object to in one row; nothing when they would take it."""

    @abstractmethod
    def read(self, row: Mapping[str, object]) -> TrainingExample:
        """The example in a row that `check` found no error in."""

    @abstractmethod
    def build(self, example: TrainingExample) -> dict[str, object]:
        """The row of an example that fits the abilities, its keys in a fixed order."""

    def fit(self, example: TrainingExample) -> Fitted:
        """The example, changed to what this format can express."""
        return fit_example(example, self.abilities, self.family)

    def source_of(self, rule: str) -> str:
        """Where a rule comes from: title, place and the day it was read."""
        return self.rule_sources.get(rule, self.source)
