"""When a worker is given up, and when the whole run is: nothing may hang for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.flow.workers import Worker

# A worker that is silent for so many timeouts is given up: the host lets a byte trickle now and then.
PATIENCE_IN_TIMEOUTS = 2.0
STALL_MARGIN = 30.0
# How often, in seconds, is looked.
ROUND = 1.0


class Watch:
    """Looks at the workers once in a while. `quiet` is for how long no call has ended although some were under way."""

    def __init__(self, limits: FlowLimits, now: float) -> None:
        self.quiet = 0.0
        self._patience = PATIENCE_IN_TIMEOUTS * limits.timeout + STALL_MARGIN
        self._longest_quiet = max(self._patience, limits.timeout + limits.max_wait) + STALL_MARGIN
        self._progress_at = self._looked_at = now

    def progress(self, now: float) -> None:
        """A call has ended."""
        self._progress_at = now

    def is_time(self, now: float, under_way: bool) -> bool:
        """Whether to look after the workers now."""
        passed = now - self._looked_at
        if passed < ROUND:
            return False
        self._looked_at = now
        if not under_way:  # keeping the pace or a Retry-After is no stall
            self._progress_at = min(now, self._progress_at + passed)
        self.quiet = now - self._progress_at
        return under_way

    @property
    def is_stalled(self) -> bool:
        return self.quiet > self._longest_quiet

    def lost(self, workers: Iterable[Worker], now: float) -> Iterator[tuple[Worker, str]]:
        """The workers to give up, and why."""
        for worker in workers:
            busy = worker.call is not None or worker.posting is not None
            if busy and worker.thread is not None and not worker.thread.is_alive():
                yield worker, "it ended without a word"
            elif worker.call is not None and now - worker.call.sent_at > self._patience:
                yield worker, f"no answer for {self._patience:.0f} s"
