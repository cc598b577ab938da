"""alpaca: {"instruction", "input", "output", "system"?, "history"?}, as LLaMA-Factory reads it.

The user's text is the instruction and, where the input is not empty, a line break and the input; history holds the
earlier questions and answers, which are learnt too. The normal form has its keys in the order above, the whole question
in the instruction and an empty input; system and history are left out when empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from src.providers.formats.chat.texts import check_known_keys, check_text, kind_of
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn


class Alpaca(RowFormat):
    name = "alpaca"
    title = "Alpaca"
    family = "alpaca"
    abilities = Abilities(system="first", alternates=True)
    source = (
        "hiyouga/LLaMA-Factory, data/README.md and AlpacaDatasetConverter in src/llamafactory/data/converter.py "
        "(commit ff6d4d1), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "instruction" in row or ("output" in row and "input" in row)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            text = 'a row must be an object like {"instruction": "...", "input": "", "output": "..."}.'
            yield problem("", "not_an_object", text)
            return
        yield from check_known_keys(row, ("instruction", "input", "output", "system", "history"))
        yield from _check_question(row)
        yield from check_text(row.get("output"), "output")
        if row.get("system"):
            yield from check_text(row["system"], "system")
        if row.get("history") is not None:
            yield from _check_history(row["history"])

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        turns = [Turn("system", str(row["system"]))] if row.get("system") else []
        for question, answer in cast("list[tuple[str, str]]", row.get("history") or ()):
            turns += [Turn("user", question), Turn("assistant", answer)]
        asked = [str(row[key]) for key in ("instruction", "input") if row.get(key)]
        return TrainingExample((*turns, Turn("user", "\n".join(asked)), Turn("assistant", str(row["output"]))))

    def build(self, example: TrainingExample) -> dict[str, object]:
        systems = [turn.text for turn in example.turns if turn.role == "system"]
        texts = [turn.text for turn in example.turns if turn.role != "system"]
        *history, last = zip(texts[::2], texts[1::2], strict=True)
        row: dict[str, object] = {"instruction": last[0], "input": "", "output": last[1]}
        if systems:
            row["system"] = systems[0]
        if history:
            row["history"] = [list(pair) for pair in history]
        return row


def _check_question(row: Mapping[str, object]) -> Iterator[Finding]:
    if "instruction" not in row:
        yield problem("instruction", "key_missing", "'instruction' is missing; write the question into it.")
        return
    # Both are joined, so one of them may be empty.
    for key in ("instruction", "input"):
        if not isinstance(row.get(key) or "", str):
            yield from check_text(row[key], key)
    if not any(isinstance(row.get(key), str) and str(row[key]).strip() for key in ("instruction", "input")):
        yield from check_text(row["instruction"], "instruction")


def _check_history(history: object) -> Iterator[Finding]:
    if not isinstance(history, list):
        yield problem("history", "bad_history", f"must be a list of [question, answer], not {kind_of(history)}.")
        return
    for index, pair in enumerate(history):
        place = f"history[{index}]"
        if isinstance(pair, list) and len(pair) == 2:
            yield from check_text(pair[0], f"{place}[0]")
            yield from check_text(pair[1], f"{place}[1]")
        else:
            yield problem(place, "bad_history", 'must be a list of two texts: ["question", "answer"].')
