"""How fast a job goes, from what its bars say: units a second over the last half minute."""

from __future__ import annotations

import threading
import time
from collections import deque

from src.persistence.jobs.job_records import JobProgress

WINDOW = 30.0
# Fewer seconds say nothing: the first of a hundred calls to come back are not the rate of all.
LEAST = 2.0


class RateMeter:
    """Takes every step from the working thread and tells another one how far it is. Cheap enough for any loop.

    `news` is set when a stage begins.
    """

    def __init__(self) -> None:
        self.news = threading.Event()
        self._lock = threading.Lock()
        self._stage, self._detail, self._total = "", "", 0
        self._steps: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def step(self, stage: str, done: int, total: int, detail: str = "") -> None:
        now = time.monotonic()
        with self._lock:
            if stage != self._stage:
                self.news.set()
            if stage != self._stage or done < self._steps[-1][1]:
                self._steps.clear()
                self._steps.append((now, done))
            elif now - self._steps[-1][0] >= 0.2:
                self._steps.append((now, done))
            else:
                self._steps[-1] = (self._steps[-1][0], done)
            while len(self._steps) > 2 and now - self._steps[0][0] > WINDOW:
                self._steps.popleft()
            self._stage, self._total, self._detail = stage, total, detail

    def progress(self) -> JobProgress:
        """How far it is now. A stage that stands still has a rate that falls."""
        with self._lock:
            began, first = self._steps[0]
            done = self._steps[-1][1]
            seconds = time.monotonic() - began
            rate = (done - first) / seconds if seconds >= LEAST and done > first else None
            return JobProgress(self._stage, done, self._total, self._detail, rate)
