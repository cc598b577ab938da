"""Run the program as a user does: a process of its own, answers piped in, the whole screen read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "context_files" / "samples"
_KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "XDG_CACHE_HOME", "FTDB_CACHE_DIR", "TMPDIR")


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """No API keys of this machine; the program is found from any folder."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(extra or {})}


def run(folder: Path, *arguments: str, answers: str = "", env: Mapping[str, str] | None = None) -> Finished:
    done = subprocess.run(
        [sys.executable, "-m", "src.main", *arguments],
        cwd=folder,
        env=environment(env),
        input=answers,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


def menu(folder: Path, answers: Sequence[str], env: Mapping[str, str] | None = None) -> Finished:
    """The menu with one answer a line."""
    return run(folder, answers="".join(f"{answer}\n" for answer in answers), env=env)


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in the text one after the other."""
    position = 0
    for part in parts:
        found = text.find(part, position)
        if found < 0:
            raise AssertionError(f"{part!r} is not in the screen after position {position}:\n{text}")
        position = found + len(part)
    return True
