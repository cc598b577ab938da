"""preference: {"input": {"messages", "tools"?}, "preferred_output", "non_preferred_output"}.

OpenAI's shape, held to what Together and Fireworks take. The normal form has its keys in this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.preference_rules import check_answers_differ, check_one_answer
from src.providers.formats.chat.rows import build_messages, build_tools, read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys, kind_of
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.open_models.hosts import (
    MEDIA_KINDS,
    MEDIA_RULES,
    TOOL_RULES,
    check_beside,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

_PREFERRED, _REJECTED = "preferred_output", "non_preferred_output"
_INPUT_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("tool_calls", "tool_call_id", "name"),
    system="first",
    alternate="required",
    answered=False,
    ends_with_assistant="free",
    parts=True,
    media=MEDIA_RULES,
    tools=TOOL_RULES,
)
_OUTPUT_RULES = MessageRules(
    roles=("assistant",), more_keys=("tool_calls", "name"), parts=True, media=MEDIA_RULES, tools=TOOL_RULES
)


class Preference(RowFormat):
    name = "preference"
    title = "preference (Together, Fireworks)"
    family = "preference"
    abilities = Abilities(
        kinds=("preference",),
        system="first",
        alternates=True,
        single_answer=True,
        parts=True,
        uniform_parts=True,
        media_on=("user",),
        media_schemes=("data:",),
        media_kinds=MEDIA_KINDS,
        tools=True,
        parallel_flag=False,
    )
    source = (
        'docs.together.ai, "Data preparation", together 2.14.0 check_file (validate_preference_openai), and '
        'docs.fireworks.ai, "DPO fine-tuning", read 2026-11-21'
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return _PREFERRED in row or _REJECTED in row or isinstance(row.get("input"), dict)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            text = 'a row must be an object like {"input": {...}, "preferred_output": [...], ...}.'
            yield problem("", "not_an_object", text)
            return
        yield from check_known_keys(row, ("input", _PREFERRED, _REJECTED))
        yield from _check_input(row.get("input"))
        for key in (_PREFERRED, _REJECTED):
            yield from check_one_answer(row.get(key), _OUTPUT_RULES, key)
        yield from check_answers_differ(row.get(_PREFERRED), row.get(_REJECTED), _REJECTED)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        given = cast("dict[str, Any]", row["input"])
        return TrainingExample(
            read_turns(given["messages"]),
            preferred=read_turns(row[_PREFERRED]),
            rejected=read_turns(row[_REJECTED]),
            tools=read_tools(given.get("tools")),
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        tools: dict[str, object] = {"tools": build_tools(example.tools)} if example.tools else {}
        return {
            "input": {"messages": build_messages(example.turns), **tools},
            _PREFERRED: build_messages(example.preferred),
            _REJECTED: build_messages(example.rejected),
        }


def _check_input(given: object) -> Iterator[Finding]:
    if not isinstance(given, dict):
        yield problem("input", "input_missing", f"'input' must be {{\"messages\": [...]}}, not {kind_of(given)}.")
        return
    # Together's check looks at the messages alone; tools beside them are OpenAI's shape.
    yield from check_known_keys(given, ("messages", "tools"), "input")
    messages = given.get("messages")
    yield from check_messages(messages, _INPUT_RULES, "input.messages")
    yield from check_beside(given, "input")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if isinstance(last, dict) and last.get("role") in ("assistant", "system"):
        text = f"the input ends with the {last['role']}'s message; end it with the question: remove the last message."
        path = f"input.messages[{len(cast('list[object]', messages)) - 1}].role"
        yield problem(path, "input_ends_with_answer", text)
