"""A storage in a Google Cloud Storage bucket. Through gcsfs, with the JSON API's own requests for what it lacks.

https://cloud.google.com/storage/docs/json_api/v1/objects (read 2026-11-21)
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.persistence.storage.addresses import Address
from src.persistence.storage.hosts.gcs_failures import connect_gcs, explain_gcs, gcs_exceptions
from src.persistence.storage.hosts.retrying import TakenError, run_within, with_retries
from src.persistence.storage.pieces import in_order, read_range, size_of, spans
from src.persistence.storage.storage import Label, MissingObjectError, StoredObject
from src.persistence.storage.storage_paths import INCOMPLETE

_MOST_COMPOSED = 32  # sources of one compose request
_CHECK_RETRIES = 2
T = TypeVar("T")


def open_gcs_bucket(address: Address, settings: StorageSettings) -> GcsBucket:
    """The storage in a bucket. Raises UsageError when gcsfs is missing, StorageError without credentials."""
    return GcsBucket(address, settings)


class GcsBucket:
    """One request for an object of up to a part; larger ones are put as parts elsewhere and composed at once."""

    def __init__(self, address: Address, settings: StorageSettings) -> None:
        self._address = address
        self._part_bytes = settings.part_mb << 20
        self._parallel = settings.parallel
        self._retries = settings.retries
        self._timeout = settings.timeout
        self._files = connect_gcs(address, settings)
        self._caught = gcs_exceptions()

    @property
    def url(self) -> str:
        return self._address.url

    def check(self) -> None:
        self._list_page({"prefix": self._key(""), "maxResults": "1"}, _CHECK_RETRIES)

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        query = {"prefix": self._key(prefix)}
        while True:
            page = self._list_page(query)
            yield from (self._described(entry) for entry in page.get("items", []))
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = page["nextPageToken"]

    def stat(self, key: str) -> StoredObject | None:
        try:
            return self._described(self._ask("GET", "b/{}/o/{}", key, json_out=True))
        except MissingObjectError:
            return None

    def read(self, key: str, start: int, length: int) -> bytes:
        if not length:
            return b""
        path = f"{self._address.bucket}/{self._key(key)}"

        def fetch() -> bytes:
            end = start + length
            return bytes(
                run_within(self._files, self._timeout, length, self._files._cat_file, path, start=start, end=end)
            )

        return self._tried(fetch, key)

    def put(self, key: str, source: Path | bytes, label: Label, pool: Executor | None = None) -> None:
        size = size_of(source)
        if size <= self._part_bytes or pool is None:
            self._put_whole(key, read_range(source, 0, size), label)
        else:
            self._put_parts(key, source, size, label, pool)

    def put_new(self, key: str, content: bytes, label: Label) -> bool:
        try:
            self._put_whole(key, content, label, ifGenerationMatch="0")
        except TakenError:
            stored = self.stat(key)  # ours, when the answer to an earlier try was lost
            return stored is not None and stored.sha256 == label.sha256
        return True

    def delete(self, key: str) -> None:
        with suppress(MissingObjectError):
            self._ask("DELETE", "b/{}/o/{}", key)

    def remove_halves(self, before: float) -> int:
        return 0  # parts are objects below INCOMPLETE, which is swept as such

    def close(self) -> None:
        if self._files.session is not None:
            from fsspec.asyn import sync

            sync(self._files.loop, self._files.session.close)

    def _put_whole(self, key: str, content: bytes, label: Label, **conditions: str) -> None:
        """One multipart/related request; Google compares the content with the MD5 before the object appears."""
        about = {
            "name": self._key(key),
            "contentType": label.content_type,
            "metadata": label.metadata(),
            "md5Hash": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
        }
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(about)}\r\n"
            f"--{boundary}\r\nContent-Type: {label.content_type}\r\n\r\n"
        )
        url = f"{self._files._location}/upload/storage/v1/b/{quote(self._address.bucket)}/o"
        headers = {"Content-Type": f"multipart/related; boundary={boundary}"}
        data = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()

        def send() -> None:
            # A stream and not bytes: aiohttp sends large bytes in one go, and everything else waits.
            body = io.BytesIO(data)
            self._request(len(data), "POST", url, uploadType="multipart", headers=headers, data=body, **conditions)

        self._tried(send, key)

    def _put_parts(self, key: str, source: Path | bytes, size: int, label: Label, pool: Executor) -> None:
        folder = f"{INCOMPLETE}/{key}/{secrets.token_hex(4)}"
        made: list[str] = []

        def send(numbered: tuple[int, tuple[int, int]]) -> str:
            number, (start, length) = numbered
            name = f"{folder}/part-{number:06}"
            made.append(name)
            self._put_whole(name, read_range(source, start, length), label)
            return name

        try:
            parts = list(in_order(pool, send, enumerate(spans(size, self._part_bytes)), self._parallel))
            while len(parts) > _MOST_COMPOSED:
                groups = [parts[begin : begin + _MOST_COMPOSED] for begin in range(0, len(parts), _MOST_COMPOSED)]
                names = [f"{group[0]}+" for group in groups]
                made += names
                parts = [self._compose(name, group, label) for name, group in zip(names, groups, strict=True)]
            self._compose(key, parts, label)
        finally:
            # What cannot be removed now is below INCOMPLETE, where the sweep finds it.
            with suppress(StorageError):
                list(in_order(pool, self.delete, made, self._parallel))

    def _compose(self, key: str, parts: Sequence[str], label: Label) -> str:
        about = {
            "sourceObjects": [{"name": self._key(part)} for part in parts],
            "destination": {"contentType": label.content_type, "metadata": label.metadata()},
        }
        self._ask("POST", "b/{}/o/{}/compose", key, json=about)
        return key

    def _list_page(self, query: dict[str, str], retries: int | None = None) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            page: dict[str, Any] = self._request(0, "GET", "b/{}/o", self._address.bucket, json_out=True, **query)
            return page

        try:
            return self._tried(ask, "", retries)
        except MissingObjectError as error:
            raise StorageError(f"{self.url}: there is no such bucket; create it or correct the address.") from error

    def _described(self, entry: dict[str, Any]) -> StoredObject:
        changed = datetime.fromisoformat(entry["updated"].replace("Z", "+00:00")[:19] + "+00:00")
        recorded = (entry.get("metadata") or {}).get("sha256", "")
        name = entry["name"].removeprefix(self._key(""))
        return StoredObject(name, int(entry["size"]), changed.timestamp(), recorded)

    def _ask(self, method: str, path: str, key: str, /, **arguments: Any) -> Any:
        """A request about one object."""
        return self._tried(
            lambda: self._request(0, method, path, self._address.bucket, self._key(key), **arguments), key
        )

    def _request(self, moved: int, *arguments: Any, **more: Any) -> Any:
        return run_within(self._files, self._timeout, moved, self._files._call, *arguments, **more)

    def _tried(self, action: Callable[[], T], key: str, retries: int | None = None) -> T:
        def explain(error: Exception) -> StorageError:
            return explain_gcs(error, self._address, key)

        return with_retries(action, self._caught, explain, self._retries if retries is None else retries)

    def _key(self, key: str) -> str:
        return f"{self._address.prefix}/{key}" if self._address.prefix else key
