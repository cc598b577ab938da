"""Personal data, identifiers and keys in the samples: where, of which kind, how sure. Values are shown masked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from src.analysis.pii.findings import Kind, PIIFinding
from src.config.qa_settings import MetricName, PiiSettings, ThresholdSettings
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View, place_of
from src.dataset.quality.report import Metric

# Not behind "#", where the hash of a masked value stands.
_LONG_NUMBER = re.compile(r"(?<![#\w])\d(?:[ .\-/]?\d){6,}")
# Given a text, its findings; given a kind and a value, what may be shown of it.
FindPii = Callable[[str], Sequence[PIIFinding]]
Mask = Callable[[Kind, str], str]

METRIC_OF: Mapping[Kind, MetricName] = {
    "API_KEY": "secrets", "CARD": "identifiers", "IBAN": "identifiers", "SSN": "identifiers",
    "NATIONAL_ID": "identifiers",
    "NAME": "personal_data", "ADDRESS": "personal_data", "EMAIL": "personal_data", "PHONE": "personal_data",
    "IP": "personal_data", "MAC": "personal_data",
}  # fmt: skip


def cleaner(find: FindPii, mask: Mask) -> Callable[[str], str]:
    """What masks all personal data in a text, and numbers of seven digits and more, whatever they are."""

    def clean(text: str) -> str:
        parts, at = [], 0
        for finding in find(text):
            parts += [text[at : finding.start], mask(finding.kind, text[finding.start : finding.end])]
            at = finding.end
        return _LONG_NUMBER.sub(lambda number: f"{number.group()[:2]}***", "".join([*parts, text[at:]]))

    return clean


class Privacy(Check):
    names = ("secrets", "personal_data", "identifiers")

    def __init__(
        self,
        book: FlagBook,
        thresholds: ThresholdSettings,
        settings: PiiSettings,
        find: FindPii,
        mask: Mask,
    ) -> None:
        super().__init__(book, thresholds)
        self._settings = settings
        self._find = find
        self._mask = mask
        self._samples = 0
        self._kinds: Counter[Kind] = Counter()
        self._samples_with: Counter[Kind] = Counter()

    def look(self, view: View) -> None:
        self._samples += 1
        kinds: set[Kind] = set()
        for where, text in view.texts():
            for finding in self._find(text):
                kinds.add(finding.kind)
                self._kinds[finding.kind] += 1
                masked = self._mask(finding.kind, text[finding.start : finding.end])
                note = f"{finding.kind} {masked} ({finding.rule}; {self.policy(finding.kind)})"
                place = place_of(where, finding.start, finding.end)
                self.book.flag(view.position, METRIC_OF[finding.kind], place, note, finding.confidence)
        self._samples_with.update(kinds)

    def policy(self, kind: Kind) -> str:
        return self._settings.policies.get(kind, "report")

    def finish(self) -> Sequence[Metric]:
        details: defaultdict[MetricName, dict[str, object]] = defaultdict(dict)
        for kind, count in self._kinds.most_common():
            told = f"{count:,} in {self._samples_with[kind]:,} samples ({self.policy(kind)})"
            details[METRIC_OF[kind]][kind] = told
        return [self.share(name, self._samples, details=details[name]) for name in self.names]
