"""Whether answers have to do with their questions, and turns with those before them, as far as words tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.checks.lengths import count_words
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.measuring.words import numbers_in, roots
from src.dataset.quality.report import Metric

_APART = "nothing in common with the question"
# A few words may be the answer to anything.
_SHORT = 8
# Questions with fewer content words ("Why?", "And then?") say nothing to compare with.
_LEAST_CONTENT = 2
_WORD = re.compile(r"\w+")
_BACK = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|their|there|then|one|ones|same|other|another|else|instead|again"
    r"|also|too|still"
    r"|yes|yeah|no|ok|okay|thanks|thank|great|perfect|good|right|sure|why|really|more|what about|how about|and"
    r"|das|dies|diese|dieser|dort|dann|danke|ja|nein|warum|ça|cela|merci|oui|non|pourquoi|eso|esto|gracias|sí)\b",
    re.IGNORECASE,
)


class Relevance(Check):
    """Exchanges without an answer, and follow-up turns that take up nothing."""

    names = ("unanswered", "coherence")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._exchanges = self._unanswered = self._follow_ups = self._apart = 0
        self._kinds: Counter[str] = Counter()
        self._passage: tuple[str, set[str]] = ("", set())

    def look(self, view: View) -> None:
        only = len(view.exchanges) == 1
        for question, answer, number in view.exchanges:
            if not question.strip():
                continue
            self._exchanges += 1
            why = why_unanswered(question, answer, only)
            if why == _APART and self._belongs(view, question):
                why = ""
            if why:
                self._unanswered += 1
                self._kinds[why] += 1
                confidence = 0.5 if why == _APART else 0.95
                self.book.flag(view.position, "unanswered", f"message {number}", why, confidence)
        if len(view.turns) > 2:
            self._look_at_turns(view)

    def _belongs(self, view: View, question: str) -> bool:
        """Whether something else than common words holds an exchange together.

        People answer in other words: identified exchanges stand beside each other in their document, and a generated
        question is about its passage.
        """
        if view.sample.origin.method == "identified":
            return True
        if view.passage is None:
            return False
        if self._passage[0] != view.passage:
            self._passage = (view.passage, roots(view.passage))
        asked = roots(question)
        return 2 * len(asked & self._passage[1]) >= len(asked)

    def _look_at_turns(self, view: View) -> None:
        before: set[str] = set()
        for at, (number, message) in enumerate(view.turns):
            words = roots(message.content)
            if at >= 2 and message.role == "user":
                self._follow_ups += 1
                if words and not words & before and not _BACK.search(message.content):
                    self._apart += 1
                    self.book.flag(
                        view.position, "coherence", f"message {number}", "takes up nothing of the turns before", 0.4
                    )
            before |= words

    def finish(self) -> Sequence[Metric]:
        return [
            self.share("unanswered", self._exchanges, flagged=self._unanswered, details=dict(self._kinds)),
            self.share(
                "coherence",
                self._follow_ups,
                flagged=self._apart,
                note="" if self._follow_ups else "there is no conversation of several turns.",
            ),
        ]


def why_unanswered(question: str, answer: str, only: bool = True) -> str:
    """Why an answer seems to be none, "" where nothing speaks against it. `only`: there are no further turns."""
    said, asked = _WORD.findall(answer.casefold()), _WORD.findall(question.casefold())
    if not said:
        return "no answer"
    if said == asked:
        return "it repeats the question"
    if only and answer.rstrip().endswith("?") and not re.search(r"[.!:]\s", answer):
        return "it asks back"
    wanted = roots(question)
    if len(wanted) < _LEAST_CONTENT or count_words(answer) <= _SHORT:
        return ""
    if wanted & roots(answer) or numbers_in(question) & numbers_in(answer):
        return ""
    return _APART
