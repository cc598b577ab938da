"""OpenAI: chat JSONL, {"messages": [{"role", "content"}, ...]}.

Rules: openai/openai-openapi (commit f85dbe2, 2026-08-21), FineTuneChatRequestInput, and the format checks of the
cookbook notebook Chat_finetuning_data_prep.ipynb (commit 2e65270); both read 2026-11-21.
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

_ROW_KEYS = ("tools", "parallel_tool_calls", "functions", "response_format")
_RULES = MessageRules(
    roles=("system", "user", "assistant", "developer", "tool", "function"),
    more_keys=("name", "weight", "tool_calls", "function_call", "tool_call_id", "refusal"),
    content_parts=True,
    weights_on=("assistant",),
)


class OpenAIProvider(Provider):
    name = "openai"

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        return {"messages": rows_of(messages)}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        return read_messages(row["messages"])

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')]
        return [*check_row_keys(row, _ROW_KEYS), *check_messages(row.get("messages"), _RULES)]
