"""Anthropic: Claude 3 Haiku on Amazon Bedrock, {"system": "...", "messages": [{"role", "content"}, ...]}.

Rules: AWS, "Prepare data for fine-tuning your models", and data_validation.py in aws-samples/amazon-bedrock-samples
(custom-models/bedrock-fine-tuning/claude-haiku), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.providers.base_provider import Finding, Provider, leading_system, problem
from src.providers.checks.message_rules import (
    MessageRules,
    check_messages,
    check_text,
    read_messages,
    rows_of,
)
from src.records import Message

_RESERVED = ("\nHuman:", "\nAssistant:")
_RULES = MessageRules(
    roles=("user", "assistant"),
    alternate="required",
    ends_with_assistant="required",
    reserved_texts=_RESERVED,
)


class AnthropicProvider(Provider):
    name = "anthropic"

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        system, turns = leading_system(messages)
        # Bedrock refuses a system role among the messages, so it stands beside them.
        top: dict[str, object] = {} if system is None else {"system": system}
        return {**top, "messages": rows_of(turns)}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        system = (Message("system", str(row["system"])),) if "system" in row else ()
        return system + read_messages(row["messages"])

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')]
        findings = [
            problem(key, "unknown_key", f"'{key}' is not a key of this format; keep only system and messages.")
            for key in row
            if key not in ("system", "messages")
        ]
        if "system" in row:
            findings += check_text(row["system"], "system", _RESERVED)
        return [*findings, *check_messages(row.get("messages"), _RULES)]
