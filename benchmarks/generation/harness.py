"""The product as a user runs it, against the stub: `run` in a folder of its own, and what it delivered."""

from __future__ import annotations

import json
import queue
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from benchmarks.generation.child import ROOT, Child, Outcome
from benchmarks.generation.corpus import Corpus
from benchmarks.generation.stub_answers import question_about
from benchmarks.generation.stub_handle import Stub, running_stub

T = TypeVar("T")

CONFIG = ROOT / "tests" / "fixtures" / "config.yaml"
SYSTEM: Mapping[str, Any] = {"concurrency": 50, "max_retries": 5, "timeout": 60, "confirm_above_usd": 1_000_000.0}
# A run that takes longer than this hangs: it is killed, and that is a failure.
PATIENCE = 180.0
# One for each core of the smallest machine: more would measure how they get in each other's way.
LANES = 2


@dataclass(frozen=True)
class Delivered:
    """What stands in a run's export. `valid` counts samples that say what a sentence of the corpus says."""

    samples: int = 0
    valid: int = 0
    distinct: int = 0

    @property
    def duplicates(self) -> int:
        return self.samples - self.distinct


@dataclass(frozen=True)
class Job:
    """One dataset to be made. `folder` takes its configuration, database and output; `system` overrides SYSTEM."""

    folder: Path
    corpus: Corpus
    stub: Stub
    size: int
    system: Mapping[str, Any] = field(default_factory=dict)

    def start(self) -> Child:
        made = ["--mode", "create", "--provider", "openai", "--model", "gpt-4.1-mini-2025-04-14"]
        return self._start(["--input", str(self.corpus.folder), *made, "--size", str(self.size)])

    def resume(self) -> Child:
        """Go on with what an earlier process of this job left unfinished."""
        return self._start(["--resume"])

    def run(self) -> Outcome:
        return self.start().wait(PATIENCE)

    def delivered(self, outcome: Outcome) -> Delivered:
        """The samples of the export that the outcome names."""
        folder = outcome.answer.get("folder")
        pairs = (
            [_exchange(line) for path in sorted(Path(folder).glob("*.jsonl")) for line in _lines(path)]
            if folder
            else []
        )
        valid = sum(
            answer in self.corpus.sentences and question == question_about(answer) for question, answer in pairs
        )
        return Delivered(len(pairs), valid, len(set(pairs)))

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the databases of this job, looked at in a copy; [] when they are whole."""
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(self.folder, copy, dirs_exist_ok=True)
            found = {path: _integrity(path) for path in Path(copy).rglob("*") if _is_sqlite(path)}
        return [f"{path.name}: {verdict}" for path, verdict in found.items() if verdict != "ok"]

    def _start(self, arguments: list[str]) -> Child:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.yaml"
        if not config.exists():
            values = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
            values["system"] = {**values["system"], **SYSTEM, **self.system}
            config.write_text(yaml.safe_dump(values), encoding="utf-8")
        kept = ["--db", str(self.folder / "builder.db"), "--output", str(self.folder / "out"), "--config", str(config)]
        variables = {
            "OPENAI_API_KEY": "test",
            "OPENAI_BASE_URL": f"{self.stub.url}/v1",
            "AGENT_PROVIDER": "openai",
            "AGENT_MODEL": "stub-model",
        }
        return Child(["-m", "src.main", "run", *arguments, *kept, "--yes", "--json"], self.folder, variables)


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for a script's runs, gone afterwards. TMPDIR decides on which disk."""
    with tempfile.TemporaryDirectory(prefix="bench-generation-") as folder:
        yield Path(folder)


def in_lanes(count: int, work: Callable[[int, Stub], T]) -> list[T]:
    """`work(number, stub)` for each number below `count`, a few side by side, each with a stub to itself."""
    with ExitStack() as stack:
        stubs: queue.SimpleQueue[Stub] = queue.SimpleQueue()
        for _ in range(LANES):
            stubs.put(stack.enter_context(running_stub()))

        def one(number: int) -> T:
            stub = stubs.get()
            try:
                return work(number, stub)
            finally:
                stubs.put(stub)

        with ThreadPoolExecutor(LANES) as pool:
            return list(pool.map(one, range(count)))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _exchange(line: str) -> tuple[str, str]:
    said = {message["role"]: message["content"] for message in json.loads(line)["messages"]}
    return said["user"], said["assistant"]


def _is_sqlite(path: Path) -> bool:
    return path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0"


def _integrity(path: Path) -> str:
    try:
        with closing(sqlite3.connect(path)) as database:
            return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
