"""What the agents know of an LLM: a request, an answer, and the ChatClient Protocol every client fulfils."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from src.records import Message

FinishReason = Literal["stop", "length", "refused"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat call. `schema` is a JSON Schema (object) the answer's text must be an instance of, None for free text.

    `max_tokens` bounds the answer; `seed` is a wish that not every host honours. `repetition` tells calls apart
    that are alike in all else, so that asking again is not answered from the journal.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    temperature: float = 0.7
    max_tokens: int = 1024
    seed: int | None = None
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the host counted them; None where it gave no figure."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What the host's headers say of its limits per minute; None where they do not say.

    `requests_reset` and `tokens_reset` are the seconds until the allowance is full again.
    """

    requests_limit: int | None = None
    requests_remaining: int | None = None
    requests_reset: float | None = None
    tokens_limit: int | None = None
    tokens_remaining: int | None = None
    tokens_reset: float | None = None


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What came back, unchanged. Look at `finish_reason` before anything else: "length" means cut off.

    `call` is the key it is kept under in the journal, once a dispatcher hands it out.
    """

    text: str
    finish_reason: FinishReason
    usage: Usage
    model: str
    limits: RateLimits | None = None
    call: str = field(default="", compare=False)


class ChatClient(Protocol):
    """A connection to one model. Safe to call from several threads; one client per run, never one per call."""

    provider: str
    model: str

    def complete(self, request: ChatRequest) -> ChatAnswer:
        """Send one request and wait for its answer. Raises the LLMError that fits."""
        ...

    def close(self) -> None:
        """Free the connection or stop the server. Safe to call twice."""
        ...
