"""The thread beside a job's work: beats, shows how far it is, and passes on what the user wishes."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType

from src.errors import PersistenceError
from src.persistence.jobs.job_lease import JobLease
from src.persistence.jobs.job_records import JobState, LeaseLostError
from src.pipeline.jobs.rate import RateMeter

BEAT_SECONDS = 1.0
# After the first word a run waits for the calls under way (30 s at most); then it is told again; then it is ended.
GRACE, LAST_GRACE = 40.0, 10.0
_ENDED_BY_FORCE = 130


class Heart:
    """Beats for a lease while the block runs in the main thread. `wish` is what the user asked for meanwhile."""

    def __init__(self, lease: JobLease, meter: RateMeter, worked: float) -> None:
        self.wish = ""
        self.lost = False
        self._lease, self._meter, self._before = lease, meter, worked
        self._began = time.monotonic()
        self._asked_at: float | None = None
        self._told = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="job-heart")

    @property
    def worked(self) -> float:
        """Seconds of work, those of the attempts before included."""
        return self._before + time.monotonic() - self._began

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._meter.news.set()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            self._meter.news.wait(BEAT_SECONDS)
            self._meter.news.clear()
            if self._ended.is_set():
                return
            try:
                self._heed(self._lease.beat(self._meter.progress(), self.worked))
            except LeaseLostError:
                self.lost = True
                self._heed("cancel")
            except PersistenceError:
                continue  # locked or full: the file lock still says that this process lives

    def _heed(self, wish: str) -> None:
        self.wish = wish
        if wish not in ("pause", "cancel"):
            return
        self._asked_at = self._asked_at or time.monotonic()
        waited = time.monotonic() - self._asked_at
        due = 1 if waited < GRACE and not self.lost else 2
        if self._told < due and not self._ended.is_set():
            self._told += 1
            interrupt_main_thread()
        elif waited > GRACE + LAST_GRACE and not self._ended.is_set():
            self._leave()

    def _leave(self) -> None:
        """The work does not listen: note it down and end the process. What it had committed is kept."""
        state: JobState = "paused" if self.wish == "pause" else "cancelled"
        with suppress(LeaseLostError, PersistenceError):  # then whoever looks finds it lost, and acts on the wish
            self._lease.end(state, "it did not stop by itself and was ended", {}, self.worked, counts=False)
        os._exit(_ENDED_BY_FORCE)


def interrupt_main_thread() -> None:
    """What Ctrl-C does, from another thread: also wakes a main thread that waits in a system call."""
    if sys.platform == "win32":
        _thread.interrupt_main(signal.SIGINT)
    else:
        # SIGTERM, because a shell starts what is put in the background with SIGINT ignored.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
