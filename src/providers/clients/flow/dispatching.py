"""What the agents know of whoever sends their requests: one call after the other, or as batches."""

from __future__ import annotations

from typing import Protocol

from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.flow_records import FlowStats, Result


class Dispatching(Protocol):
    """Requests in, results as they come. All but stop() belong to one thread.

    A request may depend on the results of those submitted at least `look_back` before it, on no later ones.
    """

    look_back: int
    provider: str
    model: str
    stats: FlowStats
    budget: Budget

    def submit(self, ticket: int, request: ChatRequest, stage: str = "", *, first: bool = False) -> None:
        """Queue a request; its Result will carry `ticket`. `first` puts it before the others."""
        ...

    def wants_more(self) -> bool:
        """Whether submitting more now is of use."""
        ...

    def next_result(self) -> Result | None:
        """The next result; None when nothing is under way any more or the run was stopped.

        Raises RunPausedError at a limit, PersistenceError when the journal cannot be written.
        """
        ...

    def stop(self) -> None:
        """Send nothing new. May be called from a signal handler."""
        ...

    def drain(self) -> None:
        """Stop, and wait for what would be lost otherwise."""
        ...

    def judged(self, ticket: int, verdict: str) -> None:
        """Write beside the ticket's last answer what became of it."""
        ...

    def close(self) -> None: ...

    def describe(self) -> str:
        """What a person would like to know beside the figures, "" for nothing."""
        ...

    def left_behind(self) -> str:
        """What goes on at the host although the run has stopped, and how to fetch it; "" for nothing."""
        ...

    @property
    def in_flight(self) -> int:
        """Calls that were sent and have not ended."""
        ...

    @property
    def stopped(self) -> bool: ...
