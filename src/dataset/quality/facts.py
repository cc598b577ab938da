"""What single texts say about themselves: found when it is asked for, or known because another process found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from src.analysis.language.detection import LanguageDetector, language_detector
from src.analysis.pii.finder import find_pii
from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import LOCALES
from src.analysis.safety.crisis import CrisisSign, find_crisis
from src.analysis.safety.injection import Sign, find_injection
from src.analysis.safety.toxicity import ToxicMatch, find_toxicity
from src.config.qa_settings import PiiSettings


class TextFacts(NamedTuple):
    """All that is looked for in one message."""

    pii: list[PIIFinding]
    toxicity: list[ToxicMatch]
    crisis: list[CrisisSign]
    injection: list[Sign]
    languages: list[str]


@dataclass
class Facts:
    """Searches that give the same whether a text's facts are `known` or it has to be looked at."""

    pii: PiiSettings
    known: Mapping[str, TextFacts] = field(default_factory=dict)

    def find_pii(self, text: str) -> Sequence[PIIFinding]:
        known = self.known.get(text)
        if known is not None:
            return known.pii
        return find_pii(text, locales=self.pii.locales or LOCALES, use_nlp=self.pii.nlp)

    def find_toxicity(self, text: str) -> Sequence[ToxicMatch]:
        known = self.known.get(text)
        return find_toxicity(text) if known is None else known.toxicity

    def find_crisis(self, text: str) -> Sequence[CrisisSign]:
        known = self.known.get(text)
        return find_crisis(text) if known is None else known.crisis

    def find_injection(self, text: str) -> Sequence[Sign]:
        known = self.known.get(text)
        return find_injection(text) if known is None else known.injection

    def detector(self) -> LanguageDetector:
        """The best one that is installed, which looks at known texts no more."""
        best = language_detector()
        return _KnowingDetector(best.how, best.known, best.guess, self)

    def of(self, text: str) -> TextFacts:
        """All facts of a text."""
        return TextFacts(
            list(self.find_pii(text)),
            list(self.find_toxicity(text)),
            list(self.find_crisis(text)),
            list(self.find_injection(text)),
            list(language_detector().languages_in(text)),
        )


@dataclass(frozen=True)
class _KnowingDetector(LanguageDetector):
    facts: Facts

    def languages_in(self, text: str) -> tuple[str, ...]:
        known = self.facts.known.get(text)
        return LanguageDetector.languages_in(self, text) if known is None else tuple(known.languages)
