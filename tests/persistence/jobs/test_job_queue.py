"""The queue: order, limits, leases, and what is left when a process dies."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from src.errors import PersistenceError, UsageError
from src.persistence.jobs.job_lease import JobLease
from src.persistence.jobs.job_queue import JobQueue
from src.persistence.jobs.job_records import Job, JobLimits, JobOrder, JobProgress, LeaseLostError, backoff
from src.persistence.jobs.job_steering import cancel, clear, pause, resume
from tests.workflows.support import ROOT, environment

LIMITS = JobLimits(at_once=2, generation_at_once=1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "builder.db"


_HELD: list[JobLease] = []


@pytest.fixture
def queue(database: Path) -> Iterator[JobQueue]:
    with JobQueue(database) as opened:
        yield opened
    while _HELD:
        _HELD.pop().close()


def claim(queue: JobQueue, limits: JobLimits = LIMITS) -> tuple[Job, JobLease]:
    claimed = queue.claim(limits)
    assert claimed is not None
    _HELD.append(claimed[1])
    return claimed


def taken(queue: JobQueue, limits: JobLimits = LIMITS) -> str:
    """The title of the job that claim() gives, "" for none."""
    claimed = queue.claim(limits)
    if claimed is None:
        return ""
    _HELD.append(claimed[1])
    return claimed[0].order.title


def changed(queue: JobQueue, job: Job, **values: object) -> None:
    with closing(sqlite3.connect(queue.files.queue)) as connection, connection:
        for name, value in values.items():
            connection.execute(f"UPDATE jobs SET {name} = ? WHERE id = ?", (value, job.id))


def test_a_high_priority_goes_first_then_the_older_job(queue: JobQueue) -> None:
    for title, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        queue.add(JobOrder("export", title=title, priority=priority))
    assert [taken(queue, JobLimits(at_once=9)) for _ in range(5)] == ["b", "d", "a", "c", ""]


def test_no_more_jobs_at_once_than_the_limits_say_and_fewer_that_generate(queue: JobQueue) -> None:
    for title, verb in (("first run", "run"), ("second run", "run"), ("pack", "pack"), ("export", "export")):
        queue.add(JobOrder(verb, title=title))
    run = claim(queue)
    assert run[0].order.title == "first run"
    assert taken(queue) == "pack"
    assert taken(queue) == "" and not queue.claimable(LIMITS)
    run[1].end("done", "", {"samples": 3}, 1.0)
    run[1].close()
    assert queue.claimable(LIMITS) and taken(queue) == "second run"
    assert queue.find(run[0].id).result == {"samples": 3}


def test_what_an_attempt_remembers_the_next_one_knows(queue: JobQueue) -> None:
    queue.add(JobOrder("run", ("--size", "3"), config="c.yaml"))
    claimed = claim(queue)
    job, lease = claimed
    lease.remember(saved=True)
    lease.remember(versions=["v1.0.0"])
    assert lease.beat(JobProgress("Making samples", 3, 10, "x", 0.5), 7.0) == ""
    lease.end("waiting", "host is down", {}, 8.0, delay=0.0)
    lease.close()
    again = claim(queue)
    assert (again[0].id, again[0].attempts, again[0].worked) == (job.id, 2, 8.0)
    assert again[0].memo == again[1].memo() == {"saved": True, "versions": ["v1.0.0"]}
    assert again[0].order.arguments == ("--size", "3")
    with pytest.raises(LeaseLostError):
        lease.beat(JobProgress(), 9.0)  # the first attempt's right is gone
    assert JobProgress("m", 3, 10, "", 0.5).eta == 14


def test_a_failed_job_rests_twice_as_long_each_time_and_a_clock_set_back_adds_nothing(queue: JobQueue) -> None:
    assert [backoff(n) for n in (0, 1, 2, 3, 20)] == [0, 5, 10, 20, 600]
    queue.add(JobOrder("export", title="e"))
    claimed = claim(queue)
    claimed[1].end("waiting", "", {}, 0.0, delay=100.0)
    claimed[1].close()
    assert taken(queue) == ""
    job = queue.find("latest")
    assert not job.is_due(job.due_at - 50) and job.is_due(job.due_at) and job.is_due(job.due_at - 4000)
    changed(queue, job, due_at=job.due_at + 86_400)  # as if the clock had been a day ahead
    assert taken(queue) == "e"


def test_three_processes_take_every_job_once(queue: JobQueue, database: Path) -> None:
    ids = [queue.add(JobOrder("export")).id for _ in range(24)]
    command = [sys.executable, "-m", "tests.persistence.jobs.claim_all", str(database)]
    workers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) for _ in range(3)
    ]
    done = Counter(line for worker in workers for line in worker.communicate(timeout=60)[0].split())
    assert done == Counter(ids) and all(worker.returncode == 0 for worker in workers)
    assert {job.state for job in queue.list_jobs()} == {"done"}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not for Windows")
def test_a_job_whose_process_was_killed_is_lost_at_once_and_taken_again(queue: JobQueue, database: Path) -> None:
    queue.add(JobOrder("export", title="e", most_attempts=2))
    command = [sys.executable, "-m", "tests.persistence.jobs.hold_one", str(database)]
    for attempt in (1, 2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) as holder:
            assert holder.stdout is not None and holder.stdout.readline().strip() == queue.find("latest").id
            assert not queue.find("latest").lost and taken(queue) == "" and queue.put_back_lost() == []
            holder.kill()
        lost = queue.find("latest")
        assert lost.lost and lost.state == "running" and lost.attempts == attempt
        if attempt == 1:
            assert [job.id for job in queue.put_back_lost()] == [lost.id] and queue.put_back_lost() == []
            assert queue.find("latest").state == "waiting"
    assert taken(queue) == ""  # killed as often as it may be
    assert queue.find("latest").state == "failed" and "was killed" in queue.find("latest").note


def test_a_job_of_another_machine_is_lost_when_its_beats_stand_still(database: Path) -> None:
    with JobQueue(database, lease_seconds=0.0) as queue:
        queue.add(JobOrder("export", title="e"))
        claimed = claim(queue)
        changed(queue, claimed[0], host="elsewhere")
        assert not queue.find("latest").lost  # seen for the first time
        claimed[1].beat(JobProgress(), 1.0)
        assert not queue.find("latest").lost  # it has beaten since
        assert queue.find("latest").lost
        claimed[1].close()
        again = claim(queue)
        assert again[0].attempts == 2
        with pytest.raises(LeaseLostError):
            claimed[1].end("done", "", {}, 1.0)  # the old one may write nothing any more
        again[1].end("done", "", {}, 1.0)
        again[1].close()
        assert queue.find("latest").state == "done"


def test_pause_resume_and_cancel_of_waiting_and_working_jobs(queue: JobQueue) -> None:
    job = queue.add(JobOrder("export", title="e"))
    assert pause(queue, job.id).state == "paused" and taken(queue) == ""
    assert resume(queue, job.id[:4]).state == "waiting"
    claimed = claim(queue)
    assert pause(queue, "latest").wish == "pause" and claimed[1].beat(JobProgress(), 0.0) == "pause"
    assert resume(queue, job.id).wish == "resume"  # before it has stopped
    claimed[1].end("waiting", "", {}, 0.0, counts=False)
    claimed[1].close()
    assert cancel(queue, job.id).state == "cancelled"
    with pytest.raises(UsageError, match="is cancelled; there is nothing to pause"):
        pause(queue, job.id)
    with pytest.raises(UsageError, match=r"there is no job 'nope'\. Jobs: j.* \(e\)"):
        queue.find("nope")
    assert resume(queue, job.id).attempts == 0 and taken(queue) == "e"


def test_a_wish_of_a_process_that_died_is_kept(queue: JobQueue) -> None:
    queue.add(JobOrder("export"))
    claimed = claim(queue)
    pause(queue, "latest")
    claimed[1].close()  # as the system does for a process that ends
    queue.put_back_lost()
    assert queue.find("latest").state == "paused"


def test_what_is_over_is_cleared_with_its_files(queue: JobQueue, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mode: identify\n", encoding="utf-8")
    job = queue.add(JobOrder("export"), config)
    kept = queue.add(JobOrder("export", title="kept"), config)
    own = Path(job.order.config)
    config.write_text("mode: create\n", encoding="utf-8")
    assert own.read_text(encoding="utf-8") == "mode: identify\n"
    assert sys.platform == "win32" or own.stat().st_mode & 0o077 == 0  # it may hold the passwords of documents
    cancel(queue, job.id)
    assert clear(queue, older_than_days=1) == [] and clear(queue) == [job.id]
    assert not own.exists() and [one.id for one in queue.list_jobs()] == [kept.id]


def test_a_queue_that_is_newer_or_damaged_is_refused_with_a_reason(database: Path) -> None:
    with JobQueue(database) as queue:
        path = queue.files.queue
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(PersistenceError, match="has version 9, this program knows up to 1"):
        JobQueue(database)
    path.write_bytes(b"this is no database at all, and long enough to look like one" * 40)
    with pytest.raises(PersistenceError, match="is damaged"):
        JobQueue(database)
