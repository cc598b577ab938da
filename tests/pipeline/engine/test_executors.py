"""The same promises of every engine, kept with real processes and, where Ray is installed, a real cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from src.config.settings import SystemSettings
from src.errors import EngineError
from src.pipeline.engine import EXECUTORS
from src.pipeline.engine.executor import Executor, Work

WORDS = Work("src.analysis.words:words_of")
# A second of work or more.
LONG = "word " * 3_000_000

pytestmark = pytest.mark.filterwarnings("ignore:::ray", "ignore::ResourceWarning")


def test_outcomes_come_in_the_order_of_the_items(executor: Executor) -> None:
    outcomes = list(executor.map(WORDS, (f"Item number {i}" for i in range(50))))
    assert [outcome.number for outcome in outcomes] == list(range(50))
    assert [outcome.value for outcome in outcomes] == [["item", "number", str(i)] for i in range(50)]
    assert all(outcome.failure is None and outcome.node for outcome in outcomes)


def test_unordered_outcomes_are_all_there(executor: Executor) -> None:
    values = {o.number: o.value for o in executor.map(WORDS, map(str, range(30)), ordered=False)}
    assert values == {i: [str(i)] for i in range(30)}


def test_an_error_is_an_outcome_and_the_others_go_on(executor: Executor) -> None:
    good, bad, last = executor.map(WORDS, ["one", 2, "three"])
    assert (good.value, last.value) == (["one"], ["three"])
    assert bad.failure is not None and (bad.failure.kind, bad.failure.error) == ("error", "AttributeError")


def test_an_item_that_takes_too_long_is_given_up_alone(executor: Executor) -> None:
    work = Work(WORDS.function, timeout_s=0.7)
    late, well = executor.map(work, [LONG * 4, "well"])
    assert late.failure is not None and (late.failure.kind, late.attempts) == ("timeout", 1)
    # The process that does the second one may have to start first, and be late, too.
    assert well.value == ["well"] or (well.failure is not None and well.failure.kind == "timeout")


def test_items_are_drawn_as_they_are_needed(executor: Executor) -> None:
    drawn: list[int] = []

    def items() -> Iterator[str]:
        for number in range(10_000):
            drawn.append(number)
            yield str(number)

    outcomes = executor.map(WORDS, items())
    next(outcomes)
    outcomes.close()
    assert len(drawn) < 100


def test_what_is_called_off_ends_soon(executor: Executor) -> None:
    cancel = threading.Event()
    outcomes = executor.map(WORDS, [LONG] * 100, cancel=cancel)
    threading.Timer(1.0, cancel.set).start()
    kinds = [outcome.failure.kind if outcome.failure else "" for outcome in outcomes]
    assert "cancelled" in kinds and len(kinds) < 100


def test_after_all_that_the_engine_still_works(executor: Executor) -> None:
    executor.map(WORDS, [LONG] * 9).close()
    assert [outcome.value for outcome in executor.map(WORDS, ["again"])] == [["again"]]


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "email.utils:parseaddr",
        "src.analysis.words:_plain",
        "src.analysis.words:re",
        "src.errors:EngineError",
        "src.no:thing",
        "x",
    ],
)
def test_only_functions_of_this_program_are_called(executor: Executor, name: str) -> None:
    with pytest.raises(EngineError, match=r"may not be called|is not there"):
        executor.map(Work(name), [1])


def test_an_item_that_is_no_json_is_refused(executor: Executor) -> None:
    with pytest.raises(EngineError, match="cannot travel as JSON"):
        list(executor.map(WORDS, [object()]))


def test_a_worker_killed_in_the_middle_loses_nothing(system: SystemSettings) -> None:
    executor = EXECUTORS[system.engine](system, 2)
    killed = threading.Thread(target=_kill_one, args=(_workers_of(system.engine),))
    try:
        killed.start()
        outcomes = list(executor.map(WORDS, [LONG + str(i) for i in range(6)]))
        killed.join()
        assert [outcome.value[-1] for outcome in outcomes] == [str(i) for i in range(6)]
        if system.engine == "local":
            assert [outcome.attempts for outcome in outcomes].count(2) == 1
    finally:
        executor.close()


def test_who_kills_its_worker_every_time_is_given_up_alone() -> None:
    system = SystemSettings()
    executor = EXECUTORS["local"](system, 1)
    stop = threading.Event()

    def kill_all() -> None:
        while not stop.wait(0.05):
            for worker in _busy(_workers_of("local")):
                worker.kill()

    killer = threading.Thread(target=kill_all)
    try:
        killer.start()
        (outcome,) = executor.map(Work(WORDS.function, attempts=2), [LONG * 2])
        stop.set()
        killer.join()
        assert outcome.failure is not None and (outcome.failure.kind, outcome.attempts) == ("died", 2)
        assert "SIGKILL" in outcome.failure.message
        assert [again.value for again in executor.map(WORDS, ["fine"])] == [["fine"]]
    finally:
        stop.set()
        executor.close()


def test_no_process_is_left_behind() -> None:
    executor = EXECUTORS["local"](SystemSettings(), 2)
    list(executor.map(WORDS, ["a", "b", "c"]))
    mine = _workers_of("local")()
    executor.close()
    assert mine and not any(process.is_running() for process in mine)


def _workers_of(engine: str) -> Callable[[], list[psutil.Process]]:
    sign = "src.pipeline.engine.worker" if engine == "local" else "ray::run_call"

    def found() -> list[psutil.Process]:
        return [p for p in psutil.Process().children(recursive=True) if sign in " ".join(_command(p))]

    return found


def _command(process: psutil.Process) -> list[Any]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _busy(workers: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    """Those that have worked for a while."""
    found = []
    for worker in workers():
        try:
            if time.time() - worker.create_time() > 0.6 and worker.cpu_times().user > 0.3:
                found.append(worker)
        except psutil.Error:
            continue
    return found


def _kill_one(workers: Callable[[], list[psutil.Process]]) -> None:
    while True:
        for worker in _busy(workers):
            worker.kill()
            return
        time.sleep(0.05)
