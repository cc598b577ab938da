"""What a run takes of the machine, looked at every second while it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from src.pipeline.engine.machine.disk import free_bytes, told_bytes
from src.pipeline.engine.machine.resources import Machine, this_machine

_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What was seen: the most memory of the program with all its processes, the least that was free on machine and
    disk, CPU time in seconds and the seconds that went by. Work was shared among `workers` processes, in `parts` by
    stage, with `records_in_part` each.
    """

    machine: Machine
    workers: int
    peak_memory: int
    least_free: int
    least_disk: int
    cpu_seconds: float
    seconds: float
    parts: Mapping[str, int] = field(default_factory=dict)
    records_in_part: Mapping[str, int] = field(default_factory=dict)

    @property
    def busy(self) -> float:
        """The share of all cores that was used, 0 to 1."""
        return min(1.0, self.cpu_seconds / max(self.seconds * self.machine.cores, 1e-9))

    def __str__(self) -> str:
        return (
            f"{self.machine.cores} cores {self.busy:.0%} busy, {self.workers} workers, at most "
            f"{told_bytes(self.peak_memory)} of memory ({told_bytes(self.least_free)} left), "
            f"{told_bytes(self.least_disk)} of disk left{self._shared()}"
        )

    def _shared(self) -> str:
        told = ", ".join(f"{stage} in {count}" for stage, count in self.parts.items())
        return f"; shared: {told} parts" if told else ""

    def to_json(self) -> dict[str, Any]:
        return {
            "cores": self.machine.cores, "memory_bytes": self.machine.memory, "workers": self.workers,
            "peak_memory_bytes": self.peak_memory, "least_free_memory_bytes": self.least_free,
            "least_free_disk_bytes": self.least_disk, "busy": round(self.busy, 3), "seconds": round(self.seconds, 1),
            "parts": dict(self.parts), "records_in_part": dict(self.records_in_part),
        }  # fmt: skip


class Watch:
    """Looks from its start to its stop, in a thread of its own."""

    def __init__(self, folder: Path, workers: int) -> None:
        import psutil

        self._process = psutil.Process()
        self._folder, self._workers = folder, workers
        self._machine = this_machine()
        self._peak, self._free, self._disk = 0, self._machine.free, free_bytes(folder)
        self._began, self._cpu = time.monotonic(), _cpu_seconds(self._process)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> Usage:
        """What was seen until now. Safe to call twice."""
        self._done.set()
        self._thread.join()
        cpu = max(0.0, _cpu_seconds(self._process) - self._cpu)
        passed = time.monotonic() - self._began
        return Usage(self._machine, self._workers, self._peak, self._free, self._disk, cpu, passed)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _look(self) -> None:
        while True:
            self._take()
            if self._done.wait(_EVERY):
                return

    def _take(self) -> None:
        import psutil

        total = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.Error:  # it has just ended
                continue
        self._peak = max(self._peak, total)
        self._free = min(self._free, int(psutil.virtual_memory().available))
        self._disk = min(self._disk, free_bytes(self._folder))


def _cpu_seconds(process: Any) -> float:
    """Of the program and the processes it started, also of those that ended and were waited for."""
    import psutil

    times = process.cpu_times()
    total = times.user + times.system + getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    for child in process.children(recursive=True):
        try:
            own = child.cpu_times()
        except psutil.Error:
            continue
        total += own.user + own.system
    return float(total)
