"""Ctrl-C once: finish what is under way. Ctrl-C twice: leave now."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_A_MOMENT = 0.02


def interrupt_safely() -> None:
    """From now on SIGINT and SIGTERM raise KeyboardInterrupt, though never in the middle of an import.

    There it can leave the lock of all imports held for ever: threads that load an SDK then hang (seen 2026-11-21,
    Python 3.11). Outside the main thread, and for signals that are ignored (nohup), nothing changes.
    """
    _set_handlers(_raise)


def was_interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C is what lies behind an error: below Python 3.12 one that strikes while a class is being made
    (dataclass fields, at an import) comes out as a RuntimeError."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):
            return True
        cause = cause.__cause__
    return False


@contextmanager
def first_signal_calls(stop: Callable[[], None], again: Callable[[], None] | None = None) -> Iterator[None]:
    """The first SIGINT or SIGTERM inside the block calls `stop`, others `again`; without it they interrupt.

    Outside the main thread, where Python delivers no signals, and for signals that are ignored (nohup), nothing
    changes. `stop` runs in the main thread between two instructions: it may take no lock that thread can hold.
    """
    seen: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            _deliver_in_a_moment(number)
            return
        seen.append(number)
        if len(seen) == 1:
            stop()
        elif again is not None:
            again()
        else:
            raise KeyboardInterrupt

    before = _set_handlers(handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


Handler = Callable[[int, FrameType | None], object]


def _set_handlers(handle: Handler) -> dict[signal.Signals, Handler | int | None]:
    """Set the handler of both signals where that is possible; gives those there were."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    return {number: signal.signal(number, handle) for number in numbers}


def _raise(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        _deliver_in_a_moment(number)
    else:
        raise KeyboardInterrupt


def _is_importing(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")


def _deliver_in_a_moment(number: int) -> None:
    timer = threading.Timer(_A_MOMENT, _thread.interrupt_main, (number,))
    timer.daemon = True
    timer.start()
