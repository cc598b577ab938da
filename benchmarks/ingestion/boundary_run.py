"""What the border between program and reading process costs: the same jobs here and in a pool, by turns; prints JSON.

python -m benchmarks.ingestion.boundary_run INPUT CACHE

Both sides find out what a file is, hash it, read it and keep its text by the same function; on the other side of the
border stand only messages, limits and the change between processes. They take turns every few files, so that what
else the machine does meets both alike. Starting processes is not in it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.file_processor import find_files
from src.ingestion.isolation.confinement import collect_seldom
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome
from src.ingestion.isolation.reader_pool import ReaderPool
from src.ingestion.isolation.worker import read_file
from src.ingestion.pieces import ReadOptions
from src.records import RunReport

TURN = 40  # files
Read = Callable[[Iterable[ReadJob]], Iterator[ReadOutcome]]


def main(folder: Path, kept: Path) -> None:
    collect_seldom()  # as the reading process does
    paths = find_files(folder, RunReport())
    here, there = (ExtractCache.open(kept / name).folder for name in ("here", "there"))
    spent = {"here": 0.0, "there": 0.0}
    with ReaderPool(1, Limits()) as pool:
        ways: list[tuple[str, Path, Read]] = [("here", here, _read_here), ("there", there, pool.read)]
        for number, start in enumerate([0, *range(0, len(paths), TURN)]):
            for name, cache, read in ways if number % 2 else ways[::-1]:
                seconds = _cpu_of(read, _jobs(paths[start : start + TURN], folder, cache))
                if number:
                    spent[name] += seconds
                else:  # the first turn imports the readers and starts the process; the second must find nothing kept
                    for extract in cache.glob("*.extract"):
                        extract.unlink()
    print(json.dumps({name: 1000 * seconds / len(paths) for name, seconds in spent.items()}))


def _read_here(jobs: Iterable[ReadJob]) -> Iterator[ReadOutcome]:
    return map(read_file, jobs)


def _cpu_of(read: Read, jobs: list[ReadJob]) -> float:
    before = _cpu()
    outcomes = list(read(jobs))
    assert all(outcome.status == "ok" for outcome in outcomes)
    return _cpu() - before


def _jobs(paths: list[Path], folder: Path, cache: Path) -> list[ReadJob]:
    return [ReadJob(path, folder, cache, ReadOptions(), 60.0, path.stat().st_size) for path in paths]


def _cpu() -> float:
    """CPU seconds of this process and of its children, also of those that still run (Linux)."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = 0.0
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(OSError):  # the clock of another process, as clock_getcpuclockid(3) makes it
                running += time.clock_gettime((~int(child) << 3) | 2)
    return time.process_time() + ended.ru_utime + ended.ru_stime + running


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
