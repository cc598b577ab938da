"""One contender in a process of its own, driven over standard input: how long each thing takes it, in CPU seconds.

python -m benchmarks.packing.contenders.serve MODULE:CLASS SOURCE FOLDER RECORDS [--cold]

Each line of input is the name of a measurement, each line of output its figures as JSON. With --cold, once: what a
fresh process takes to import, to open, and what memory reading holds. Python's own start is not counted.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.packing.contenders.contender import BATCH, Contender

_OPENINGS = 20
_LOOK_EVERY = 2_000


def main(arguments: list[str]) -> int:
    started = time.process_time()
    name, source, folder, records = arguments[:4]
    # What a library prints is not to be taken for figures.
    out, sys.stdout = sys.stdout, sys.stderr
    if "--cold" in arguments:
        print(json.dumps(_cold(_made(name, Path(source), Path(folder)), started)), file=out, flush=True)
        return 0
    served = _Served(_made(name, Path(source), Path(folder)), int(records))
    for line in sys.stdin:
        turn = line.strip()
        try:
            figures = {} if turn in served.contender.without else getattr(served, turn)()
        except NotImplementedError:
            figures = {}
        except Exception as error:  # noqa: BLE001
            figures = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(figures), file=out, flush=True)
    return 0


def cpu_of(run: Callable[[], Any]) -> float:
    """User and system seconds of all threads of this process."""
    start = time.process_time()
    run()
    return time.process_time() - start


def consume(values: Iterable[Any]) -> int:
    """Run through them and count."""
    count = 0
    for _ in values:
        count += 1
    return count


def _made(name: str, source: Path, folder: Path) -> Contender:
    module, _, kind = name.partition(":")
    contender: Contender = getattr(importlib.import_module(module), kind)(source, folder)
    contender.load()
    return contender


class _Served:
    def __init__(self, contender: Contender, records: int) -> None:
        self.contender, self.records = contender, records
        self._is_open = False

    def write_checked(self) -> dict[str, Any]:
        self._emptied()
        return {"write_checked": cpu_of(self.contender.write_checked)}

    def write(self) -> dict[str, Any]:
        self._emptied()
        return {"write": cpu_of(self.contender.write)}

    def first(self) -> dict[str, Any]:
        self._closed()
        times = []
        for _ in range(_OPENINGS):
            times.append(cpu_of(self._open_and_first))
            self._closed()
        return {"first": sorted(times)[len(times) // 2], "size": self.contender.size()}

    def dicts(self) -> dict[str, Any]:
        self._opened()
        return {"dicts": cpu_of(lambda: self._whole(self.contender.dicts()))}

    def batches(self) -> dict[str, Any]:
        self._opened()
        return {"batches": cpu_of(lambda: consume(self.contender.batches()))}

    def random(self) -> dict[str, Any]:
        positions = self._positions(1)
        index = cpu_of(self.contender.index)
        one = self.contender.one
        taken = cpu_of(lambda: [one(position) and None for position in positions])
        return {"random": taken / len(positions), "index": index}

    def shuffled(self) -> dict[str, Any]:
        positions = self._positions(2)
        self.contender.index()
        batches = [positions[at : at + BATCH] for at in range(0, len(positions), BATCH)]
        some = self.contender.some
        return {"shuffled": cpu_of(lambda: [some(batch) and None for batch in batches]) / len(positions)}

    def _emptied(self) -> None:
        self._closed()
        for path in sorted(self.contender.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()

    def _positions(self, seed: int) -> list[int]:
        import random

        # A new file each time, so that no kept block helps.
        self._closed()
        self._opened()
        return random.Random(seed).sample(range(self.records), min(self.contender.picks, self.records))

    def _whole(self, values: Iterable[Any]) -> None:
        found = consume(values)
        if found != self.records:
            raise ValueError(f"{found} records came back of {self.records}")

    def _open_and_first(self) -> None:
        self._opened()
        self.contender.first()

    def _opened(self) -> None:
        if not self._is_open:
            self.contender.open()
            self._is_open = True

    def _closed(self) -> None:
        if self._is_open:
            self.contender.close()
            self._is_open = False


def _cold(contender: Contender, started: float) -> dict[str, Any]:
    """`import`: what is loaded until the first record is there, whether at once or when it is needed."""
    imported = time.process_time() - started
    if "cold" in contender.without:
        return {}
    served = _Served(contender, 0)
    times = []
    for _ in range(3):
        times.append(cpu_of(served._open_and_first))
        served._closed()
    served._opened()
    most = 0.0
    for number, _ in enumerate(served.contender.dicts()):
        if number % _LOOK_EVERY == 0:
            most = max(most, _anonymous_mb())
    return {"import": imported + max(0.0, times[0] - times[-1]), "memory": most or None}


def _anonymous_mb() -> float:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("RssAnon")), 0.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
