"""What the user asks of jobs: pause, cancel, resume, clear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from src.errors import UsageError
from src.persistence.jobs.job_queue import JobQueue, now_text
from src.persistence.jobs.job_records import Job, JobState

_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


def pause(queue: JobQueue, ref: str) -> Job:
    """Ask for a job to stop until resume(). A job at work finishes what is under way first. Raises UsageError."""
    return _ask(queue, ref, "pause", "paused", ("waiting",))


def cancel(queue: JobQueue, ref: str) -> Job:
    """Ask for a job to stop for good. What it has paid for stays in the answer journal. Raises UsageError."""
    return _ask(queue, ref, "cancel", "cancelled", ("waiting", "paused"))


def resume(queue: JobQueue, ref: str) -> Job:
    """Let a job wait for a worker again, with all its attempts. Raises UsageError for one that is done or at work."""
    job = queue.find(ref)
    if job.state == "done" or (job.state == "running" and not job.lost and not job.wish):
        raise UsageError(f"Job {job.id} ({job.order.title}) is {job.state}; there is nothing to resume.")
    with queue.writing() as connection:
        # One that is just about to stop goes on as soon as it has.
        connection.execute(
            "UPDATE jobs SET wish = CASE state WHEN 'running' THEN 'resume' ELSE '' END, attempts = 0, delay = 0, "
            "due_at = 0, note = '', state = CASE state WHEN 'running' THEN state ELSE 'waiting' END "
            "WHERE id = ? AND state <> 'done'",
            (job.id,),
        )
    queue.put_back_lost()
    return queue.find(job.id)


def clear(queue: JobQueue, older_than_days: float = 0.0) -> list[str]:
    """Forget jobs that are over (done, failed, cancelled) for so long, with their logs; gives their ids."""
    over = queue.list_jobs(("done", "failed", "cancelled"))
    limit = datetime.now(timezone.utc).timestamp() - older_than_days * 86_400
    gone = [job.id for job in over if _seconds(job.ended_at or job.added_at) <= limit]
    states = ("done", "failed", "cancelled")
    with queue.writing() as connection:
        connection.executemany("DELETE FROM jobs WHERE id = ? AND state IN (?, ?, ?)", [(one, *states) for one in gone])
    for one in gone:
        queue.files.remove(one)
    return gone


def _ask(queue: JobQueue, ref: str, wish: str, state: JobState, at_rest: Sequence[JobState]) -> Job:
    job = queue.find(ref)
    if job.state not in (*at_rest, "running"):
        raise UsageError(f"Job {job.id} ({job.order.title}) is {job.state}; there is nothing to {wish}.")
    marks = ", ".join("?" for _ in at_rest)
    with queue.writing() as connection:
        connection.execute("UPDATE jobs SET wish = ? WHERE id = ? AND state = 'running'", (wish, job.id))
        connection.execute(
            f"UPDATE jobs SET state = ?, ended_at = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608 - only "?"
            (state, now_text(), job.id, *at_rest),
        )
    queue.put_back_lost()
    return queue.find(job.id)


def _seconds(moment: str) -> float:
    return datetime.strptime(moment, _FORMAT).replace(tzinfo=timezone.utc).timestamp()
