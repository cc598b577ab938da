"""Gemini's generateContent format: what is sent, what is learned from a refusal, and how an answer is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from src.errors import MalformedAnswerError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, FinishReason, Usage
from src.providers.clients.wire.http_errors import Host
from src.providers.clients.wire.schemas import in_words, rewritten
from src.providers.clients.wire.sdk_client import NOT_AN_ANSWER
from src.records import Message

# The schema, the schema without bounds on lists, any JSON, nothing but the words in the prompt.
SchemaStyle = Literal["full", "plain", "object", "prompt"]
_LESS: Mapping[str, SchemaStyle] = {"full": "plain", "plain": "object", "object": "prompt"}
_ABOUT_SCHEMA = re.compile(r"schema|mime_?type|json mode", re.IGNORECASE)
# Candidate.FinishReason (ai.google.dev/api/generate-content, read 2026-11-21). Asked by the SDK to do so, the host
# writes enums as numbers.
_FINISH: Mapping[str, FinishReason] = {
    "STOP": "stop", "1": "stop", "None": "stop",
    "MAX_TOKENS": "length", "2": "length",
    "SAFETY": "refused", "3": "refused", "RECITATION": "refused", "4": "refused", "LANGUAGE": "refused", "6": "refused",
    "BLOCKLIST": "refused", "7": "refused", "PROHIBITED_CONTENT": "refused", "8": "refused",
    "SPII": "refused", "9": "refused", "IMAGE_SAFETY": "refused", "11": "refused",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoogleDialect:
    """How one host wants to be spoken to. The package knows neither a seed nor an effort of thinking."""

    schema_style: SchemaStyle = "full"
    temperature: bool = True

    def body(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """The request as the JSON of `POST /v1beta/models/<model>:generateContent`."""
        config: dict[str, Any] = {"maxOutputTokens": request.max_tokens, "candidateCount": 1}
        if self.temperature:
            config["temperature"] = request.temperature
        turns = [_content(message) for message in request.messages if message.role != "system"]
        system = "\n\n".join(message.content for message in request.messages if message.role == "system")
        body: dict[str, Any] = {"contents": turns, "generationConfig": config}
        if system:
            # Gemini refuses a system role among the contents.
            body["systemInstruction"] = {"parts": [{"text": system}]}
        if request.schema is not None:
            self._ask_for(body, request.schema)
        return body

    def after_refusal(self, said: str) -> GoogleDialect | None:
        """The dialect to try after a 400 that says `said`; None when it teaches nothing new."""
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        if _ABOUT_SCHEMA.search(said) and self.schema_style in _LESS:
            return replace(self, schema_style=_LESS[self.schema_style])
        return None

    def _ask_for(self, body: dict[str, Any], schema: Mapping[str, Any]) -> None:
        if self.schema_style != "prompt":
            body["generationConfig"]["responseMimeType"] = "application/json"
        if self.schema_style in ("full", "plain"):
            kind: Literal["gemini", "gemini_plain"] = "gemini" if self.schema_style == "full" else "gemini_plain"
            body["generationConfig"]["responseSchema"] = rewritten(schema, kind)
        else:
            body["contents"][-1]["parts"][0]["text"] += in_words(schema)


def read_candidate(host: Host, body: Mapping[str, Any]) -> ChatAnswer:
    """The answer in a GenerateContentResponse. Raises the LLMError that fits."""
    usage, model = _usage(body.get("usageMetadata")), str(body.get("modelVersion") or host.model)
    candidates = body.get("candidates")
    if not candidates and (body.get("promptFeedback") or {}).get("blockReason"):
        return ChatAnswer("", "refused", usage, model)
    if not isinstance(candidates, list) or not candidates or not isinstance(candidates[0], dict):
        raise host.error(MalformedAnswerError, NOT_AN_ANSWER)
    reason = str(candidates[0].get("finishReason"))
    if reason not in _FINISH:
        raise host.error(MalformedAnswerError, f"the answer ended for another reason ({reason})")
    return ChatAnswer(_text(candidates[0]), _FINISH[reason], usage, model)


def _content(message: Message) -> dict[str, Any]:
    return {"role": "model" if message.role == "assistant" else "user", "parts": [{"text": message.content}]}


def _text(candidate: Mapping[str, Any]) -> str:
    """The parts' texts; what the model thought is no part of the answer."""
    parts = (candidate.get("content") or {}).get("parts") or []
    return "".join(str(part.get("text", "")) for part in parts if not part.get("thought"))


def _usage(usage: object) -> Usage:
    """Thinking is billed as output and stands in the total only, so output is what is not the prompt."""
    if not isinstance(usage, dict):
        return Usage()
    prompt, total = usage.get("promptTokenCount"), usage.get("totalTokenCount")
    if isinstance(prompt, int) and isinstance(total, int):
        return Usage(prompt, max(0, total - prompt))
    return Usage(prompt, usage.get("candidatesTokenCount"))
