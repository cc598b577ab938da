"""The dialects of OpenAI's chat format: what a host does not know is learned from its first refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.wire.schemas import in_words, rewritten

# Each step asks for less of the host: the schema with all its bounds (llama.cpp and vLLM keep them), with those that
# OpenAI's strict mode knows, without bounds, any JSON object, nothing but the words in the prompt.
SchemaStyle = Literal["full", "strict", "plain", "object", "prompt"]
_LESS: dict[SchemaStyle, SchemaStyle] = {"full": "plain", "strict": "plain", "plain": "object", "object": "prompt"}
_ABOUT_SCHEMA = re.compile(r"schema|response_?format|json_object|json mode", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenAIDialect:
    """How one host wants to be spoken to. `reasoning_effort` is sent where it is not empty."""

    schema_style: SchemaStyle = "full"
    tokens_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    seed_key: Literal["seed", "random_seed"] = "seed"
    dropped: frozenset[str] = frozenset()
    reasoning_effort: str = ""

    def body(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """The request as the JSON of `POST /chat/completions`."""
        given = {
            "temperature": request.temperature,
            self.seed_key: request.seed,
            "reasoning_effort": self.reasoning_effort or None,
            "response_format": self._response_format(request),
        }
        optional = {name: value for name, value in given.items() if value is not None and name not in self.dropped}
        return {"model": model, "messages": self._messages(request), self.tokens_key: request.max_tokens, **optional}

    def after_refusal(self, said: str) -> OpenAIDialect | None:
        """The dialect to try after a 400 or 422 that says `said`; None when it teaches nothing new."""
        if "max_completion_tokens" in said and "max_tokens" in said and self.tokens_key == "max_tokens":
            return replace(self, tokens_key="max_completion_tokens")
        for name in ("temperature", self.seed_key, "reasoning_effort"):
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
        schema = rewritten(request.schema, self.schema_style)
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}

    def _messages(self, request: ChatRequest) -> list[dict[str, str]]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        if request.schema is not None and self.schema_style in ("object", "prompt"):
            messages[-1]["content"] += in_words(request.schema)
        return messages
