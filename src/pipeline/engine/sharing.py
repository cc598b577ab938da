"""An engine for the stages: give it a stage's work in parts, take what was made of them in order."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any

from src.config.file_lock import try_lock
from src.config.settings import SystemSettings
from src.persistence.durable_files import incomplete_path, sweep_incomplete
from src.pipeline.engine import open_executor
from src.pipeline.engine.executor import Executor
from src.pipeline.engine.lines import encode_lines
from src.pipeline.engine.machine.resources import part_size, this_machine, workers_for
from src.pipeline.engine.shards import ShardWork, run_shards
from src.pipeline.run_plan import Workspace

# Records that are done here first, to see how long they take; some before them, while what they need is loaded.
_PROBE, _WARM_UP = 64, 8
Opener = Callable[[SystemSettings, int], Executor]


def engine_for(workspace: Workspace) -> Engine:
    """The engine that config.yaml names, with its shards beside the database. Nothing is started yet."""
    system = workspace.system()
    return Engine(system, workspace.engine, workers_for(this_machine(), system.workers))


@dataclass(slots=True)
class Engine:
    """Opened when there is work for it. `folder` is for shards: on a cluster every node must see it.

    `records_in_part` 0 is measured. `parts` counts the shards that were done, by stage; those that were `known` from an
    earlier try are not done again; `sizes` says how many records a part has.
    """

    system: SystemSettings
    folder: Path
    workers: int = 1
    records_in_part: int = 0
    opener: Opener = open_executor
    parts: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    _executor: Executor | None = None

    @property
    def is_cluster(self) -> bool:
        return self.system.engine != "local"

    @property
    def shares(self) -> bool:
        """Whether work given to it may be done by others than this process."""
        return self.is_cluster or self.workers > 1

    @property
    def executor(self) -> Executor:
        """Raises EngineError when it cannot be had."""
        if self._executor is None:
            self._executor = self.opener(self.system, self.workers)
        return self._executor

    def share(self, work: ShardWork, job: str, inputs: Iterable[bytes]) -> Iterator[bytes]:
        """What the work makes of each input, in order. `job` names what it is done for: a run, a dataset.

        A single part is done right here, and all parts of threaded work on this machine. Raises EngineError when a
        part could not be done; what is done is then kept for the next try, but not of work for no job ("").
        """
        waiting = iter(inputs)
        first = list(islice(waiting, 2))
        if len(first) < 2 or not self.shares or (work.threaded and not self.is_cluster):
            for content in chain(first, waiting):
                yield work.do(content)
            return
        with self._place(work.name, job) as place:
            with closing(run_shards(self.executor, work, place, chain(first, waiting))) as shards:
                for shard in shards:
                    self._count(work.name, shard.known)
                    yield shard.read(kept=bool(job))
            shutil.rmtree(place, ignore_errors=True)
            self._size_file(work, job).unlink(missing_ok=True)

    def parts_of(self, work: ShardWork, job: str, records: Iterable[Any], most: int) -> Iterator[bytes]:
        """The records in parts for share(), `most` in one at most: as many as take a moment and fit the memory left.

        A part's size is kept until the job is done, so that the next try of the same job has the same parts.
        """
        waiting = iter(records)
        first = list(islice(waiting, _PROBE))
        size = self._size(work, job, first, most)
        self.sizes[work.name] = size
        waiting = chain(first, waiting)
        while part := list(islice(waiting, size)):
            yield encode_lines(part)

    def close(self) -> None:
        """Safe to call twice."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _size(self, work: ShardWork, job: str, first: Sequence[Any], most: int) -> int:
        if self.records_in_part or len(first) < _PROBE or not self.shares:
            return self.records_in_part or most
        with suppress(OSError, ValueError):
            return min(most, max(1, int(self._size_file(work, job).read_text(encoding="ascii"))))
        size = _measured(work, first, most, self.workers)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._size_file(work, job).write_text(str(size), encoding="ascii")
        return size

    def _size_file(self, work: ShardWork, job: str) -> Path:
        return self.folder / f"{work.name}-{job}.size"

    def _count(self, name: str, known: bool) -> None:
        counts = self.known if known else self.parts
        counts[name] = counts.get(name, 0) + 1

    @contextmanager
    def _place(self, work: str, job: str) -> Iterator[Path]:
        """The folder of a job's shards; without a job, or while another does the same, one that nobody else knows."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sweep_incomplete(self.folder)
        name = f"{work}-{job}" if job else work
        if job:
            with (self.folder / f"{name}.lock").open("ab") as lock:
                if try_lock(lock.fileno()):
                    yield self.folder / name
                    return
        place = incomplete_path(self.folder / name)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _measured(work: ShardWork, first: Sequence[Any], most: int, workers: int) -> int:
    work.do(encode_lines(first[:_WARM_UP]))
    content, count = encode_lines(first[_WARM_UP:]), len(first) - _WARM_UP
    began = time.perf_counter()
    work.do(content)
    return part_size((time.perf_counter() - began) / count, len(content) / count, this_machine(), workers, most)
