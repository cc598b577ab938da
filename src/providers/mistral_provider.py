"""Mistral: instruct JSONL, {"messages": [{"role", "content"}, ...]}, as mistral-finetune reads it.

Rules: mistralai/mistral-finetune, utils/validate_data.py (commit 1943535), read 2026-11-21.
"""

from __future__ import annotations

from src.providers.checks.chat_provider import ChatProvider
from src.providers.checks.message_rules import MessageRules


class MistralProvider(ChatProvider):
    name = "mistral"
    row_keys = ("tools",)
    rules = MessageRules(
        roles=("system", "user", "assistant", "tool"),
        more_keys=("weight", "tool_calls", "tool_call_id", "name"),
        system="once",
        # Accepted by mistral-common 1.13, not by the older one that mistral-finetune pins.
        alternate="advised",
        ends_with_assistant="required",
        weights_on=("assistant",),
    )
