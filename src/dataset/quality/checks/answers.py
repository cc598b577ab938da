"""Answers that refuse, speak in stock phrases, stop too early, or hold what belongs to their making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from src.analysis.language.prompt_echo import PromptEcho
from src.analysis.language.refusals import find_boilerplate, find_refusal
from src.analysis.language.truncation import find_cut_off
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View, place_of
from src.dataset.quality.report import Metric


class Answers(Check):
    names = ("refusals", "boilerplate", "truncated", "leftovers")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings, prompts: Iterable[str]) -> None:
        super().__init__(book, thresholds)
        texts = [prompt for prompt in prompts if prompt.strip()]
        self._echo = PromptEcho(texts)
        self._prompts = len(texts)
        self._samples = self._answers = 0
        # Counted by answers, not by samples.
        self._found: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def look(self, view: View) -> None:
        self._samples += 1
        for number, answer in view.answers:
            self._answers += 1
            self._look_at_answer(view.position, f"message {number}", answer)
        for number, message in view.turns:
            leftover = self._echo.find(message.content)
            # A mark in what a user or a document says is an attempt at a faked turn: harm/safety.py looks for those.
            if leftover is not None and (message.role == "assistant" or leftover.kind != "template mark"):
                note = f"{leftover.kind}: {message.content[leftover.start : leftover.end]}"
                place = place_of(f"message {number}", leftover.start, leftover.end)
                self.book.flag(view.position, "leftovers", place, note, 0.9)

    def _look_at_answer(self, position: int, where: str, answer: str) -> None:
        refusal = find_refusal(answer)
        if refusal is not None:
            self._found["refusals"] += 1
            self._kinds[refusal.kind] += 1
            place = place_of(where, refusal.start, refusal.end)
            self.book.flag(position, "refusals", place, answer[refusal.start : refusal.end], 0.85)
        phrase = find_boilerplate(answer)
        if phrase is not None:
            self._found["boilerplate"] += 1
            place = place_of(where, phrase.start, phrase.end)
            self.book.flag(position, "boilerplate", place, answer[phrase.start : phrase.end], 0.8)
        cut_off = find_cut_off(answer)
        if cut_off is not None:
            self._found["truncated"] += 1
            self.book.flag(position, "truncated", f"{where}, its end", cut_off.reason, cut_off.confidence)

    def finish(self) -> Sequence[Metric]:
        compared = (
            f"compared with {self._prompts} prompt files."
            if self._prompts
            else "no prompt files were given to compare with."
        )
        return [
            self.share("refusals", self._answers, flagged=self._found["refusals"], details=dict(self._kinds)),
            self.share("boilerplate", self._answers, flagged=self._found["boilerplate"]),
            self.share("truncated", self._answers, flagged=self._found["truncated"]),
            self.share("leftovers", self._samples, note=compared),
        ]
