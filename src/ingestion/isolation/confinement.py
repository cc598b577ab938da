"""What a reading process may take: memory and CPU limits set by the system, and an end when the program ends."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from contextlib import suppress
from functools import lru_cache

MB = 2**20
OUT_OF_MEMORY = 137  # the exit status of a process that was killed for its memory
_LOOK_EVERY = 0.5  # seconds


def collect_seldom() -> None:
    """Look for garbage cycles seldom: readers make many small objects and hardly any cycles."""
    gc.set_threshold(50_000, 20, 20)


def limit_memory(memory_mb: int) -> None:
    """Let the process have this much more memory than now. Windows has no such limit; there only the watch helps."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _address_space() + memory_mb * MB
    # macOS knows the limit but does not keep it; the watch below does.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_seconds(seconds: float) -> None:
    """From now on, so much CPU time: the last resort for a process whose program was killed while it hangs."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, hard))


def peak_mb() -> float:
    """The largest resident memory of this process so far in MB, 0.0 where the system does not say."""
    if sys.platform == "win32":
        return 0.0
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    # Linux's ru_maxrss begins with the peak of the program that started this process.
    with suppress(OSError, ValueError, IndexError), open("/proc/self/status", encoding="ascii") as file:
        return next(float(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))
    return 0.0


def memory_mb_now() -> float:
    """The resident memory of this process in MB; where the system does not say it at once, the largest so far."""
    if sys.platform != "linux":
        return peak_mb()
    with suppress(OSError, ValueError, IndexError):
        return int(os.pread(_statm(), 256, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB
    return peak_mb()


@lru_cache(maxsize=1)
def _statm() -> int:
    """Kept open: it is asked after every file."""
    return os.open("/proc/self/statm", os.O_RDONLY)


def watch(memory_mb: int) -> None:
    """End this process when its program is gone or, where the system keeps no limit, when it takes too much memory."""
    thread = threading.Thread(target=_watch, args=(os.getppid(), memory_mb), daemon=True)
    thread.start()


def _watch(parent: int, memory_mb: int) -> None:
    base = peak_mb()
    while True:
        time.sleep(_LOOK_EVERY)
        if sys.platform != "win32" and os.getppid() != parent:
            os._exit(0)
        if peak_mb() > base + memory_mb:
            os._exit(OUT_OF_MEMORY)


def _address_space() -> int:
    """Bytes of address space in use, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
