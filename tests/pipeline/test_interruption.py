"""Signals: the first stops gently, the second leaves, and none strikes in the middle of an import."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from src.pipeline.interruption import first_signal_calls, interrupt_safely, was_interrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals to a process are not for Windows")
# Code that seems to belong to the import system: its file name is all there is to tell.
IMPORTING = compile("import signal; signal.raise_signal(number)", "<frozen importlib._bootstrap>", "exec")


@pytest.fixture(autouse=True)
def handlers_stay_as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def wait_a_moment(reached: Callable[[], object] = lambda: False) -> None:
    for _ in range(500):
        if reached():
            return
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_calls_stop_and_the_second_interrupts(number: signal.Signals) -> None:
    stops: list[str] = []
    before = signal.getsignal(number)
    with first_signal_calls(lambda: stops.append("stop")):
        signal.raise_signal(number)
        assert stops == ["stop"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert stops == ["stop"] and signal.getsignal(number) is before


def test_outside_the_main_thread_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        interrupt_safely()
        with first_signal_calls(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before] and signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    interrupt_safely()
    with first_signal_calls(lambda: None):
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_an_import_waits_until_it_is_over(number: signal.Signals) -> None:
    interrupt_safely()
    with pytest.raises(KeyboardInterrupt):
        exec(IMPORTING, {"number": number})  # returns: the interrupt comes a moment later
        wait_a_moment()
    stops: list[str] = []
    with first_signal_calls(lambda: stops.append("stop")):
        exec(IMPORTING, {"number": number})
        assert stops == []
        wait_a_moment(lambda: stops)
        assert stops == ["stop"]


def test_an_interrupt_that_python_wraps_is_still_one() -> None:
    class Descriptor:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(BaseException) as told:
        type("Made", (), {"field": Descriptor()})
    assert was_interrupted(told.value)
    assert not was_interrupted(RuntimeError("something else"))
