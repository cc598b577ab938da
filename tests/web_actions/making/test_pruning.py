from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import islice

import pytest

from src.errors import BuilderError
from src.web_actions.dom.pruning import PrunedDom
from src.web_actions.making import pruning
from src.web_actions.making.pruning import PrunePool, prune_steps
from src.web_actions.making.pruning_worker import Asked, prune_all
from src.web_actions.session import Action, Session, Step

SESSION = Session("s", "shop.test", "", "", None, "", "a.jsonl", ())


def page(number: int) -> str:
    return f"<html><body><p>{'word ' * 2000}</p><button id=b{number}>Go {number}</button>é \U0001f600</body></html>"


def recorded(count: int) -> Iterator[tuple[Session, Step]]:
    """Every seventh step names an element that is not there."""
    for number in range(count):
        selector = f"#b{number}" if number % 7 else "#nowhere"
        yield SESSION, Step(number, page(number), Action("click", selector, point=(1.5, 2.0)))


def test_processes_prune_as_this_one_does() -> None:
    asked = Asked([(step.dom, step.action) for _, step in recorded(30)], 500)
    with PrunePool(2) as pool:
        assert list(pool.threads.map(pool.prune, [asked] * 6)) == [prune_all(asked)] * 6


@pytest.mark.skipif(pruning._cores() < 2, reason="one core prunes here")
def test_much_is_pruned_on_all_cores_in_order_and_with_the_same_result() -> None:
    count = 2 * pruning.PROCESSES_FROM_CHARACTERS // len(page(0))
    outcomes = list(prune_steps(recorded(count), 300))
    assert [step.number for _, step, _ in outcomes] == list(range(count))
    for _, step, outcome in outcomes[:: count // 50]:
        assert [outcome] == prune_all(Asked([(step.dom, step.action)], 300))
    refused = [outcome for _, _, outcome in outcomes if isinstance(outcome, str)]
    assert len(refused) == -(-count // 7) and "matches nothing" in refused[0]


def test_steps_are_taken_as_they_are_wanted() -> None:
    taken = 0

    def counted() -> Iterator[tuple[Session, Step]]:
        nonlocal taken
        for one in recorded(10_000):
            taken += 1
            yield one

    first = next(iter(islice(prune_steps(counted(), 300), 1, 2)))
    assert isinstance(first[2], PrunedDom) and taken <= pruning.BATCH_STEPS


def test_a_killed_process_is_told_not_waited_for() -> None:
    asked = Asked([(step.dom, step.action) for _, step in recorded(5)], 500)
    with PrunePool(1) as pool:
        pool.prune(asked)
        os.kill(pool.workers[0].process.pid, signal.SIGKILL)
        with pytest.raises(BuilderError, match="ended"):
            pool.prune(asked)


def test_no_process_is_left_behind() -> None:
    with PrunePool(2) as pool:
        processes = [worker.process for worker in pool.workers]
    assert all(process.poll() is not None for process in processes)
