"""ChatProvider: what the providers share whose row is {"messages": [{"role", "content"}, ...]}."""

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


class ChatProvider(Provider):
    """A provider is its `rules` for the messages and the `row_keys` it takes beside them."""

    rules: MessageRules
    row_keys: tuple[str, ...]

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        return {"messages": rows_of(messages)}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        return read_messages(row["messages"])

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')]
        return [*check_row_keys(row, self.row_keys), *check_messages(row.get("messages"), self.rules)]
