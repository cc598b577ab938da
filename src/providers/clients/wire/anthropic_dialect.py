"""Anthropic's Messages format: what is sent, what is learned from a refusal, and how an answer is read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from src.errors import MalformedAnswerError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, FinishReason, Usage
from src.providers.clients.wire.http_errors import Host
from src.providers.clients.wire.schemas import in_words, rewritten
from src.providers.clients.wire.sdk_client import NOT_AN_ANSWER

# The format of the output, a tool that must be called, nothing but the words in the prompt.
SchemaStyle = Literal["format", "tool", "prompt"]
TOOL = "answer"
_ABOUT_FORMAT = re.compile(r"output_config|output_format|schema|structured", re.IGNORECASE)
_ABOUT_TOOL = re.compile(r"tool|schema", re.IGNORECASE)
# https://platform.claude.com/docs/en/api/messages: 0 to 1 (read 2026-11-21).
_HIGHEST_TEMPERATURE = 1.0
# pause_turn belongs to tools that run at the host; were it to come, the answer would not be whole.
_FINISH: Mapping[str, FinishReason] = {
    "end_turn": "stop", "stop_sequence": "stop", "tool_use": "stop",
    "max_tokens": "length", "model_context_window_exceeded": "length", "pause_turn": "length",
    "refusal": "refused",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AnthropicDialect:
    """How one host wants to be spoken to. Anthropic knows no seed."""

    schema_style: SchemaStyle = "format"
    temperature: bool = True

    def body(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """The request as the JSON of `POST /v1/messages`."""
        system = "\n\n".join(message.content for message in request.messages if message.role == "system")
        turns = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
        body: dict[str, Any] = {"model": model, "max_tokens": request.max_tokens, "messages": turns}
        if system:
            body["system"] = system
        if self.temperature:
            body["temperature"] = min(request.temperature, _HIGHEST_TEMPERATURE)
        if request.schema is not None:
            self._ask_for(body, request.schema)
        return body

    def after_refusal(self, said: str) -> AnthropicDialect | None:
        """The dialect to try after a 400 or 422 that says `said`; None when it teaches nothing new."""
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        if self.schema_style == "format" and _ABOUT_FORMAT.search(said):
            return replace(self, schema_style="tool")
        if self.schema_style == "tool" and _ABOUT_TOOL.search(said):
            return replace(self, schema_style="prompt")
        return None

    def _ask_for(self, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
        if self.schema_style == "format":
            body["output_config"] = {"format": {"type": "json_schema", "schema": rewritten(schema, "anthropic")}}
        elif self.schema_style == "tool":
            wanted = rewritten(schema, "full")
            body["tools"] = [{"name": TOOL, "description": "Give the answer.", "input_schema": wanted}]
            body["tool_choice"] = {"type": "tool", "name": TOOL}
        else:
            body["messages"][-1]["content"] += in_words(schema)


def read_message(host: Host, body: Mapping[str, Any]) -> ChatAnswer:
    """The answer in a message. Raises the LLMError that fits."""
    content = body.get("content")
    if body.get("type") != "message" or not isinstance(content, list):
        raise host.error(MalformedAnswerError, NOT_AN_ANSWER)
    reason = str(body.get("stop_reason"))
    if reason not in _FINISH:
        raise host.error(MalformedAnswerError, f"the answer ended for an unknown reason ({reason})")
    return ChatAnswer(_text(content), _FINISH[reason], _usage(body.get("usage")), str(body.get("model") or host.model))


def _text(content: list[Any]) -> str:
    """The input of the forced tool, else the text blocks; what the model thought is no part of the answer."""
    blocks = [block for block in content if isinstance(block, dict)]
    for block in blocks:
        if block.get("type") == "tool_use" and block.get("name") == TOOL:
            return json.dumps(block.get("input"), ensure_ascii=False)
    return "".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")


def _usage(usage: object) -> Usage:
    """`input_tokens` leaves out what was written to or read from the cache; both are paid for."""
    if not isinstance(usage, dict):
        return Usage()
    parts = [usage.get(name) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")]
    known = [part for part in parts if isinstance(part, int)]
    return Usage(sum(known) if known else None, usage.get("output_tokens"))
