"""Work in shards: each is written whole by whoever does it, in a folder that all nodes see, and never done twice.

A shard has its input in NNNNNN.in, its output in NNNNNN.out and, last, its mark in NNNNNN.done, which says what it was
made of and what it holds. Rows never pass the program's pipes, and whatever dies costs one shard.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from src.config.program_state import program_state
from src.errors import EngineError
from src.persistence.durable_files import incomplete_path
from src.pipeline.engine.calling import resolve
from src.pipeline.engine.executor import Executor, Failure, Outcome, Work


@dataclass(frozen=True, slots=True)
class ShardWork:
    """What is done to each shard. `function` is a name as in Work; given the pair (input, params) it gives bytes.

    The same input and params must give the same bytes. `params` are JSON. `threaded`: it uses all cores by itself.
    """

    name: str
    function: str
    params: dict[str, Any] = field(default_factory=dict)
    timeout_s: float | None = None
    threaded: bool = False

    def do(self, content: bytes) -> bytes:
        """One shard, in this process."""
        made: bytes = resolve(self.function)((content, self.params))
        return made


@dataclass(frozen=True, slots=True)
class Mark:
    """What NNNNNN.done holds: the key of what the output was made from, and the output's size and checksum."""

    key: str
    size: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard that was done, now or before (`known`), or was not: then `failure` says why."""

    number: int
    path: Path
    mark: Mark | None = None
    failure: Failure | None = None
    known: bool = False
    node: str = ""

    def read(self, kept: bool = True) -> bytes:
        """Its output. Raises EngineError when it failed, or when its file is not what was written.

        `kept` says whether the next try finds the other shards.
        """
        if self.failure is not None or self.mark is None:
            why = self.failure.message if self.failure else "it was not done"
            where = f" on {self.node}" if self.node else ""
            advice = "What is done is kept; start again to go on." if kept else "Start again."
            raise EngineError(f"part {self.number + 1} could not be done{where}: {why} {advice}")
        content = self.path.read_bytes()
        if len(content) != self.mark.size or _checksum(content) != self.mark.checksum:
            raise EngineError(f"{self.path} is not what was written; delete its folder and start again.")
        return content

    def discard(self) -> None:
        """Let go of its files."""
        for path in (self.path, self.path.with_suffix(".done")):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def run_shards(
    executor: Executor, work: ShardWork, folder: Path, inputs: Iterable[bytes], cancel: threading.Event | None = None
) -> Generator[Shard, None, None]:
    """A Shard for each input, in order. Those that were done before by the same program from the same input are known.

    Raises EngineError when the folder cannot be written.
    """
    resolve(work.function)
    base = _key(work.function.encode(), _canonical(work.params), program_state()["tool"]["source_sha256"].encode())
    marks: dict[int, Mark] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        items = _items(work, folder, inputs, base, marks)
        doing = Work(f"{__name__}:write_shard", work.timeout_s)
        with closing(executor.map(doing, items, cancel=cancel)) as outcomes:
            for outcome in outcomes:
                yield _shard(folder, outcome, marks.pop(outcome.number, None))
    except OSError as error:
        raise EngineError(f"{work.name}: {error.filename or folder}: {error.strerror}; free some space.") from error


def write_shard(order: dict[str, Any]) -> dict[str, Any] | None:
    """Do one shard, in whatever process this is: write its output whole, then its mark, which is given."""
    from msgspec import to_builtins

    if order.get("known"):
        return None
    path = Path(os.fsdecode(order["path"].encode("latin-1")))
    try:
        content = path.with_suffix(".in").read_bytes()
    except FileNotFoundError as error:
        # A worker that outlived the program before this one may have done it just now.
        known = _known(path, order["key"])
        if known is not None:
            return to_builtins(known)  # type: ignore[no-any-return]
        where = f"{platform.node()} does not see {path.parent}"
        raise EngineError(f"{where}; it must be in a folder that all nodes share.") from error
    made = resolve(order["function"])((content, order["params"]))
    mark = Mark(order["key"], len(made), _checksum(made))
    _write_whole(path, made)
    _write_whole(path.with_suffix(".done"), _canonical(mark))
    path.with_suffix(".in").unlink(missing_ok=True)
    return to_builtins(mark)  # type: ignore[no-any-return]


def _items(
    work: ShardWork, folder: Path, inputs: Iterable[bytes], base: str, marks: dict[int, Mark]
) -> Iterator[dict[str, Any]]:
    """What the workers are told of each shard; its input is written when it is its turn."""
    for number, content in enumerate(inputs):
        path = folder / f"{number:06d}.out"
        key = _key(base.encode(), content)
        mark = _known(path, key)
        if mark is not None:
            marks[number] = mark
            yield {"known": True}
            continue
        _write_whole(path.with_suffix(".in"), content)
        # Paths need not be Unicode.
        name = os.fsencode(path.absolute()).decode("latin-1")
        yield {"function": work.function, "path": name, "params": work.params, "key": key}


def _shard(folder: Path, outcome: Outcome, known: Mark | None) -> Shard:
    from msgspec import convert

    path = folder / f"{outcome.number:06d}.out"
    if known is not None and outcome.failure is None:
        return Shard(outcome.number, path, known, known=True)
    mark = convert(outcome.value, Mark) if outcome.failure is None else None
    return Shard(outcome.number, path, mark, outcome.failure, node=outcome.node)


def _known(path: Path, key: str) -> Mark | None:
    """The mark of a shard that was done before from the same."""
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        mark = decode(path.with_suffix(".done").read_bytes(), type=Mark)
        return mark if mark.key == key and path.stat().st_size == mark.size else None
    except (OSError, DecodeError):
        return None


def _write_whole(path: Path, content: bytes) -> None:
    """The file appears with all of its content, or not at all."""
    draft = incomplete_path(path)
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _key(*parts: bytes) -> str:
    from xxhash import xxh3_128

    digest = xxh3_128()
    for part in parts:
        digest.update(b"%d " % len(part) + part)
    return digest.hexdigest()


def _checksum(content: bytes) -> str:
    from xxhash import xxh3_64_hexdigest

    return xxh3_64_hexdigest(content)


def _canonical(value: Any) -> bytes:
    from msgspec.json import encode

    return encode(value, order="sorted")
