"""How long to wait before a call is made again."""

from __future__ import annotations

import random

from src.errors import LLMError

FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


def wait_before_retry(attempt: int, retry_after: float | None, rng: random.Random) -> float:
    """Seconds: exactly what the host named or else, "full jitter", a random time below a bound that doubles.

    The bound goes from FIRST_WAIT (`attempt` 0) to LONGEST_WAIT.
    """
    if retry_after is not None:
        return retry_after
    return rng.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))


def noted(error: LLMError, asked: int) -> LLMError:
    """The error, saying how often was asked where it was more than once."""
    if asked == 1:
        return error
    again = type(error)(f"{error} Asked {asked} times.", retry_after=error.retry_after)
    again.hint = error.hint
    again.__cause__ = error
    return again
