"""Try again what may pass, waiting longer each time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from src.errors import StorageError


class TakenError(StorageError):
    """There is such an object already."""


_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
T = TypeVar("T")


def run_within(files: Any, seconds: float, moved: int, coroutine: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a coroutine function of an fsspec file system returns; a request that hangs ends in a timeout.

    Each MB it moves may take `seconds`, too: aiohttp waits for ever for a host that takes no more of a body.
    """
    from fsspec.asyn import sync

    return sync(files.loop, coroutine, *args, timeout=seconds * (1 + moved / 1e6), **kwargs)


def with_retries(
    action: Callable[[], T],
    caught: tuple[type[Exception], ...],
    explain: Callable[[Exception], StorageError],
    retries: int,
) -> T:
    """What `action` returns. One of the `caught` becomes what `explain` says, and is tried again if that is passing."""
    for attempt in range(retries + 1):
        try:
            return action()
        except caught as error:
            failure = explain(error)
            if not failure.passing or attempt == retries:
                raise failure from error
        # Half of it is chance, so that many workers do not come back at once.
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
        time.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret depends on it
    raise AssertionError("unreachable")
