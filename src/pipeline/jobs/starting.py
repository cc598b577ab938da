"""Start the processes of background jobs: one that does a job, and one that starts those, apart from this program."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from src.config.file_lock import is_locked
from src.config.program_state import ROOT
from src.persistence.jobs.job_files import JobFiles

_TO_BEGIN = 10.0
_CREATION_FLAGS = 0
if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS


def start_worker(database: Path, config: Path) -> subprocess.Popen[bytes]:
    """A process that takes one job from the queue of `database` and does it."""
    return _start(database, "work", config)


def start_in_background(database: Path, config: Path) -> bool:
    """Let a process of its own do the queue's jobs until none is left; False when one is at it already.

    It lives on when this program ends, and has this program's environment: the API keys come from there.
    """
    files = JobFiles(database)
    lock = files.take(files.workers_lock)
    if lock is None:
        return False
    lock.close()
    worker = _start(database, "run", config)
    deadline = time.monotonic() + _TO_BEGIN
    while worker.poll() is None and not is_locked(files.workers_lock) and time.monotonic() < deadline:
        time.sleep(0.02)  # whoever looks next sees that it is at work
    return True


def _start(database: Path, action: str, config: Path) -> subprocess.Popen[bytes]:
    files = JobFiles(database)
    files.folder.mkdir(parents=True, exist_ok=True)
    given = ["--db", str(database.resolve()), "--config", str(config.resolve())]
    with files.workers_log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, with this Python
            [sys.executable, "-m", "src.main", "jobs", action, "--folder", str(Path.cwd()), *given],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Apart: neither Ctrl-C nor the end of the terminal reaches it.
            start_new_session=True,
            creationflags=_CREATION_FLAGS,
        )
