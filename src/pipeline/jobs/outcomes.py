"""What becomes of a job when its verb has ended: done, tried again later, or left to the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from src.persistence.jobs.job_records import Job, JobState, backoff

# The exit codes of every verb (src/cli/verbs/result.py says so to the shell).
DONE, FAILED, WRONG_USAGE, PAUSED, INTERRUPTED = 0, 1, 2, 75, 130


@dataclass(frozen=True, slots=True)
class Outcome:
    """The job's next state. `delay` is how long it rests first; an attempt the user ended does not count as one."""

    state: JobState
    note: str = ""
    delay: float = 0.0
    counts: bool = True


def judge(job: Job, code: int, answer: Mapping[str, Any], wish: str, retry_after: float) -> Outcome:
    """The outcome of an attempt that ended with `code` while the user wished `wish`."""
    if code == DONE:
        return Outcome("done", str(answer.get("folder") or answer.get("path") or ""))
    note = _note(answer)
    if code == INTERRUPTED:
        stopped: JobState = "paused" if wish == "pause" else "cancelled" if wish == "cancel" else "waiting"
        return Outcome(stopped, "" if wish else "interrupted", counts=False)
    if code == WRONG_USAGE or (code == FAILED and not _may_mend(job, answer)):
        return Outcome("failed", note)
    if wish in ("pause", "cancel"):
        return Outcome("paused" if wish == "pause" else "cancelled", note)
    if answer.get("needs_user"):  # a key, credit, a budget: waiting mends none of them
        return Outcome("paused" if code == PAUSED else "failed", note)
    if job.attempts >= job.order.most_attempts:
        return Outcome("paused" if code == PAUSED else "failed", f"{note} (tried {job.attempts} times)")
    return Outcome("waiting", note, backoff(job.attempts, retry_after))


def _may_mend(job: Job, answer: Mapping[str, Any]) -> bool:
    """A run may find its provider well again, an error its disk; a verdict ("this is invalid") stays what it is."""
    return job.order.verb == "run" or "error" in answer


def _note(answer: Mapping[str, Any]) -> str:
    text = str(answer.get("error") or answer.get("stopped") or "")
    return text.strip().split("\n")[0][:300]
