"""The stub as a measuring script holds it: started, configured, asked for its counts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.generation.child import ROOT, Child

WAIT_SLICE = 0.5
SETTLE_SECONDS = 15.0


class Stub:
    """A running stub_server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def configure(self, **knobs: float) -> None:
        """Set these knobs, the others to their defaults, and forget what was counted."""
        self._fetch("/config", json.dumps(knobs).encode())

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self._fetch("/stats")
        return found

    def calls(self) -> list[list[Any]]:
        """Every call: prompt, topic, arrived, left, status, delivered."""
        found: list[list[Any]] = self._fetch("/calls")
        return found

    def wait_until(self, answered: int, child: Child, seconds: float) -> bool:
        """Whether that many answers are out before the child ends or the time is up."""
        for _ in range(int(seconds / WAIT_SLICE)):
            counts = self._fetch(f"/wait?answered={answered}&seconds={WAIT_SLICE}")
            if counts["answered"] >= answered:
                return True
            if not child.running:
                return False
        return False

    def settle(self) -> None:
        """Wait until the calls of a client that is gone have ended, too: they are billed like all others."""
        end = time.monotonic() + SETTLE_SECONDS
        while self.stats()["in_flight"] and time.monotonic() < end:
            time.sleep(0.02)

    def _fetch(self, path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(self.url + path, data=body, timeout=60) as response:
            return json.load(response)


@contextmanager
def running_stub() -> Iterator[Stub]:
    """A stub on a port of its own, gone afterwards."""
    arguments = [sys.executable, "-m", "benchmarks.generation.stub_server", "--port", "0", "--until-eof"]
    with subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield Stub(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()
