"""Run one checker's script in its environment over files and single rows."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import python_for

SECONDS = 900
QUIET = {
    "PYTHONWARNINGS": "ignore",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOGETHER_DISABLE_TQDM": "true",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class NotRunError(Exception):
    """The checker's script did not come to its end; the text says why."""


@dataclass(frozen=True)
class Skipped:
    """A checker that was not run, and why."""

    checker: str
    why: str


@dataclass(frozen=True)
class Answers:
    """The objections to each file and to each row that was handed over, in order; none means accepted."""

    files: Sequence[Sequence[str]]
    rows: Sequence[Sequence[str]]


def run_checker(
    checker: Checker, files: Sequence[tuple[Path, str]], rows: Sequence[tuple[Mapping[str, object], str]], folder: Path
) -> Answers:
    """What the checker objects to in files and rows, each given with the name of its format.

    Raises NotInstalledError or NotRunError.
    """
    python = python_for(checker)
    job, found = folder / f"{checker.script}-job.json", folder / f"{checker.script}-found.json"
    found.unlink(missing_ok=True)
    job.write_text(
        json.dumps(
            {
                "files": [{"path": str(path), "format": form} for path, form in files],
                "rows": [{"row": row, "format": form} for row, form in rows],
            }
        ),
        "utf-8",
    )
    command = [str(python), "-W", "ignore", str(checker.path), str(job), str(found)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env={**os.environ, **QUIET})
    except subprocess.TimeoutExpired as error:
        raise NotRunError(f"no answer within {SECONDS} s") from error
    if done.returncode or not found.exists():
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise NotRunError(f"the script failed: {last[0][:300]}")
    answers = json.loads(found.read_text("utf-8"))
    return Answers(answers["files"], answers["rows"])
