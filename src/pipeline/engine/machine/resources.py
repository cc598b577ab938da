"""The cores, the memory and the disk there are, and how much work at a time fits them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# What a worker may come to hold. Measured 2026-11-21: 107 MB with all searches of the QA report loaded and a part of
# 260 samples under way. The rest is for vocabularies, long samples, and reading a format's files back.
WORKER_BYTES = 400 << 20
# So much of the free memory is left to the program itself, the database and others.
_SPARE = 0.25
# A part that takes so long costs little to hand over (3 ms on a cluster) and is not much to lose.
PART_SECONDS = 2.0
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores this program may use, and bytes of memory: all there is for it, and what is free now."""

    cores: int
    memory: int
    free: int


def this_machine() -> Machine:
    """Looked at now; what a container may have counts, not what its host has."""
    import psutil

    seen = psutil.virtual_memory()
    memory, free = int(seen.total), int(seen.available)
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError):
            most = int(Path(limit).read_text(encoding="ascii"))
            if most < memory:
                memory, free = most, max(0, min(free, most - int(Path(used).read_text(encoding="ascii"))))
    return Machine(_cores(), memory, free)


def workers_for(machine: Machine, wanted: int = 0) -> int:
    """How many worker processes: as many as are wanted, or as there are cores (0), but no more than memory holds."""
    fit = int(machine.free * (1 - _SPARE)) // WORKER_BYTES
    return max(1, min(wanted or machine.cores, fit))


def part_size(seconds_each: float, bytes_each: float, machine: Machine, workers: int, most: int) -> int:
    """How many records make a part: PART_SECONDS of work, as measured, but no more than memory holds for each worker.

    A worker holds a part's records about ten times over: as text, decoded, and what is made of them.
    """
    by_time = PART_SECONDS / max(seconds_each, 1e-9)
    by_memory = machine.free * _SPARE / workers / max(10 * bytes_each, 1.0)
    return max(1, min(most, int(by_time), int(by_memory)))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
