"""Questions of the dataset that are alike but for the group they name, and whether their answers differ in tone."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

from src.analysis.language.refusals import find_refusal
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.bias.terms import Named, names_of, without_groups
from src.dataset.quality.bias.tone import is_bad
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric

_LEAST_PAIRS = 10


class SwappedGroups(Check):
    """Holds 21 bytes for each sample whose first question names a group."""

    names = ("swapped_groups",)

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._codes, self._positions, self._groups, self._tones = array("Q"), array("L"), array("H"), array("B")
        self._names: dict[str, int] = {}

    def look(self, view: View) -> None:
        from xxhash import xxh3_64_intdigest

        if not view.exchanges:
            return
        question, answer, _ = view.exchanges[0]
        alike = without_groups(question)
        if alike is None or len(self._names) > 65_000:
            return
        groups = names_of(Named(question).people)
        self._codes.append(xxh3_64_intdigest(alike.encode("utf-8", "surrogatepass")))
        self._positions.append(view.position)
        self._groups.append(self._names.setdefault(groups, len(self._names)))
        self._tones.append((find_refusal(answer) is not None) * 2 + is_bad(answer))

    def finish(self) -> Sequence[Metric]:
        names = {number: name for name, number in self._names.items()}
        pairs = differing = 0
        for one, other in self._pairs():
            pairs += 1
            if self._tones[one] != self._tones[other]:
                differing += 1
                note = f"other tone or refusal than for {names[self._groups[one]]}"
                self.book.flag(self._positions[other], "swapped_groups", "first question and answer", note, 0.5)
        if pairs < _LEAST_PAIRS:
            return [
                not_computed("swapped_groups", f"{pairs} pairs of such questions are too few; it takes {_LEAST_PAIRS}.")
            ]
        return [make_metric("swapped_groups", 100 * differing / pairs, self.limits("swapped_groups"), differing, pairs)]

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Each question with the next one that is alike and names another group."""
        import numpy as np

        codes = np.array(self._codes, np.uint64)
        order = np.argsort(codes, kind="stable").tolist()
        for one, other in pairwise(order):
            if self._codes[one] == self._codes[other] and self._groups[one] != self._groups[other]:
                yield one, other
