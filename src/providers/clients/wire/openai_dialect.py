"""The dialects of OpenAI's chat format: what a host does not know is learned from its first refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from src.providers.clients.chat_client import ChatRequest

# Each step asks for less of the host: the schema as it is, the schema without bounds on lengths and numbers
# (OpenAI's strict mode refuses some of them), any JSON object, nothing but the words in the prompt.
SchemaStyle = Literal["full", "plain", "object", "prompt"]
_LESS: dict[SchemaStyle, SchemaStyle] = {"full": "plain", "plain": "object", "object": "prompt"}
_BOUNDS = {
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minItems", "maxItems", "uniqueItems",
}  # fmt: skip
_OPTIONAL = ("temperature", "seed", "reasoning_effort")
_ABOUT_SCHEMA = re.compile(r"schema|response_?format|json_object|json mode", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one host wants to be spoken to. `reasoning_effort` is sent where it is not empty."""

    schema_style: SchemaStyle = "full"
    tokens_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    dropped: frozenset[str] = frozenset()
    reasoning_effort: str = ""

    def arguments(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """The request as the keyword arguments of `chat.completions.create`."""
        given = {
            "temperature": request.temperature,
            "seed": request.seed,
            "reasoning_effort": self.reasoning_effort or None,
            "response_format": self._response_format(request),
        }
        optional = {name: value for name, value in given.items() if value is not None and name not in self.dropped}
        return {"model": model, "messages": self._messages(request), self.tokens_key: request.max_tokens, **optional}

    def after_refusal(self, said: str) -> Dialect | None:
        """The dialect to try after a 400 or 422 that says `said`; None when it teaches nothing new."""
        if "max_completion_tokens" in said and "max_tokens" in said and self.tokens_key == "max_tokens":
            return replace(self, tokens_key="max_completion_tokens")
        for name in _OPTIONAL:
            if name in said and name not in self.dropped:
                return replace(self, dropped=self.dropped | {name})
        if _ABOUT_SCHEMA.search(said) and self.schema_style in _LESS:
            return replace(self, schema_style=_LESS[self.schema_style])
        return None

    def _response_format(self, request: ChatRequest) -> dict[str, Any] | None:
        if request.schema is None or self.schema_style == "prompt":
            return None
        if self.schema_style == "object":
            return {"type": "json_object"}
        schema = request.schema if self.schema_style == "full" else _without_bounds(request.schema)
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}

    def _messages(self, request: ChatRequest) -> list[dict[str, str]]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        if request.schema is not None and self.schema_style in ("object", "prompt"):
            order = "Answer with one JSON object and nothing else. It is an instance of this JSON Schema:\n"
            messages[-1]["content"] += f"\n\n{order}{json.dumps(request.schema, ensure_ascii=False)}"
        return messages


def _without_bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without its bounds. A property may well be called "format": names are not keywords."""
    plain = {key: value for key, value in schema.items() if key not in _BOUNDS}
    if isinstance(plain.get("properties"), Mapping):
        plain["properties"] = {name: _without_bounds(value) for name, value in plain["properties"].items()}
    if isinstance(plain.get("items"), Mapping):
        plain["items"] = _without_bounds(plain["items"])
    return plain
