"""What the dispatcher tells the journal of each call, and the key that says which calls are one and the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from src.errors import LLMError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest

_TEXT_VERSION = 1


@dataclass(slots=True, eq=False)
class Call:
    """One request on its way. `text` is what its key was made from.

    `worst_tokens` and `worst_usd` are the most it can be billed for, once. `receipt` is that of a note "sent"
    made ahead of time.
    """

    ticket: int
    key: str
    stage: str
    request: ChatRequest
    text: str = ""
    worst_input: int = 0
    worst_usd: float = 0.0
    attempt: int = 0
    sent_at: float = 0.0
    receipt: Receipt | None = None

    @property
    def worst_tokens(self) -> int:
        return self.worst_input + self.request.max_tokens


class Receipt(Protocol):
    """A promise that something will be in the file."""

    def wait(self) -> None:
        """Return when it is there. Raises PersistenceError when it could not be written."""
        ...


class CallJournal(Protocol):
    """Where calls are written down. Safe to use from several threads, `find` from the one that asks."""

    def find(self, key: str) -> ChatAnswer | LLMError | None:
        """What this very call got before: its answer, or the definite refusal."""
        ...

    def sent(self, call: Call) -> Receipt: ...

    def answered(self, call: Call, answer: ChatAnswer, seconds: float) -> Receipt: ...

    def failed(self, call: Call, error: LLMError) -> Receipt:
        """A refusal that asking again would not change, and that may have been billed."""
        ...

    def not_billed(self, call: Call) -> Receipt:
        """The host turned the call away before it did any work."""
        ...

    def judged(self, key: str, verdict: str) -> None:
        """What became of an answer: "accepted", or why not."""
        ...


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A job at a provider's batch API whose results are still to be fetched; `keys` are its calls'.

    `own` when this very run submitted it; `submitted_at` is in seconds since 1970.
    """

    job_id: str
    keys: tuple[str, ...]
    submitted_at: float
    own: bool = True


class BatchJournal(CallJournal, Protocol):
    """A journal that knows batches, too. What these methods write is in the file when they return."""

    def open_batches(self) -> Sequence[OpenBatch]:
        """The jobs of this provider and model that nobody closed, the oldest first."""
        ...

    def save_batch(self, job_id: str, keys: Sequence[str]) -> None: ...

    def close_batch(self, job_id: str, state: str) -> None:
        """The job's results are in the journal, or it came to nothing; `state` says which."""
        ...


def call_text(provider: str, model: str, request: ChatRequest) -> str:
    """All that determines a call, as JSON: equal for calls that ask the same of the same model.

    How fast, by whom or for which run it is asked does not matter.
    """
    identity = {
        "version": _TEXT_VERSION,
        "provider": provider,
        "model": model,
        "messages": [[message.role, message.content] for message in request.messages],
        "schema": request.schema,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "repetition": request.repetition,
    }
    return json.dumps(identity)


def call_key(text: str) -> str:
    """The key of a call, from its call_text."""
    return hashlib.sha256(text.encode()).hexdigest()
