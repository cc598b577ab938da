"""Runs that ask an LLM, as a user starts them: a folder with prose, a stub for the host, a process to be killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, Script, StubLLM
from tests.workflows.support import ROOT, Finished, environment, run

needs_sigkill = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not for Windows")
KEY = "sk-canary-0123456789"
Request = dict[str, Any]


def llm_folder(folder: Path, documents: int = 4, **changed: object) -> Path:
    """A user's folder: config.yaml with some keys changed, and documents of thirty unlike sentences each.

    Of keys with the same name the last one is meant, that of `system`.
    """
    folder.mkdir(exist_ok=True)
    config = (ROOT / "tests" / "fixtures" / "config.yaml").read_text(encoding="utf-8")
    for name, value in changed.items():
        lines = config.splitlines()
        at = max(number for number, line in enumerate(lines) if line.lstrip().startswith(f"{name}:"))
        lines[at] = f"{lines[at].partition(name)[0]}{name}: {json.dumps(value)}"
        config = "\n".join(lines) + "\n"
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    (folder / "input_files").mkdir()
    for number in range(documents):
        (folder / "input_files" / f"notes{number}.txt").write_text(prose(number), encoding="utf-8")
    return folder


def prose(seed: int, sentences: int = 30) -> str:
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))

    return " ".join(f"The {' '.join(word() for _ in range(9))} of {word()}." for _ in range(sentences))


def copy_of(folder: Path, name: str) -> Path:
    """The folder as it was before any run."""
    copy = folder.with_name(name)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("memory", "output_datasets"))
    return copy


def openai_env(stub: StubLLM, **more: str) -> dict[str, str]:
    return {
        "AGENT_PROVIDER": "openai", "AGENT_MODEL": "stub", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": stub.url, **more,
    }  # fmt: skip


def good(delay: float = 0.0) -> Script:
    """Answers that pass all checks."""
    return lambda request: Reply(answer_about_focus(request), delay=delay)


def good_until(calls: int, then: Callable[[Request], Reply], delay: float = 0.0) -> Script:
    """The first `calls` requests get good answers, all others what `then` gives."""
    count = iter(range(10**9))

    def script(request: Request) -> Reply:
        return Reply(answer_about_focus(request), delay=delay) if next(count) < calls else then(request)

    return script


def as_json(done: Finished) -> dict[str, Any]:
    assert done.out.count("\n") == 1, done.out + done.err
    answer: dict[str, Any] = json.loads(done.out)
    assert answer["exit_code"] == done.code
    return answer


def run_json(folder: Path, *arguments: str, env: Mapping[str, str]) -> dict[str, Any]:
    return as_json(run(folder, "run", "--yes", "--json", *arguments, env=env))


@contextmanager
def started(folder: Path, *arguments: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The program at work; it is killed at the end of the block if it still is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "src.main", *arguments],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(reached: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        assert time.monotonic() < deadline, "the program did not get that far"
        time.sleep(0.01)


def killed_after(folder: Path, stub: StubLLM, requests: int, *arguments: str, env: Mapping[str, str]) -> None:
    """Start a run and kill it with SIGKILL when the stub has seen so many requests."""
    before = len(stub.requests)
    with started(folder, "run", "--yes", *arguments, env=env) as process:
        wait_for(lambda: len(stub.requests) - before >= requests, process)
        os.kill(process.pid, signal.SIGKILL)


def sample_ids(folder: Path, name: str = "my_dataset") -> list[str]:
    """The ids of the newest dataset of that name, in order."""
    with closing(sqlite3.connect(folder / "memory" / "dataset_builder.db")) as connection:
        newest = connection.execute(
            "SELECT id FROM datasets WHERE name = ? ORDER BY created_at DESC, rowid DESC", [name]
        )
        rows = connection.execute("SELECT id FROM samples WHERE dataset_id = ? ORDER BY position", newest.fetchone())
        return [row[0] for row in rows]


def journal_is_sound(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "memory" / "dataset_builder.journal.db")) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
