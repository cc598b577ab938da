"""OpenAI: chat JSONL, {"messages": [{"role", "content"}, ...]}.

Rules: openai/openai-openapi (commit f85dbe2, 2026-08-21), FineTuneChatRequestInput, and the format checks of the
cookbook notebook Chat_finetuning_data_prep.ipynb (commit 2e65270); both read 2026-11-21.
"""

from __future__ import annotations

from src.providers.checks.chat_provider import ChatProvider
from src.providers.checks.message_rules import MessageRules


class OpenAIProvider(ChatProvider):
    name = "openai"
    row_keys = ("tools", "parallel_tool_calls", "functions", "response_format")
    rules = MessageRules(
        roles=("system", "user", "assistant", "developer", "tool", "function"),
        more_keys=("name", "weight", "tool_calls", "function_call", "tool_call_id", "refusal"),
        content_parts=True,
        weights_on=("assistant",),
    )
