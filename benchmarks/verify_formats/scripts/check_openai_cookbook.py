"""The format errors of OpenAI's cookbook notebook Chat_finetuning_data_prep, restated (commit 2e65270).

Read 2026-11-21. It predates tools: files with tool calls, pictures or the developer role are not its business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocol import answer, by_row

KEYS = ("role", "content", "name", "function_call", "weight")
ROLES = ("system", "user", "assistant", "function")


def check_row(row: Any, form: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "data_type"
        return
    messages = row.get("messages")
    if not messages:
        yield "missing_messages_list"
        return
    for message in messages:
        if "role" not in message or "content" not in message:
            yield "message_missing_key"
        if any(key not in KEYS for key in message):
            yield "message_unrecognized_key"
        if message.get("role") not in ROLES:
            yield "unrecognized_role"
        content = message.get("content")
        if (not content and not message.get("function_call")) or not isinstance(content, str):
            yield "missing_content"
    if not any(message.get("role") == "assistant" for message in messages):
        yield "example_missing_assistant_message"


answer(by_row(check_row))
