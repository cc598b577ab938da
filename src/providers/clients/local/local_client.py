"""Chat calls to the embedded model, in a child process that lives as long as the client."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import IO

from src.config.environment import child_environment
from src.errors import ConnectionFailedError, ModelUnavailableError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.local import local_server
from src.providers.clients.openai_client import OpenAIClient

CONTEXT_TOKENS = 4096
# Two answers at once give 1.2 (1.5B) to 1.8 (0.5B) times the tokens a second (measured 2026-11-21 on 2 cores).
SLOTS = 2
BUSY_LOAD_PER_CORE = 0.75
START_SECONDS = 180.0
STOP_SECONDS = 5.0
SECONDS_TO_DIE = 2.0
LOG_LINES = 4
# Threads that wait for each other give way early: spinning, they lose a third of the speed on a busy machine and
# at times nearly all of it, and win nothing on an idle one (libgomp's default against this, 2026-11-21, 2 cores).
_PATIENT_THREADS = {"GOMP_SPINCOUNT": "1000"}


class LocalClient:
    """The model in a GGUF file. The server starts with the first request; `close` stops it.

    `threads` None means one for each core, or one in all on a busy machine, where spinning threads
    get in each other's way. Raises ModelUnavailableError when the server does not start or dies twice.
    """

    provider = "local"

    def __init__(self, model_path: Path, model_name: str, threads: int | None = None, timeout: float = 600.0) -> None:
        self.model = model_name
        self.model_path = model_path
        self.timeout = timeout
        self.threads = threads or thread_count()
        self._lock = threading.Lock()
        self._process: _ServerProcess | None = None
        atexit.register(self.close)

    def complete(self, request: ChatRequest) -> ChatAnswer:
        """The model's answer. A server that died is started again once for this request."""
        process = self._running()
        try:
            answer = process.client.complete(request)
        except ConnectionFailedError:
            if not process.has_died():
                raise
            answer = self._after_crash(request)
        return replace(answer, model=self.model)

    @property
    def child_id(self) -> int | None:
        """The process id of the server, None while none runs."""
        process = self._process
        return process.id if process is not None and process.is_alive() else None

    def close(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.stop()
            self._process = None
        atexit.unregister(self.close)

    def _after_crash(self, request: ChatRequest) -> ChatAnswer:
        process = self._running()
        try:
            return process.client.complete(request)
        except ConnectionFailedError as error:
            if not process.has_died():
                raise
            raise process.failure("stopped twice while answering") from error

    def _running(self) -> _ServerProcess:
        with self._lock:
            if self._process is None or not self._process.is_alive():
                if self._process is not None:
                    self._process.stop()
                self._process = None  # in case the start fails
                self._process = _ServerProcess(self.model_path, self.model, self.threads, self.timeout)
            return self._process


def thread_count() -> int:
    """The cores this process may use, or 1 when they are already busy."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if sys.platform != "win32" and os.getloadavg()[0] / cores > BUSY_LOAD_PER_CORE:
        return 1
    return cores


class _ServerProcess:
    """One run of local_server.py and the client that talks to it."""

    def __init__(self, model_path: Path, model_name: str, threads: int, timeout: float) -> None:
        self._name = model_name
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._lines: queue.Queue[str] = queue.Queue()
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, local_server.__file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace", env=child_environment() | _PATIENT_THREADS,
            start_new_session=True,  # Ctrl-C in the terminal reaches the parent only
        )  # fmt: skip
        self._readers = [
            threading.Thread(target=self._drain, args=(self._child.stdout, True), daemon=True),
            threading.Thread(target=self._drain, args=(self._child.stderr, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        key = secrets.token_hex(16)
        try:
            url = self._start({"model": str(model_path), "name": model_name, "threads": threads, "slots": SLOTS,
                               "context": CONTEXT_TOKENS, "key": key})  # fmt: skip
        except BaseException:
            self.stop()
            raise
        self.client = OpenAIClient("local", model_name, key, f"{url}/v1", timeout)

    @property
    def id(self) -> int:
        return self._child.pid

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def has_died(self) -> bool:
        """Whether a connection failed because the server is gone; it closes its sockets before it is."""
        try:
            self._child.wait(SECONDS_TO_DIE)
        except subprocess.TimeoutExpired:
            return False
        return True

    def failure(self, what: str) -> ModelUnavailableError:
        log = " | ".join(self._log).rstrip(".") or "it left no message"
        return ModelUnavailableError(
            f"The embedded model {self._name} {what} (exit code {self._child.poll()}): {log}.",
            hint="Close other programs if memory is short, try the smaller model, or set an API key.",
        )

    def stop(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):  # it is gone already
            self._child.stdin.close()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for reader in self._readers:
            reader.join(STOP_SECONDS)

    def _start(self, wanted: dict[str, str | int]) -> str:
        """The server's URL, once the model is loaded."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(wanted) + "\n")
            self._child.stdin.flush()
            url: str = json.loads(self._lines.get(timeout=START_SECONDS))["url"]
        except queue.Empty as error:
            raise self.failure(f"did not start within {START_SECONDS:g} s") from error
        except (OSError, ValueError) as error:  # a broken pipe, or the end of its output instead of a URL
            self.stop()  # so that all it wrote has been read
            raise self.failure("could not be started") from error
        return url

    def _drain(self, stream: IO[str], is_output: bool) -> None:
        """Read a pipe to its end, so that the child never blocks on a full one."""
        with stream:
            for line in stream:
                if is_output and line.startswith("{"):
                    self._lines.put(line)
                elif line.strip():
                    self._log.append(line.strip()[:300])
        if is_output:
            self._lines.put("")
