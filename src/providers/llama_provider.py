"""Llama: conversational JSONL, {"messages": [{"role", "content"}, ...]}, as Together, Fireworks and TRL read it.

The rules are the strictest of the three, so that one file suits them all. Sources: docs.together.ai, "Data
preparation", and docs.fireworks.ai, "Fine-tuning models", read 2026-11-21.
"""

from __future__ import annotations

from src.providers.checks.chat_provider import ChatProvider
from src.providers.checks.message_rules import MessageRules


class LlamaProvider(ChatProvider):
    name = "llama"
    row_keys = ("tools", "weight")
    rules = MessageRules(
        roles=("system", "user", "assistant", "tool"),
        more_keys=("weight", "tool_calls", "tool_call_id", "name"),
        system="first",
        alternate="required",
        ends_with_assistant="required",
        content_parts=True,
        weights_on=("system", "user", "assistant", "tool"),
    )
