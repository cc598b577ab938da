"""vertex-preference: {"system_instruction"?, "contents": [...], "completions": [two]}, preference tuning of Gemini.

A completion is {"score": 1 or 0, "completion": {"role": "model", "parts": [{"text"}]}}. The normal form has the
spelling of Google's page (system_instruction, without a role) and the preferred completion first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn
from src.providers.formats.vertex.contents import SYSTEM_KEY, check_answer, check_contents, check_order, check_system
from src.providers.formats.vertex.fitting_answers import only_accepted, take_steps
from src.providers.formats.vertex.rows import build_contents, read_contents, read_system, text_in
from src.providers.formats.vertex.spelling import check_spelt_keys, snake


class VertexPreference(RowFormat):
    name = "vertex-preference"
    title = "Vertex AI preference"
    family = "vertex"
    abilities = Abilities(kinds=("preference",), system="first", alternates=True, single_answer=True)
    source = 'Google Cloud, "Prepare preference tuning data for Gemini models", read 2026-11-21'

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "completions" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            text = 'a row must be an object like {"contents": [...], "completions": [...]}.'
            yield problem("", "not_an_object", text)
            return
        rest = {key: value for key, value in row.items() if key != snake(SYSTEM_KEY)}
        yield from check_spelt_keys(rest, (SYSTEM_KEY, "contents", "completions"))
        yield from check_system(row)
        yield from check_contents(row.get("contents"), text_only=True)
        if isinstance(row.get("contents"), list):
            yield from check_order(row["contents"], ends_with="user")
        yield from _check_completions(row.get("completions"))

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        completions = cast("list[dict[str, Any]]", row["completions"])
        answers = {one["score"]: (Turn("assistant", text_in(one["completion"])),) for one in completions}
        turns = read_system(row) + read_contents(row["contents"])
        return TrainingExample(turns, preferred=answers[1], rejected=answers[0])

    def build(self, example: TrainingExample) -> dict[str, object]:
        texts = [turn.text for turn in example.turns if turn.role == "system"]
        top: dict[str, object] = {snake(SYSTEM_KEY): {"parts": [{"text": texts[0]}]}} if texts else {}
        completions = [
            {"score": score, "completion": build_contents(answer)[0]}
            for score, answer in ((1, example.preferred), (0, example.rejected))
        ]
        return {**top, "contents": build_contents(example.turns), "completions": completions}

    def fit(self, example: TrainingExample) -> Fitted:
        return take_steps(super().fit(example), only_accepted(self))


def _check_completions(completions: object) -> Iterator[Finding]:
    if not isinstance(completions, list) or len(completions) != 2:
        text = "must be a list of two completions, one with the score 1 and one with the score 0."
        yield problem("completions", "completions_not_two", text)
        return
    for index, one in enumerate(completions):
        path = f"completions[{index}]"
        if not isinstance(one, dict):
            yield problem(
                path, "completion_not_object", f"must be an object with score and completion, not {kind_of(one)}."
            )
            continue
        yield from check_known_keys(one, ("score", "completion"), path)
        yield from check_answer(one.get("completion"), f"{path}.completion")
    scores = [one.get("score") if isinstance(one, dict) else None for one in completions]
    for index, score in enumerate(scores):
        if isinstance(score, bool) or score not in (0, 1):
            yield problem(f"completions[{index}].score", "bad_score", f"the score is {shown(score)}; write 1 or 0.")
    if scores in ([0, 0], [1, 1]):
        text = "both completions have the same score; give the better one 1 and the worse one 0."
        yield problem("completions[1].score", "same_score", text)
