"""openai-preference: {"input": {"messages", "tools"?, "parallel_tool_calls"?}, "preferred_output", ...}.

For direct preference optimisation (DPO): a conversation and two answers to it, preferred_output and
non_preferred_output, each a list of one assistant message.
The normal form has its keys in this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.preference_rules import check_answers_differ, check_one_answer
from src.providers.formats.chat.rows import build_messages, read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys, kind_of
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.openai.functions import check_function_calls, modernised
from src.providers.formats.openai.rules import (
    ANSWER_KEYS,
    NAMES,
    NULLABLE,
    ROLES,
    RULE_SOURCES,
    TOOL_RULES,
    build_beside,
    check_beside,
    read_flag,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

_PREFERRED, _REJECTED = "preferred_output", "non_preferred_output"
# The schema of April 2025 named them so; the guide and today's clients do not.
_OLD_NAMES = {"preferred_completion": _PREFERRED, "non_preferred_completion": _REJECTED}
_INPUT_RULES = MessageRules(
    roles=ROLES,
    more_keys=(*ANSWER_KEYS, "weight", "tool_call_id"),
    nullable=NULLABLE,
    # The schema has weights here too; nothing is learnt from these answers, so the normal form is without.
    weights_on=("assistant",),
    answered=False,
    ends_with_assistant="free",
    parts=True,
    refusal_parts=True,
    names=NAMES,
    tools=TOOL_RULES,
)
_OUTPUT_RULES = MessageRules(
    roles=("assistant",),
    more_keys=ANSWER_KEYS,
    nullable=NULLABLE,
    parts=True,
    refusal_parts=True,
    names=NAMES,
    tools=TOOL_RULES,
)
_RULE_SOURCES = {
    **RULE_SOURCES,
    "one_answer_wanted": "the same schema (maxItems 1) and together 2.14.0 check_file, read 2026-11-21",
}


class OpenAIPreference(RowFormat):
    name = "openai-preference"
    title = "OpenAI preference (DPO)"
    family = "openai-preference"
    abilities = Abilities(
        kinds=("preference",),
        developer=True,
        single_answer=True,
        ends_with_assistant=False,
        tools=True,
        parts=True,
        names=True,
        tool_names=False,
        refusals=True,
    )
    source = (
        '"Direct preference optimization", developers.openai.com, and openai/openai-openapi, '
        "FineTunePreferenceRequestInput (commit 498c71d, 2025-04-29), read 2026-11-21"
    )
    rule_sources = _RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return any(key in row for key in (_PREFERRED, _REJECTED, *_OLD_NAMES)) or isinstance(row.get("input"), dict)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            text = 'a row must be an object like {"input": {...}, "preferred_output": [...], ...}.'
            yield problem("", "not_an_object", text)
            return
        for key in row.keys() & _OLD_NAMES.keys():
            yield problem(key, "old_key", f"'{key}' is the name of an earlier description; write '{_OLD_NAMES[key]}'.")
        known = {key: value for key, value in row.items() if key not in _OLD_NAMES}
        yield from check_known_keys(known, ("input", _PREFERRED, _REJECTED))
        yield from _check_input(row.get("input"))
        for key in (_PREFERRED, _REJECTED):
            yield from _check_output(row.get(key), key)
        yield from check_answers_differ(row.get(_PREFERRED), row.get(_REJECTED), _REJECTED)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        given = modernised(cast("dict[str, object]", row["input"]))
        return TrainingExample(
            read_turns(given["messages"]),
            preferred=read_turns(modernised({"messages": row[_PREFERRED]})["messages"]),
            rejected=read_turns(modernised({"messages": row[_REJECTED]})["messages"]),
            tools=read_tools(given.get("tools")),
            parallel_tool_calls=read_flag(given),
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        return {
            "input": {"messages": build_messages(example.turns), **build_beside(example)},
            _PREFERRED: build_messages(example.preferred),
            _REJECTED: build_messages(example.rejected),
        }


def _check_input(given: object) -> Iterator[Finding]:
    if not isinstance(given, dict):
        yield problem("input", "input_missing", f"'input' must be {{\"messages\": [...]}}, not {kind_of(given)}.")
        return
    yield from check_known_keys(given, ("messages", "tools", "parallel_tool_calls"), "input")
    messages: Any = given.get("messages")
    yield from check_messages(messages, _INPUT_RULES, "input.messages")
    yield from check_beside(given, "input")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if isinstance(last, dict) and last.get("role") == "assistant":
        text = "the input ends with an answer; the two answers to compare stand in the outputs: remove it."
        yield problem(f"input.messages[{len(messages) - 1}].role", "input_ends_with_answer", text)


def _check_output(output: object, path: str) -> Iterator[Finding]:
    yield from check_one_answer(output, _OUTPUT_RULES, path)
    yield from check_function_calls(output, path)
