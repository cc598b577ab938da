"""A virtual environment for each set of pinned requirements, made on first use and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.verify_formats.checkers import Checker
from src.config.environment import cache_folder

INSTALL_SECONDS = 1_800


class NotInstalledError(Exception):
    """The environment of a checker cannot be made; the text says why."""


def python_for(checker: Checker) -> Path:
    """The interpreter that runs the checker's script. Makes the environment on first use; raises NotInstalledError."""
    if checker.restated:
        return Path(sys.executable)
    folder = folder_of(checker)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (folder / "complete").exists():
        print(f"  making the environment of {checker.name} in {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _make(folder, python, checker)
        (folder / "complete").touch()
    return python


def folder_of(checker: Checker) -> Path:
    """Named by what it holds, so that another pin or another Python makes another environment."""
    held = "\n".join((*checker.requirements, "--no-deps", *checker.alone, sys.version.split()[0]))
    digest = hashlib.sha256(held.encode()).hexdigest()[:12]
    name = "trainers" if checker.heavy else checker.script.replace("_", "-")
    return cache_folder() / "checkers" / f"{name}-{digest}"


def _make(folder: Path, python: Path, checker: Checker) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([*pip, *checker.requirements])
    if checker.alone:
        # What is needed of them runs on every Python of ours, whatever they ask for.
        _run([*pip, "--no-deps", "--ignore-requires-python", *checker.alone])


def _run(command: list[str]) -> None:
    # pip obeys the user's own index and proxy settings, which stand in the environment.
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=dict(os.environ))
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"pip did not end within {INSTALL_SECONDS} s") from error
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()
        raise NotInstalledError(errors[-1][:200] if errors else f"{command[2]} ended with {done.returncode}")
