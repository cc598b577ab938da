"""A process of its own that counts tokens while the program goes on, and that keeps the vocabulary out of it.

o200k_base takes 45 MB and 0.2 s to load; meanwhile an LLM's SDK can be imported (measured 2026-11-21).
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from src.config.environment import child_environment
from src.providers.tokenizers.vocabulary_counter import NUMBER

SCRIPT = Path(__file__).with_name("vocabulary_counter.py")


class CountingProcess:
    """Counts as load_counter() does. Safe to use from several threads; it ends with the program."""

    def __init__(self, path: Path, name: str, pattern: str) -> None:
        """Start it; the vocabulary is loaded while this returns. Raises OSError when no process can be started."""
        self._lock = threading.Lock()
        self._child = subprocess.Popen(  # noqa: S603 - our own script, with this Python
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
        atexit.register(self.close)
        self._write(json.dumps({"path": str(path), "name": name, "pattern": pattern}).encode() + b"\n")

    def count(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text. Raises OSError when the process has ended."""
        contents = [text.encode("utf-8", "surrogatepass") for text in texts]
        head = b"".join(map(NUMBER.pack, (len(contents), *map(len, contents))))
        with self._lock:
            try:
                self._write(head + b"".join(contents))
                assert self._child.stdout is not None
                answer = self._child.stdout.read(NUMBER.size * len(contents))
            except (
                KeyboardInterrupt,
                SystemExit,
                OSError,
            ):  # Ctrl-C in between: the next count would read this one's answer
                self.close()
                raise
        if len(answer) != NUMBER.size * len(contents):
            raise OSError("the counting process has ended")
        return [number for (number,) in NUMBER.iter_unpack(answer)]

    def close(self) -> None:
        """End the process. Safe to call twice."""
        atexit.unregister(self.close)
        self._child.terminate()
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):  # the other end is gone, with something still in the buffer
                assert pipe is not None
                pipe.close()
        self._child.wait()

    def _write(self, content: bytes) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(content)
            self._child.stdin.flush()
        except ValueError as error:  # the pipe is closed
            raise OSError("the counting process has ended") from error
