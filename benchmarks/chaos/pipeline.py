"""A user's folder with jobs over all stages, its processes, and what they leave behind."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.export.database import make_samples
from benchmarks.generation.child import ROOT
from benchmarks.generation.corpus import write_corpus
from benchmarks.generation.stub_handle import Stub
from src.persistence.jobs.job_queue import JobQueue
from src.persistence.jobs.job_records import Job
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset

SAMPLES = 30
# So many that their export is shared among processes (src.pipeline.engine.stages.exporting.ROWS_WORTH_IT).
STORED = 12_500
CONCURRENCY = 4
PATIENCE = 240.0
# The connections of a killed process close when the last of its threads is gone, shortly after it counts as ended. The
# next process takes longer to start, so none of its answers is taken for one of these.
_DYING = 0.1
CONFIG = ROOT / "tests" / "fixtures" / "config.yaml"
_TARGET = ("--provider", "openai", "--model", "gpt-4.1-mini-2025-04-14")
# Ingestion, generation, validation, split, saving and export; a stored dataset in three formats; packing, read back.
JOBS: Sequence[Sequence[str]] = (
    ("run", "--mode", "create", "--name", "made", "--size", str(SAMPLES), *_TARGET),
    ("export", "stored", "--formats", "jsonl,csv,parquet"),
    ("run", "--mode", "identify", "--name", "found", "--input", "talks", *_TARGET),
    ("pack", "rows.jsonl", "--validate"),
)
# What another day may say differently: times, and what is made of them.
_DATED = ("config_lock.json", "manifest.json", "manifest.sha256", "croissant.json", "CHANGELOG.md", "README.md")
_KEYS = re.compile(r"_API_KEY$|_BASE_URL$|_PROXY$|_proxy$|^AGENT_")


def write_template(folder: Path) -> Path:
    """A folder with documents, a stored dataset, rows to be packed and a configuration."""
    folder.mkdir(parents=True)
    write_corpus(folder / "input_files", SAMPLES)
    shutil.copytree(ROOT / "context_files" / "samples", folder / "talks")
    values = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    values["system"] |= {"concurrency": CONCURRENCY, "max_retries": 2, "timeout": 20, "max_wait": 1.0}
    values["jobs"] = {"at_once": 2, "generation_at_once": 1, "attempts": 1000, "retry_after": 0}
    (folder / "config.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    made = Dataset("stored", "openai", "gpt-4.1-mini-2025-04-14", "create", list(make_samples(STORED)))
    with DatasetStore(folder / "memory" / "dataset_builder.db") as store:
        store.save_dataset(made, {}, dataset_id="dstored")
    line = '{"messages": [{"role": "user", "content": "%d?"}, {"role": "assistant", "content": "%s"}]}\n'
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as rows:
        rows.writelines(line % (n, hashlib.sha256(b"%d" % n).hexdigest() * 4) for n in range(20_000))
    return folder


class Kill(NamedTuple):
    """When it was about to be done, and when it was: on a busy machine a process takes its time to die."""

    began: float
    ended: float
    who: str


@dataclass
class Pipeline:
    """One folder whose jobs are done, whatever happens to their processes. `variables` are for all of them."""

    folder: Path
    stub: Stub
    variables: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def copy_of(cls, template: Path, folder: Path, stub: Stub, **variables: str) -> Pipeline:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        return cls(folder, stub, variables)

    @property
    def database(self) -> Path:
        return self.folder / "memory" / "dataset_builder.db"

    def add_jobs(self, jobs: Sequence[Sequence[str]] = JOBS) -> None:
        for job in jobs:
            self.call("jobs", "add", "--later", *job)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments), cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`jobs run`, or another verb, at work; the one that still is, if any. What it says goes to supervisor.log."""
        alive = [process for process in self.started if process.poll() is None]
        if alive and not arguments:
            return alive[-1]
        with (self.folder / "supervisor.log").open("ab") as log:
            process = subprocess.Popen(
                self._command(arguments or ("jobs", "run")), cwd=self.folder, env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def finish(self) -> str:
        """Work until nothing waits and nobody is at work; "" when all jobs are done, else what is wrong."""
        deadline = time.monotonic() + PATIENCE
        process = self.start()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        # A worker may outlive whoever started it: it is waited for, and what it leaves waiting is done.
        while process.poll() is not None and self.workers() and time.monotonic() < deadline:
            time.sleep(0.2)
            if not self.workers():
                process = self.start()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
        if process.poll() is None or self.workers():
            self.kill_all()
            return f"still at work after {PATIENCE:.0f} s"
        return "; ".join(f"{job.order.title} is {job.state}: {job.note}" for job in self.jobs() if job.state != "done")

    def jobs(self) -> list[Job]:
        with JobQueue(self.database) as queue:
            return queue.list_jobs()

    def workers(self) -> list[Job]:
        """The jobs whose process lives."""
        return [job for job in self.jobs() if job.state == "running" and not job.lost]

    def kill_all(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        for job in self.workers():
            with suppress(ProcessLookupError):
                os.kill(job.pid, signal.SIGKILL)

    def damage(self) -> list[str]:
        """What SQLite finds wrong with any database, looked at in a copy as a crash left it.

        Who was not killed may write while it is copied, so that the copy alone is wrong: damage is there twice.
        """
        first = self._damage_of_a_copy()
        if not first:
            return []
        time.sleep(1.0)
        return [f"{name}: {verdict}" for name, verdict in self._damage_of_a_copy().items() if name in first]

    def _damage_of_a_copy(self) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as copy:
            for path in (self.folder / "memory").glob("*.db*"):
                with suppress(FileNotFoundError):  # whoever lives may close its database meanwhile
                    shutil.copy2(path, copy)
            found = {path.name: _integrity(path) for path in sorted(Path(copy).glob("*.db"))}
        return {name: verdict for name, verdict in found.items() if verdict != "ok"}

    def tracebacks(self) -> list[str]:
        logs = [self.folder / "supervisor.log", *self.folder.glob("memory/*.jobs/*.log")]
        return [path.name for path in logs if path.is_file() and b"Traceback" in path.read_bytes()]

    def left_over(self) -> list[str]:
        """Unfinished files that nobody swept."""
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob(".*incomplete*")]

    def made(self) -> dict[str, Any]:
        """All that an undisturbed run makes, too: samples, files of the exports by their hash, the packed file."""
        return {**self._samples(), **self._files()}

    def _samples(self) -> dict[str, Any]:
        query = (
            "SELECT s.id, s.content, s.split, s.token_length, s.topic_keywords FROM samples s JOIN datasets d "
            "ON d.id = s.dataset_id WHERE d.name = ? ORDER BY d.id, s.position"
        )
        with closing(sqlite3.connect(self.database)) as connection:
            return {f"dataset {name}": connection.execute(query, [name]).fetchall() for name in ("made", "found")}

    def _files(self) -> dict[str, str]:
        exports = self.folder / "output_datasets"
        paths = [path for path in exports.rglob("*") if path.is_file() and path.name not in _DATED]
        paths += self.folder.glob("rows.jsonl.*")
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
            if ".manifest." not in path.name
        }

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "src.main", *arguments]

    def _environment(self) -> dict[str, str]:
        """The user's environment without keys, addresses and proxies: nothing may leave this machine."""
        kept = {name: value for name, value in os.environ.items() if not _KEYS.search(name)}
        own = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": f"{self.stub.url}/v1"}
        agent = {"AGENT_PROVIDER": "openai", "AGENT_MODEL": "stub-model", "PYTHONPATH": str(ROOT)}
        return {**kept, **own, **agent, **self.variables}


def differences(made: Mapping[str, Any], undisturbed: Mapping[str, Any]) -> list[str]:
    """What is missing, too much or other than in an undisturbed run."""
    missing = [f"{name} is missing" for name in undisturbed if name not in made]
    extra = [f"{name} is there, too" for name in made if name not in undisturbed]
    other = [f"{name} differs" for name in made if name in undisturbed and made[name] != undisturbed[name]]
    return missing + extra + other


def paid_again(calls: Sequence[Sequence[Any]]) -> int:
    """Calls whose question had been answered and paid for before."""
    paid = [call[0] for call in calls if call[4] == 200]
    return len(paid) - len(set(paid))


def received_again(calls: Sequence[Sequence[Any]], kills: Sequence[Kill], grace: float = 0.25) -> list[str]:
    """Of them, those whose first answer had arrived well before the kill that followed it: lost for no reason.

    What happened before and after each, in seconds from its arrival.
    """
    first: dict[str, Sequence[Any]] = {}
    lost = []
    for call in calls:
        if call[4] != 200:
            continue
        before = first.setdefault(call[0], call)
        if before is call or not before[5]:
            continue
        following = next((kill for kill in kills if kill.ended + _DYING >= before[3]), None)
        if following is None or following.began - before[3] > grace:
            around = [f"{kill.who} killed {kill.ended - before[3]:+.2f}" for kill in kills]
            asked = f"asked {before[2] - before[3]:+.2f} and again {call[2] - before[3]:+.2f}"
            lost.append(f"a received answer was lost: {asked}; {', '.join(around)}")
    return lost


def wait_for_work(line: Pipeline) -> subprocess.Popen[bytes]:
    """Start, and come back when a job is at work: how long processes take to start says nothing about jobs."""
    process, deadline = line.start(), time.monotonic() + 8
    while not line.workers() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    return process


def wait(seconds: float, process: subprocess.Popen[bytes]) -> None:
    """Sleep, at most until the process ends."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, seconds))


def _integrity(path: Path) -> str:
    try:
        with closing(sqlite3.connect(path)) as database:
            return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
