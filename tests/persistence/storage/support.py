"""Exports to send, places to send them to, and what a stranger sees there."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from src.config.settings import StorageSettings
from src.persistence.storage import open_storage
from src.persistence.storage.storage import Storage
from src.persistence.storage.transfers.downloading import Downloaded, download_folder
from src.persistence.storage.transfers.moved import Moved, label_for
from src.persistence.storage.transfers.uploading import Uploaded, upload_folder
from tests.persistence.storage.servers import BUCKET

PART = 5 << 20
TARGET = "exports/demo/v1.0.0"
AWKWARD = (
    "a b+%c#?é😀&=~'(1)!$.jsonl",
    "topic=C++/x;y,z.jsonl",
    "日本語/empty.csv",
    "UPPER/lower.md",
    "x" * 120 + ".json",
)


class Place:
    """A storage's address with the settings to open it; it stays open until close()."""

    def __init__(self, url: str, settings: StorageSettings) -> None:
        self.url = url
        self.settings = settings
        self._opened = ExitStack()
        self._storage: Storage | None = None

    @property
    def storage(self) -> Storage:
        if self._storage is None:
            self._storage = self._opened.enter_context(open_storage(self.url, self.settings))
        return self._storage

    def close(self) -> None:
        self._opened.close()
        self._storage = None

    def objects(self) -> list[str]:
        """All keys."""
        return sorted(item.key for item in self.storage.list_objects(""))

    def content(self, key: str) -> bytes:
        found = self.storage.stat(key)
        assert found is not None, key
        return self.storage.read(key, 0, found.bytes)

    def put(self, key: str, content: bytes) -> None:
        """What somebody else, or a fault, leaves there."""
        put_bytes(self.storage, key, content)

    def upload(self, folder: Path, target: str = TARGET) -> Uploaded:
        return upload(self.storage, folder, target)

    def download(self, folder: Path, source: str = TARGET) -> Downloaded:
        return download_folder(self.storage, source, folder, lambda moved: None, parallel=4, part_bytes=PART)


def s3_place(server_url: str, **settings: object) -> Place:
    chosen = StorageSettings.model_validate({"endpoint_url": server_url, "part_mb": 5, "parallel": 4, **settings})
    return Place(f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}", chosen)


def upload(storage: Storage, folder: Path, target: str = TARGET, moves: list[Moved] | None = None) -> Uploaded:
    watch = (lambda moved: None) if moves is None else moves.append
    return upload_folder(folder, storage, target, watch, tool="test 1", parallel=4, part_bytes=PART)


def put_bytes(storage: Storage, key: str, content: bytes) -> None:
    storage.put(key, content, label_for(key, hashlib.sha256(content).hexdigest(), "", "", "test"))


def put_file(storage: Storage, key: str, path: Path) -> None:
    label = label_for(key, hashlib.sha256(path.read_bytes()).hexdigest(), "demo", "v1.0.0", "test")
    with ThreadPoolExecutor(3) as pool:
        storage.put(key, path, label, pool)


def make_export(folder: Path, files: Mapping[str, bytes], version: str = "v1.0.0", name: str = "demo") -> Path:
    """A folder with these files, manifest.json and manifest.sha256."""
    listed = {}
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        listed[path] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    write_manifest(folder, {"name": name, "version": version, "files": listed})
    return folder


def write_manifest(folder: Path, manifest: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")


def sample_files(seed: int = 0, large: int = 0) -> dict[str, bytes]:
    """Awkward names, an empty file, and with `large` a file of so many bytes."""
    source = random.Random(seed)
    files = {name: source.randbytes(1000 + 300 * place) for place, name in enumerate(AWKWARD)}
    files["日本語/empty.csv"] = b""
    if large:
        files["parquet/train-00000-of-00001.parquet"] = source.randbytes(large)
    return files


def read_back(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
