"""Mistral: instruct JSONL, {"messages": [{"role", "content"}, ...]}, as mistral-finetune reads it.

Rules: mistralai/mistral-finetune, utils/validate_data.py (commit 1943535), read 2026-11-21.
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
    system="once",
    # Accepted by mistral-common 1.13, not by the older one that mistral-finetune pins.
    alternate="advised",
    ends_with_assistant="required",
    weights_on=("assistant",),
)


class MistralProvider(Provider):
    name = "mistral"

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        return {"messages": rows_of(messages)}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        return read_messages(row["messages"])

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')]
        return [*check_row_keys(row, ("tools",)), *check_messages(row.get("messages"), _RULES)]
