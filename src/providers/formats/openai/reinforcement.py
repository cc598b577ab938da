"""openai-reinforcement: {"messages": [..., the user's], "tools"?, any fields}: a prompt whose answer a grader judges.

The other fields are what the grader of the job reads as `item.<field>` (a reference answer, say); they are the
example's extras. The normal form has its keys in this order, the fields as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.rows import build_messages, build_tools, read_tools, read_turns
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.openai.functions import modernised
from src.providers.formats.openai.rules import (
    ANSWER_KEYS,
    CHAT_KEYS,
    MEDIA_RULES,
    MEDIA_SCHEMES,
    NAMES,
    NULLABLE,
    ROLES,
    RULE_SOURCES,
    TOOL_RULES,
    check_beside,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

_RESERVED = ("messages", "tools")
_CHAT_KEYS = frozenset(CHAT_KEYS)
_RULES = MessageRules(
    roles=ROLES,
    more_keys=(*ANSWER_KEYS, "weight", "tool_call_id"),
    nullable=NULLABLE,
    # The schema has weights here too; nothing is learnt from these answers, so the normal form is without.
    weights_on=("assistant",),
    answered=False,
    ends_with_assistant="free",
    ends_with_user=True,
    parts=True,
    media=MEDIA_RULES,
    refusal_parts=True,
    names=NAMES,
    tools=TOOL_RULES,
)
_RULE_SOURCES = {
    **RULE_SOURCES,
    "system_in_prompt": 'Microsoft, "Reinforcement fine-tuning (RFT) with Azure OpenAI", read 2026-11-21',
}


class OpenAIReinforcement(RowFormat):
    name = "openai-reinforcement"
    title = "OpenAI reinforcement (prompts for a grader)"
    family = "openai-reinforcement"
    # A prompt of several turns holds answers too, so it reads as a conversation that ends with the user.
    abilities = Abilities(
        kinds=("prompt", "conversation"),
        developer=True,
        ends_with_assistant=False,
        tools=True,
        parallel_flag=False,
        parts=True,
        media_on=("user",),
        media_schemes=MEDIA_SCHEMES,
        media_kinds=MEDIA_RULES.mime_types,
        names=True,
        tool_names=False,
        refusals=True,
    )
    source = (
        "OpenAI's API description 2.3.0, FineTuneReinforcementRequestInput (as openai-client-base 0.8.1 holds it), and "
        '"Reinforcement fine-tuning", developers.openai.com, read 2026-11-21'
    )
    rule_sources = _RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return looks_graded(row)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"messages": [...], "answer": ...}.')
            return
        messages = row.get("messages")
        yield from check_messages(messages, _RULES)
        yield from check_beside({key: row[key] for key in _RESERVED if key in row})
        if isinstance(messages, list) and any(isinstance(m, dict) and m.get("role") == "system" for m in messages):
            text = "Azure takes no system message in reinforcement rows; write a developer message."
            yield problem("messages", "system_in_prompt", text, "warning")
        if not row.keys() - set(_RESERVED):
            text = "holds no field for the grader to compare with; fine where it needs none."
            yield problem("", "no_reference", text, "note")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        fields = {key: value for key, value in row.items() if key not in _RESERVED}
        modern = modernised({key: row[key] for key in _RESERVED if key in row})
        example = TrainingExample(read_turns(modern["messages"]), tools=read_tools(modern.get("tools")))
        return replace(example, extras=fields, extras_of=self.family) if fields else example

    def build(self, example: TrainingExample) -> dict[str, object]:
        tools: dict[str, object] = {"tools": build_tools(example.tools)} if example.tools else {}
        return {"messages": build_messages(example.turns), **tools, **example.extras}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if fitted.example is None:
            return fitted
        if fitted.example.turns[-1].role != "user":
            why = "a row for a grader ends with the user's message; this conversation holds the answer already"
            return Fitted(None, fitted.choices + left_out("", "answer_not_expressible", why).choices)
        return fitted


def looks_graded(row: Mapping[str, object]) -> bool:
    """Whether a row of messages is a prompt for a grader: fields no chat row has, and no answer at the end."""
    messages = row.get("messages")
    if row.keys() <= _CHAT_KEYS or not isinstance(messages, list) or not messages:
        return False
    return not isinstance(messages[-1], dict) or messages[-1].get("role") != "assistant"
