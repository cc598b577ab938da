"""Where the queue of a database and the files of its jobs are: locks, logs, configurations."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import IO

from src.config.file_lock import is_locked, try_lock


class JobFiles:
    """The files beside `database`. Nothing is made until it is used."""

    def __init__(self, database: Path) -> None:
        self.queue = database.with_name(f"{database.stem}.jobs.db")
        self.folder = database.with_name(f"{database.stem}.jobs")

    @property
    def workers_lock(self) -> Path:
        """Held by the process that starts jobs."""
        return self.folder / "worker.lock"

    @property
    def workers_log(self) -> Path:
        return self.folder / "worker.log"

    def lock(self, job_id: str) -> Path:
        """Held by the process that works on the job: the system frees it however that process ends."""
        return self.folder / f"{job_id}.lock"

    def log(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.log"

    def config(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.config.yaml"

    def keep_config(self, job_id: str, source: Path) -> Path | None:
        """A copy of the configuration that nobody else can read; None when there is none."""
        if not source.is_file():
            return None
        target = self.config(job_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(source.read_bytes())
        return target

    def remove(self, job_id: str) -> None:
        """Remove everything of a job that is over."""
        for path in (self.config(job_id), self.log(job_id), self.lock(job_id)):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def is_at_work(self, job_id: str) -> bool:
        """Whether a process of this machine works on the job."""
        path = self.lock(job_id)
        return path.exists() and is_locked(path)

    def take(self, path: Path) -> IO[bytes] | None:
        """The open lock file, which is to stay open as long as the lock is wanted; None when another one has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("ab")
        if try_lock(stream.fileno()):
            return stream
        stream.close()
        return None


def this_host() -> str:
    return platform.node()
