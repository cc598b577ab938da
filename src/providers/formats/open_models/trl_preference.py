"""trl-preference: {"prompt": [messages], "chosen": [messages], "rejected": [messages], "tools"?}, for TRL's DPO.

Texts in place of messages are read as one question and its answers, and a prompt that is missing is found as what both
answers begin with. The normal form has its keys in the order above and messages everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from src.providers.formats.chat.preference_rules import check_answers_differ
from src.providers.formats.chat.rows import read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys, check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.open_models.trl import (
    SOURCE,
    build_row_tools,
    build_trl_messages,
    check_answer,
    check_prompt,
    check_row_tools,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn, TurnRole

_KEYS = ("prompt", "chosen", "rejected")


class TRLPreference(RowFormat):
    name = "trl-preference"
    title = "preference (TRL)"
    family = "trl-preference"
    abilities = Abilities(
        kinds=("preference",),
        system="first",
        alternates=True,
        parts=True,
        tools=True,
        canonical_arguments=True,
        parallel_flag=False,
    )
    source = SOURCE

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "chosen" in row or "rejected" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"prompt": [...], "chosen": [...], ...}.')
            return
        yield from check_known_keys(row, (*_KEYS, "tools"))
        missing = [key for key in _KEYS if key not in row]
        whole = _with_prompt(row)
        if "chosen" in missing or "rejected" in missing:
            yield from _missing(missing)
        elif "prompt" not in whole:
            text = "there is no prompt, and the two answers do not begin with the same messages; add the prompt."
            yield problem("prompt", "prompt_missing", text)
        else:
            yield from _check_columns(whole)
        yield from check_row_tools(row)
        yield from check_answers_differ(row.get("chosen"), row.get("rejected"), "rejected")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        whole = _with_prompt(row)
        return TrainingExample(
            _read_column(whole["prompt"], "user"),
            preferred=_read_column(whole["chosen"], "assistant"),
            rejected=_read_column(whole["rejected"], "assistant"),
            tools=read_tools(row.get("tools")),
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        return {
            "prompt": build_trl_messages(example.turns),
            "chosen": build_trl_messages(example.preferred),
            "rejected": build_trl_messages(example.rejected),
            **build_row_tools(example.tools),
        }


def _read_column(value: object, role: TurnRole) -> tuple[Turn, ...]:
    return (Turn(role, value),) if isinstance(value, str) else read_turns(value)


def _missing(keys: list[str]) -> Iterator[Finding]:
    for key in keys:
        if key != "prompt":
            yield problem(
                key, "answer_missing", f"'{key}' is missing; a preference has a chosen and a rejected answer."
            )


def _check_columns(row: Mapping[str, object]) -> Iterator[Finding]:
    texts = [isinstance(row[key], str) for key in _KEYS]
    if any(texts) and not all(texts):
        text = "prompt, chosen and rejected must all be texts or all be lists of messages; write lists."
        yield problem("", "mixed_columns", text)
    elif all(texts):
        for key in _KEYS:
            yield from check_text(row[key], key)
    else:
        yield from check_prompt(row["prompt"], "prompt")
        yield from check_answer(row["chosen"], "chosen")
        yield from check_answer(row["rejected"], "rejected")


def _with_prompt(row: Mapping[str, object]) -> Mapping[str, object]:
    """The row with its prompt; where it has none, with what both answers begin with, as TRL finds it."""
    chosen, rejected = row.get("chosen"), row.get("rejected")
    if "prompt" in row or not isinstance(chosen, list) or not isinstance(rejected, list):
        return row
    same = 0
    # Each answer keeps one message at least.
    for one, other in zip(chosen[:-1], rejected[:-1], strict=False):
        if one != other:
            break
        same += 1
    if not same:
        return row
    return {**row, "prompt": cast("object", chosen[:same]), "chosen": chosen[same:], "rejected": rejected[same:]}
