"""Llama: conversational JSONL, {"messages": [{"role", "content"}, ...]}, as Together, Fireworks and TRL read it.

The rules are the strictest of the three, so that one file suits them all. Sources: docs.together.ai, "Data
preparation", and docs.fireworks.ai, "Fine-tuning models", read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.providers.base_provider import Finding, Provider, problem
from src.providers.checks.message_rules import (
    MessageRules,
    check_messages,
    check_row_keys,
    read_messages,
    rows_of,
)
from src.records import Message

_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("weight", "tool_calls", "tool_call_id", "name"),
    system="first",
    alternate="required",
    ends_with_assistant="required",
    content_parts=True,
    weights_on=("system", "user", "assistant", "tool"),
)


class LlamaProvider(Provider):
    name = "llama"

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        return {"messages": rows_of(messages)}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        return read_messages(row["messages"])

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')]
        return [*check_row_keys(row, ("tools", "weight")), *check_messages(row.get("messages"), _RULES)]
