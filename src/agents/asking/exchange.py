"""One question to an LLM, with what is asked again when the answer cannot be used.

An Asking is a generator: it yields requests and is sent the answers (or thrown the LLMError), so that hundreds
can be under way at once without a thread or a lock in the agents.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from src.agents.asking.reply_parser import parse_object
from src.errors import ContentRefusedError, LLMError, MalformedAnswerError, TruncatedAnswerError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.records import Message

T = TypeVar("T")
Asking = Generator[ChatRequest, ChatAnswer, T]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer's JSON, which fits the schema that was asked for, and the journal's key of that answer."""

    values: dict[str, Any]
    call: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a candidate came to nothing; `error` where a call failed."""

    reason: str
    error: LLMError | None = None


def ask(request: ChatRequest, smaller: Callable[[], ChatRequest] | None = None) -> Asking[Reply]:
    """One JSON answer that fits the request's schema.

    A cut-off answer is asked again with twice the room, then as the `smaller` task; a malformed one once with
    the complaint. None is ever repaired. Raises the LLMError that is left, and at once the one a call ended with.
    """
    room, complained = 2 * request.max_tokens, False
    while True:
        answer = yield request
        try:
            return _read(answer, request)
        except TruncatedAnswerError:
            if request.max_tokens < room:
                request = replace(request, max_tokens=room)
            elif smaller is not None:
                request, smaller = replace(smaller(), max_tokens=room), None
            else:
                raise
        except MalformedAnswerError as error:
            if complained:
                raise
            request, complained = complaining(request, str(error)), True


def complaining(request: ChatRequest, complaint: str) -> ChatRequest:
    """The same request, with what was wrong with the last answer."""
    *before, last = request.messages
    text = f"{last.content}\n\nYour last answer was not accepted: {complaint} Answer again with JSON only."
    return replace(request, messages=(*before, Message(last.role, text)), repetition=request.repetition + 1)


def _read(answer: ChatAnswer, request: ChatRequest) -> Reply:
    if answer.finish_reason == "length":
        raise TruncatedAnswerError("The answer was cut off.")
    if answer.finish_reason == "refused":
        raise ContentRefusedError("The model declined to answer.")
    assert request.schema is not None
    return Reply(parse_object(answer.text, request.schema), answer.call)
