"""Ctrl-C once: finish what is under way. Ctrl-C twice: leave now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def first_signal_calls(stop: Callable[[], None]) -> Iterator[None]:
    """The first SIGINT or SIGTERM inside the block calls `stop`, the second raises KeyboardInterrupt.

    Outside the main thread, where Python delivers no signals, and for signals that are ignored (nohup), nothing
    changes. `stop` runs in the main thread between two instructions: it may take no lock that thread can hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt
        stop()

    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
