"""The wire formats of OpenAI (Mistral and llama hosts share it), Anthropic and Gemini, as a server sees them.

A loopback stub reads a request with `read_request`, and answers with `answer_body` or `error_body`. Read from the
providers' API references and from what their SDKs send (2026-11-21).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Finish = Literal["stop", "length", "refused"]

_GEMINI_PATH = re.compile(r"/models/([^/:]+):generateContent")
# google.ai.generativelanguage writes enums as numbers: Type, Candidate.FinishReason.
_GEMINI_TYPES = {1: "string", 2: "number", 3: "integer", 4: "boolean", 5: "array", 6: "object"}
_GEMINI_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_FINISH = {
    "openai": {"stop": "stop", "length": "length", "refused": "content_filter"},
    "anthropic": {"stop": "end_turn", "length": "max_tokens", "refused": "refusal"},
    "google": {"stop": "STOP", "length": "MAX_TOKENS", "refused": "SAFETY"},
}
_ANTHROPIC_ERRORS = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
    504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip
_GOOGLE_ERRORS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a client asked for. `wire` is "openai", "anthropic" or "google"; `tool` is the name of a forced tool."""

    wire: str
    model: str
    messages: list[dict[str, str]]
    schema: dict[str, Any] | None
    max_tokens: int | None
    tool: str = ""


def read_request(path: str, body: Mapping[str, Any]) -> Asked:
    """The request in one shape. Raises ValueError for a path that is none of the three wires'."""
    path = path.partition("?")[0]
    if path.endswith("/chat/completions"):
        return _openai_request(body)
    if path.endswith("/messages"):
        return _anthropic_request(body)
    if match := _GEMINI_PATH.search(path):
        return _google_request(match[1], body)
    raise ValueError(f"no chat wire has the path {path}")


def answer_body(
    asked: Asked,
    text: str | None,
    finish: str = "stop",
    prompt_tokens: int | None = None,
    output_tokens: int | None = None,
    refusal: str | None = None,
) -> dict[str, Any]:
    """A successful answer. `finish` is one of Finish or the wire's own word; the tokens are guessed where None."""
    prompt = sum(len(message["content"]) for message in asked.messages) // 4
    tokens = (prompt if prompt_tokens is None else prompt_tokens, output_tokens)
    counts = (tokens[0], len(text or "") // 4 if tokens[1] is None else tokens[1])
    reason = _FINISH[asked.wire].get(finish, finish)
    if asked.wire == "openai":
        return _openai_answer(asked, text, reason, counts, refusal)
    if asked.wire == "anthropic":
        return _anthropic_answer(asked, text, "refusal" if refusal else reason, counts)
    return _google_answer(asked, text, "SAFETY" if refusal else reason, counts)


def error_body(wire: str, status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """An error object. `code` is the wire's own word for it, the usual one of the status where None or empty."""
    if wire == "anthropic":
        kind = code or _ANTHROPIC_ERRORS.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_stub"}
    if wire == "google":
        return {"error": {"code": status, "message": message, "status": code or _GOOGLE_ERRORS.get(status, "UNKNOWN")}}
    return {"error": {"message": message, "type": "stub_error", "param": None, "code": code or None}}


def limit_headers(wire: str, limit: int, remaining: int, reset_seconds: float) -> dict[str, str]:
    """The headers that tell of a limit of requests per minute; Gemini sends none."""
    if wire == "openai":
        return {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(remaining),
            "x-ratelimit-reset-requests": f"{reset_seconds:g}s",
        }
    if wire == "anthropic":
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + reset_seconds))
        return {
            "anthropic-ratelimit-requests-limit": str(limit),
            "anthropic-ratelimit-requests-remaining": str(remaining),
            "anthropic-ratelimit-requests-reset": moment,
        }
    return {}


def _openai_request(body: Mapping[str, Any]) -> Asked:
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    messages = [{"role": m["role"], "content": _text(m["content"])} for m in body.get("messages", [])]
    bound = body.get("max_tokens") or body.get("max_completion_tokens")
    return Asked("openai", str(body.get("model")), messages, schema, bound)


def _openai_answer(
    asked: Asked, text: str | None, reason: str, tokens: tuple[int, int], refusal: str | None
) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": f"{asked.model}-stub",
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def _anthropic_request(body: Mapping[str, Any]) -> Asked:
    system = [{"role": "system", "content": _text(body["system"])}] if body.get("system") else []
    messages = [{"role": m["role"], "content": _text(m["content"])} for m in body.get("messages", [])]
    schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    choice = body.get("tool_choice") or {}
    tool = str(choice.get("name", "")) if choice.get("type") == "tool" else ""
    for offered in body.get("tools") or []:
        if offered["name"] == tool:
            schema = offered["input_schema"]
    return Asked("anthropic", str(body.get("model")), system + messages, schema, body.get("max_tokens"), tool)


def _anthropic_answer(asked: Asked, text: str | None, reason: str, tokens: tuple[int, int]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    if asked.tool and text and reason in ("end_turn", "max_tokens"):
        content = [{"type": "tool_use", "id": "toolu_1", "name": asked.tool, "input": _object(text)}]
        reason = "tool_use" if reason == "end_turn" else reason
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": f"{asked.model}-stub",
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]},
    }


def _google_request(model: str, body: Mapping[str, Any]) -> Asked:
    config = body.get("generationConfig") or {}
    system = body.get("systemInstruction")
    messages = [{"role": "system", "content": _parts(system)}] if system else []
    for content in body.get("contents", []):
        role = "assistant" if content.get("role") == "model" else "user"
        messages.append({"role": role, "content": _parts(content)})
    schema = config.get("responseSchema")
    bound = config.get("maxOutputTokens")
    return Asked("google", model, messages, _json_schema(schema) if schema else None, bound and int(bound))


def _google_answer(asked: Asked, text: str | None, reason: str, tokens: tuple[int, int]) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "finishReason": reason}
    if text:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    usage = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1], "totalTokenCount": sum(tokens)}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": f"{asked.model}-stub"}


def _json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Gemini's Schema object (types as numbers or in capitals, counts as strings) as a JSON Schema."""
    found: dict[str, Any] = {key: value for key, value in schema.items() if key != "type"}
    kind = schema.get("type")
    found["type"] = _GEMINI_TYPES.get(kind, "object") if isinstance(kind, int) else str(kind or "object").lower()
    if isinstance(found.get("properties"), Mapping):
        found["properties"] = {name: _json_schema(part) for name, part in found["properties"].items()}
    if isinstance(found.get("items"), Mapping):
        found["items"] = _json_schema(found["items"])
    return {key: int(value) if key in _GEMINI_COUNTS else value for key, value in found.items()}


def _object(text: str) -> dict[str, Any]:
    """The input of a tool call. A text that is no JSON object (cut off, scripted) arrives as an empty object."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _parts(content: Mapping[str, Any]) -> str:
    return "".join(str(part.get("text", "")) for part in content.get("parts", []))


def _text(content: Any) -> str:
    """A message's text: a string, or a list of blocks."""
    return content if isinstance(content, str) else "".join(str(block.get("text", "")) for block in content or [])
