"""What goes into the sending of many calls and what comes out: FlowLimits, Result, FlowStats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from src.errors import LLMError
from src.providers.clients.chat_client import ChatAnswer


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """What the user sets. Times in seconds; `max_wait` is the longest Retry-After a run sits out."""

    concurrency: int = 8
    max_retries: int = 3
    timeout: float = 60.0
    max_wait: float = 300.0
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    grace: float = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one ticket: an answer or the error that is left after all retries."""

    ticket: int
    answer: ChatAnswer | None = None
    error: LLMError | None = None
    replayed: bool = False

    def kept_under(self, key: str) -> Result:
        """The same, its answer naming its key in the journal."""
        return self if self.answer is None else replace(self, answer=replace(self.answer, call=key))


@dataclass(slots=True)
class FlowStats:
    """Figures of one run so far. `usd` is 0 where the price is not known."""

    calls: int = 0
    replayed: int = 0
    retries: int = 0
    rate_limited: int = 0
    possibly_billed: int = 0
    replaced_workers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    without_figures: int = 0
    usd: float = 0.0
