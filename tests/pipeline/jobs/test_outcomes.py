"""What becomes of a job for each way its verb can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from src.persistence.jobs.job_records import Job, JobOrder, JobProgress
from src.pipeline.jobs.outcomes import Outcome, judge


def job(verb: str = "run", attempts: int = 1, most: int = 3) -> Job:
    return Job(
        id="j0123456789ab", order=JobOrder(verb, most_attempts=most), state="running", wish="", attempts=attempts,
        delay=0.0, due_at=0.0, host="", pid=1, beat=1, progress=JobProgress(), worked=0.0, note="", result={},
        added_at="", started_at="", ended_at="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "answer", "wish", "expected"),
    [
        (0, {"folder": "out/v1.0.0"}, "", Outcome("done", "out/v1.0.0")),
        (0, {}, "pause", Outcome("done")),
        (130, {}, "pause", Outcome("paused", counts=False)),
        (130, {}, "cancel", Outcome("cancelled", counts=False)),
        (130, {}, "resume", Outcome("waiting", counts=False)),
        (130, {}, "", Outcome("waiting", "interrupted", counts=False)),
        (75, {"stopped": "asks to wait"}, "", Outcome("waiting", "asks to wait", 5.0)),
        (75, {"stopped": "asks to wait"}, "pause", Outcome("paused", "asks to wait")),
        (1, {"stopped": "500"}, "", Outcome("waiting", "500", 5.0)),
        (1, {"stopped": "wrong key", "needs_user": True}, "", Outcome("failed", "wrong key")),
        (75, {"stopped": "the budget", "needs_user": True}, "", Outcome("paused", "the budget")),
        (2, {"error": "no such dataset\nlist of them"}, "", Outcome("failed", "no such dataset")),
    ],
)
def test_the_end_of_an_attempt_decides_what_comes_next(
    code: int, answer: Mapping[str, Any], wish: str, expected: Outcome
) -> None:
    assert judge(job(), code, answer, wish, 5.0) == expected


def test_after_its_last_attempt_a_job_is_left_to_the_user() -> None:
    tired = job(attempts=3)
    assert judge(tired, 1, {"error": "disk is full"}, "", 5.0) == Outcome("failed", "disk is full (tried 3 times)")
    assert judge(tired, 75, {"stopped": "budget"}, "", 5.0).state == "paused"
    assert judge(replace(tired, attempts=2), 75, {}, "", 5.0).delay == 10.0


def test_a_verdict_is_not_asked_for_again_but_an_error_is() -> None:
    assert judge(job("validate"), 1, {"ok": False}, "", 5.0).state == "failed"
    assert judge(job("export"), 1, {"error": "the database is locked"}, "", 5.0).state == "waiting"
