"""Everything but kills: a full disk, locked databases, a clock that jumps, a provider that is down, Ctrl-C twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.chaos.pipeline import CONCURRENCY, JOBS, Pipeline, differences, paid_again, wait, wait_for_work
from benchmarks.generation.figures import Figure, show, tell
from benchmarks.generation.stub_handle import Stub

# What a disk has left, in KB: full while a job starts, while answers are kept, a dataset is saved, files are exported.
ROOM_KB = (16, 160, 640, 1_600, 3_200, 6_000, 9_000)
DISK_MB = 600
# Jobs that cannot even write to their queue wait for room; others have failed by then.
FULL_SECONDS = 25.0
LOCKED_SECONDS = 14.0
DAY = 86_400
# Seconds that the clock is wrong, one after the other.
JUMPS = (0, 3 * DAY, -2 * DAY, 400 * DAY, -3600, 0)


@dataclass(frozen=True)
class Setting:
    """What every fault is tried in."""

    template: Path
    folder: Path
    stub: Stub
    undisturbed: Mapping[str, Any]

    def line(self, name: str, **variables: str) -> Pipeline:
        return Pipeline.copy_of(self.template, self.folder / name, self.stub, **variables)

    def troubles(self, line: Pipeline, failure: str = "") -> list[str]:
        """Bring the folder to its end, and say what is wrong with it then."""
        trouble = failure or line.finish()
        found = [trouble] if trouble else differences(line.made(), self.undisturbed)
        found += [*line.damage(), *[f"{name} holds a traceback" for name in line.tracebacks()]]
        found += [f"{name} was left behind" for name in line.left_over()]
        return [f"{line.folder.name}: {what}" for what in found]


def measure_full_disk(setting: Setting) -> bool:
    """A small disk of its own with so much room left; then room is made and the jobs go on."""
    troubles: list[str] = []
    tried = refused = again = 0
    for room in ROOM_KB:
        with _small_disk(setting.folder / f"disk-{room}") as folder:
            if folder is None:
                return show("disk full: skipped, mounting a small disk needs root", [])
            setting.stub.configure(latency=0.05)
            line = Pipeline.copy_of(setting.template, folder, setting.stub)
            _allow(line, 2)
            line.add_jobs()
            ballast = _fill(folder, room)
            wait(FULL_SECONDS, line.start())
            troubles += [f"disk-{room}: while full: {what}" for what in line.damage()]
            ballast.unlink()
            line.finish()
            refused += any(job.state != "done" for job in line.jobs())
            for job in line.jobs():
                if job.state in ("failed", "paused"):
                    line.call("jobs", "resume", "--later", job.id)
            troubles += setting.troubles(line)
            tried += 1
            again += paid_again(setting.stub.calls())
    tell(troubles)
    return _shown(f"disk full at {tried} points; {refused} stopped jobs, resumed once there was room", troubles, again)


def measure_locked(setting: Setting) -> bool:
    """Somebody else holds a database for longer than anybody waits for the datasets (10 s)."""
    troubles: list[str] = []
    again = 0
    for name in ("dataset_builder.db", "dataset_builder.journal.db", "dataset_builder.jobs.db"):
        setting.stub.configure(latency=0.2)
        line = setting.line(f"locked-{name}")
        line.add_jobs()
        line.start()
        time.sleep(2.5)
        with _held(line.folder / "memory" / name):
            time.sleep(LOCKED_SECONDS)
        troubles += setting.troubles(line)
        again += paid_again(setting.stub.calls())
    tell(troubles)
    return _shown(f"each database locked for {LOCKED_SECONDS:.0f} s in the middle", troubles, again)


def measure_clock(setting: Setting) -> bool:
    """The clock goes days ahead, back, a year ahead, while jobs are at work and killed."""
    library = setting.folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    except (OSError, subprocess.CalledProcessError):
        return show("clock jumps: skipped, there is no C compiler (cc) for benchmarks/chaos/clock.c", [])
    clock = setting.folder / "clock.txt"
    clock.write_text("0", encoding="ascii")
    setting.stub.configure(latency=0.3)
    line = setting.line("clock", LD_PRELOAD=str(library), CHAOS_CLOCK=str(clock))
    line.add_jobs()
    for jump in JUMPS[1:]:
        wait_for_work(line)
        time.sleep(1.0)
        clock.write_text(str(jump), encoding="ascii")
        time.sleep(1.5)
        line.kill_all()
    setting.stub.settle()
    calls = paid_again(setting.stub.calls())
    troubles = setting.troubles(line)
    tell(troubles)
    flying = CONCURRENCY * (len(JUMPS) - 1)
    return _shown(f"{len(JUMPS) - 1} clock jumps of up to 400 days, each with a kill", troubles, max(0, calls - flying))


def measure_provider(setting: Setting, seconds: float) -> bool:
    """The provider answers 500 to everything for a while, in the middle of a run."""
    setting.stub.configure(latency=0.2)
    line = setting.line("provider")
    _allow(line, 30, retry_after=1.0)
    line.add_jobs()
    line.start()
    began = time.monotonic()
    while len(setting.stub.calls()) < 10 and time.monotonic() - began < 60:
        time.sleep(0.05)
    before = setting.stub.calls()
    setting.stub.configure(latency=0.05, p500=1.0)
    time.sleep(seconds)
    during = setting.stub.calls()
    setting.stub.configure(latency=0.2)
    troubles = setting.troubles(line)
    calls = [*before, *during, *setting.stub.calls()]
    attempts = max(job.attempts for job in line.jobs())
    tell(troubles)
    title = f"provider down for {seconds:.0f} s after {len(before)} calls: {len(during)} refused, {attempts} attempts"
    return _shown(title, troubles, paid_again(calls))


def measure_interrupts(setting: Setting, rounds: int, seed: int) -> bool:
    """Ctrl-C twice at random moments, to the process in the terminal; and to a plain `run`, which is then resumed."""
    rng, troubles, slowest, again = random.Random(seed), list[str](), 0.0, 0
    setting.stub.configure(latency=0.3, jitter=0.1)
    line = setting.line("interrupts")
    line.add_jobs()
    for _ in range(rounds):
        slowest = max(slowest, _interrupted_twice(line.start(), rng))
        line.kill_all()
    setting.stub.settle()
    again += max(0, paid_again(setting.stub.calls()) - CONCURRENCY * rounds)
    troubles += setting.troubles(line)
    for number in range(max(2, rounds // 3)):
        setting.stub.configure(latency=0.3, jitter=0.1, seed=number)
        plain = setting.line(f"plain-{number}")
        slowest = max(slowest, _interrupted_twice(plain.start(*JOBS[0], "--yes"), rng))
        setting.stub.settle()
        done = plain.call("run", "--resume", "--yes")
        done = done if done.returncode == 0 else plain.call(*JOBS[0], "--yes")
        made, wanted = plain.made()["dataset made"], setting.undisturbed["dataset made"]
        if [row[:2] for row in made] != [row[:2] for row in wanted]:
            troubles.append(
                f"plain-{number}: {len(made)} samples, not those of an undisturbed run: {done.stderr[-300:]}"
            )
        again += max(0, paid_again(setting.stub.calls()) - CONCURRENCY)
    tell(troubles)
    figures = [Figure("slowest end after the second Ctrl-C", slowest, 16.0, "s")]
    return _shown(
        f"Ctrl-C twice, {rounds} times on jobs and {max(2, rounds // 3)} times on a run", troubles, again, figures
    )


def _interrupted_twice(process: subprocess.Popen[bytes], rng: random.Random) -> float:
    """Interrupt it twice within a second; how long it took to end after that."""
    time.sleep(rng.uniform(0.8, 5.0))
    for _ in range(2):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(rng.uniform(0.05, 0.8))
    began = time.monotonic()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
    return time.monotonic() - began


def _shown(title: str, troubles: list[str], again: int, more: list[Figure] | None = None) -> bool:
    figures = [
        Figure("what differs from an undisturbed run, or is wrong", len(troubles), 0, exactly=True),
        Figure("answers paid for twice", again, 0, exactly=True),
        *(more or []),
    ]
    return show(title, figures)


def _allow(line: Pipeline, attempts: int, retry_after: float = 0.0) -> None:
    config = line.folder / "config.yaml"
    text = config.read_text(encoding="utf-8").replace("attempts: 1000", f"attempts: {attempts}")
    config.write_text(text.replace("retry_after: 0", f"retry_after: {retry_after}"), encoding="utf-8")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of DISK_MB in memory, None where that cannot be had."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def _fill(folder: Path, room_kb: int) -> Path:
    """A file that leaves so much room on the disk."""
    ballast = folder / "ballast"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(4096, free - room_kb * 1024))
    return ballast


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """The database locked by somebody else."""
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
