"""A few items under way at a time, drawn as they are needed, given in order or as they are done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from src.pipeline.engine.executor import Outcome

# Seconds between two looks whether all is to be called off.
_LOOK_EVERY = 0.2


def in_flight(
    submit: Callable[[int, Any], Future[Outcome]],
    items: Iterable[Any],
    ahead: int,
    ordered: bool,
    cancel: threading.Event | None,
    stop: Callable[[], None],
) -> Generator[Outcome, None, None]:
    """The outcomes of the items, of which `ahead` are under way at most.

    `stop` is called once when `cancel` is set, or when whoever takes the outcomes leaves before the end; after it
    every future must come to an end soon.
    """
    pending: dict[Future[Outcome], None] = {}  # in the order of their numbers
    waiting, called_off = enumerate(items), False
    try:
        while True:
            if not called_off and cancel is not None and cancel.is_set():
                called_off = True
                stop()
            while not called_off and len(pending) < ahead and (drawn := next(waiting, None)) is not None:
                pending[submit(*drawn)] = None
            if not pending:
                return
            for future in _done(pending, ordered):
                del pending[future]
                yield future.result()
    finally:
        if pending:
            stop()


def _done(pending: dict[Future[Outcome], None], ordered: bool) -> list[Future[Outcome]]:
    """The futures that are done and may be given now; none after a while."""
    if not ordered:
        done, _ = wait(pending, _LOOK_EVERY, FIRST_COMPLETED)
        return [future for future in pending if future in done]
    first = next(iter(pending))
    return [first] if wait([first], _LOOK_EVERY).done else []
