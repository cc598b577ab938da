"""Documents read by the nodes of a cluster: each file still in a process of its own kind there."""

from __future__ import annotations

import atexit
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import Any

from src.ingestion.file_processor import ReadingPlan, ReadJobs, read_here
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome
from src.ingestion.isolation.reader_pool import ReaderPool
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine

# A part takes a second or more, so that handing it over costs little; PDF files take about that for each 256 KB.
FILES_AT_ONCE = 64
BYTES_AT_ONCE = 4 << 20


def reader_for(engine: Engine, run: str) -> ReadJobs:
    """How files are read: by processes of this machine, or in parts by a cluster, with the same outcomes.

    Raises EngineError while reading when a part could not be done.
    """
    return partial(_read_shared, engine, run) if engine.is_cluster else read_here


def _read_shared(
    engine: Engine, run: str, jobs: Sequence[ReadJob], plan: ReadingPlan
) -> Generator[ReadOutcome, None, None]:
    # A password must not lie in a shard's input.
    elsewhere = [job for job in jobs if not job.options.password]
    made = _outcomes(engine, run, elsewhere, plan.limits)
    with closing(read_here([job for job in jobs if job.options.password], plan)) as own, closing(made):
        for job in jobs:
            outcome = next(own) if job.options.password else next(made)
            if outcome.status == "ok" and not (job.cache / outcome.extract).is_file():  # an old shard, a tidied cache
                (outcome,) = read_here([job], plan)
            yield outcome
        next(made, None)  # it tidies up behind its last part


def _outcomes(engine: Engine, run: str, jobs: Sequence[ReadJob], limits: Limits) -> Generator[ReadOutcome, None, None]:
    params = {"timeout_s": limits.timeout_s, "memory_mb": limits.memory_mb}
    work = ShardWork("reading", f"{__name__}:read_part", params)
    for content in engine.share(work, run, map(_part, _batches(jobs))):
        yield from map(ReadOutcome.from_line, content.splitlines(keepends=True))


def read_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """A ReadOutcome a line for each ReadJob of a shard. The extracts go where the jobs say."""
    content, params = part
    pool = _pool(params["timeout_s"], params["memory_mb"])
    jobs = [ReadJob.from_line(line) for line in content.splitlines()[::2]]
    return b"".join(outcome.to_line() for outcome in pool.read(jobs))


@lru_cache(maxsize=1)
def _pool(timeout_s: float, memory_mb: int) -> ReaderPool:
    """One reading process, kept from shard to shard: starting it costs as much as reading a few files."""
    pool = ReaderPool(1, Limits(timeout_s, memory_mb))
    atexit.register(pool.close)
    return pool


def _part(jobs: Sequence[ReadJob]) -> bytes:
    """Two lines for each job; the second makes a changed file another shard."""
    return b"".join(job.to_line() + _state(job) for job in jobs)


def _state(job: ReadJob) -> bytes:
    try:
        stat = os.stat(job.path)
    except OSError:
        return b"none\n"
    return b"%d %d %d\n" % (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _batches(jobs: Sequence[ReadJob]) -> Iterator[list[ReadJob]]:
    batch: list[ReadJob] = []
    size = 0
    for job in jobs:
        if batch and (len(batch) == FILES_AT_ONCE or size + job.size > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += job.size
    if batch:
        yield batch
