"""Ask again what may succeed the second time: the only place in the program that retries chat calls."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from src.errors import LLMError
from src.providers.clients.chat_client import ChatAnswer, ChatClient, ChatRequest

FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
# A host that asks for more than this is out of service for us: the user decides, not a silent sleep.
LONGEST_PATIENCE = 300.0


class RetryingClient:
    """A ChatClient that asks `client` up to 1 + `max_retries` times.

    Only `retryable` errors are asked again, after exactly the seconds the host named or, where it named none,
    after a random time below a bound that doubles from FIRST_WAIT to LONGEST_WAIT ("full jitter").
    """

    def __init__(
        self,
        client: ChatClient,
        max_retries: int,
        sleep: Callable[[float], None] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.provider = client.provider
        self.model = client.model
        self._client = client
        self._max_retries = max_retries
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing

    def complete(self, request: ChatRequest) -> ChatAnswer:
        """The first answer that comes. Raises the last error, saying how often was asked."""
        for attempt in range(self._max_retries + 1):
            try:
                return self._client.complete(request)
            except LLMError as error:
                if not error.retryable:
                    raise
                if (error.retry_after or 0) > LONGEST_PATIENCE:
                    raise _with_note(error, f"It asks to wait {error.retry_after:,.0f} s; run again then.") from error
                if attempt == self._max_retries:
                    raise _with_note(error, f"Asked {attempt + 1} time(s).") from error
                self._sleep(self._wait(attempt, error))
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._client.close()

    def _wait(self, attempt: int, error: LLMError) -> float:
        if error.retry_after is not None:
            return error.retry_after
        return self._rng.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))


def _with_note(error: LLMError, note: str) -> LLMError:
    noted = type(error)(f"{error} {note}", retry_after=error.retry_after)
    noted.hint = error.hint
    return noted
