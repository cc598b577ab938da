"""What the chaos benchmark counts: differences, calls paid twice, answers that were lost."""

from __future__ import annotations

from benchmarks.chaos.pipeline import Kill, differences, paid_again, received_again


def call(prompt: str, arrived: float, left: float, status: int = 200, delivered: bool = True) -> list[object]:
    return [prompt, prompt, arrived, left, status, delivered]


KILL = Kill(4.0, 4.1, "worker")


def test_every_difference_from_the_undisturbed_run_is_named() -> None:
    assert differences({"a": 1, "c": 3, "d": 4}, {"a": 1, "b": 2, "c": 9}) == [
        "b is missing",
        "d is there, too",
        "c differs",
    ]
    assert differences({"a": [1]}, {"a": [1]}) == []


def test_a_prompt_that_was_answered_twice_was_paid_twice() -> None:
    calls = [call("a", 1, 2), call("b", 1, 2), call("a", 5, 6), call("b", 3, 3, status=500)]
    assert paid_again(calls) == 1


def test_an_answer_is_lost_when_it_came_well_before_the_kill_and_was_asked_for_again() -> None:
    again = call("a", 6, 7)
    (lost,) = received_again([call("a", 1, 2), again], kills=[KILL])
    assert lost == "a received answer was lost: asked -1.00 and again +4.00; worker killed +2.10"
    assert received_again([call("a", 1, 3.9), again], kills=[KILL]) == []  # still on its way to the disk
    assert received_again([call("a", 1, 2, delivered=False), again], kills=[KILL]) == []
    assert received_again([call("a", 1, 4.05), again], kills=[KILL]) == []  # while it was being killed
    assert received_again([call("a", 1, 4.15), again], kills=[KILL]) == []  # its connections were not closed yet
    assert received_again([call("a", 1, 2)], kills=[KILL]) == []
