"""All contenders, each in a process of its own, measured in turns: round by round, never one after the other."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.packing.rows import Row
from benchmarks.verify_formats.environments import NotInstalledError

ROOT = Path(__file__).resolve().parents[2]
# In this order within a round.
TURNS = ("first", "dicts", "batches", "random", "shuffled")


@dataclass
class Measured:
    """A row's figures by name, one value a round; `trouble` when it could not be measured or broke off."""

    row: Row
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    trouble: str = ""

    def median(self, name: str) -> float | None:
        """None when it was not measured."""
        values = self.values.get(name)
        return statistics.median(values) if values else None


class Fleet:
    """Start them all, then `run`. Each keeps its files in a folder of its own under `folder`."""

    def __init__(self, rows: Sequence[Row], source: Path, records: int, folder: Path) -> None:
        self.source, self.records, self.folder = source, records, folder
        self.measured = {row.name: Measured(row, trouble=row.absent) for row in rows}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        for row in rows:
            if not row.absent:
                self._start(row)

    def run(self, rounds: int) -> None:
        """Write, then read, in interleaved rounds."""
        for number in range(rounds):
            for turn in ("write_checked", "write"):
                for name in list(self._processes):
                    if number < self._rounds(name):
                        self._ask(name, turn)
        for number in range(rounds):
            for turn in TURNS:
                for name in list(self._processes):
                    if number < self._rounds(name):
                        self._ask(name, turn)
            print(f"  round {number + 1} of {rounds}", flush=True)
        for number in range(rounds):
            for name in list(self._processes):
                if number < self._rounds(name):
                    self._cold(name)

    def files(self, name: str) -> Path:
        """The packed file of one of ours."""
        folder = self.folder / self.measured[name].row.folder
        return next(path for path in sorted(folder.iterdir()) if path.suffix not in (".idx", ".json"))

    def close(self) -> None:
        """End the processes, whatever they are at."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _rounds(self, name: str) -> int:
        return self.measured[name].row.rounds

    def _command(self, row: Row) -> list[str]:
        place = self.folder / row.folder
        place.mkdir(parents=True, exist_ok=True)
        module = [str(row.python()), "-m", f"{__package__}.contenders.serve"]
        return [*module, row.target, str(self.source), str(place), str(self.records)]

    def _start(self, row: Row) -> None:
        try:
            command = self._command(row)
        except NotInstalledError as error:
            self.measured[row.name].trouble = str(error)
            return
        with self._log(row).open("w") as log:
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
            self._processes[row.name] = subprocess.Popen(command, text=True, cwd=ROOT, env=_environment(), **pipes)

    def _ask(self, name: str, turn: str) -> None:
        process = self._processes[name]
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(turn + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        self._note(name, turn, json.loads(answer) if answer else {"error": self._last_words(name)})

    def _cold(self, name: str) -> None:
        command = [*self._command(self.measured[name].row), "--cold"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=_environment())
        found = json.loads(done.stdout) if done.stdout else {"error": done.stderr.strip()[-300:]}
        self._note(name, "a fresh process", found)

    def _note(self, name: str, turn: str, found: dict[str, Any]) -> None:
        measured = self.measured[name]
        if "error" in found:
            measured.trouble = f"{turn}: {found['error']}"
            self._processes.pop(name).kill()
            return
        for figure, value in found.items():
            if value is not None:
                measured.values[figure].append(value)

    def _log(self, row: Row) -> Path:
        return self.folder / f"{row.folder}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(self.measured[name].row).read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it ended without a word"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
