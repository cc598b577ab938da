"""What the engine says while it works. The screen draws it; the engine never prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from src.providers.clients.chat_client import ChatAnswer, ChatClient, ChatRequest

Stage = Literal["ingestion", "generation", "saving"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage, and what a person would like to know beside it (file name, tokens)."""

    stage: Stage
    done: int
    total: int
    detail: str = ""


Listener = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A listener for callers that do not watch."""


class WatchedClient:
    """A client that says after every call that the run is alive, also when the answer is not accepted."""

    def __init__(self, client: ChatClient, after_call: Callable[[], None]) -> None:
        self.provider = client.provider
        self.model = client.model
        self.client = client
        self.after_call = after_call

    def complete(self, request: ChatRequest) -> ChatAnswer:
        answer = self.client.complete(request)
        self.after_call()
        return answer

    def close(self) -> None:
        self.client.close()
