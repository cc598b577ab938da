"""A storage in an S3 bucket: AWS, or a host that speaks its language. Through s3fs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.persistence.storage.addresses import Address
from src.persistence.storage.hosts.retrying import TakenError, run_within, with_retries
from src.persistence.storage.hosts.s3_failures import explain_s3, import_s3fs, s3_exceptions
from src.persistence.storage.pieces import in_order, read_range, size_of, spans
from src.persistence.storage.storage import Label, MissingObjectError, StoredObject

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (read 2026-11-21)
_MOST_PARTS = 10_000
_CHECK_RETRIES = 2  # a wrong address should be told soon
T = TypeVar("T")


def open_s3_bucket(address: Address, settings: StorageSettings) -> S3Bucket:
    """The storage in a bucket. Raises UsageError when s3fs is missing."""
    return S3Bucket(address, settings)


class S3Bucket:
    """One request for an object of up to a part; larger ones are S3's multipart uploads, which appear when whole."""

    def __init__(self, address: Address, settings: StorageSettings) -> None:
        self._address = address
        self._part_bytes = settings.part_mb << 20
        self._parallel = settings.parallel
        self._retries = settings.retries
        self._timeout = settings.timeout
        self._caught = s3_exceptions()
        self._files = _connect(settings)

    @property
    def url(self) -> str:
        return self._address.url

    def check(self) -> None:
        self._call("list_objects_v2", _CHECK_RETRIES, Prefix=self._key(""), MaxKeys=1)

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        more: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Prefix=self._key(prefix), **more)
            for entry in page.get("Contents", []):
                key = entry["Key"].removeprefix(self._key(""))
                yield StoredObject(key, entry["Size"], entry["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def stat(self, key: str) -> StoredObject | None:
        try:
            head = self._call("head_object", Key=self._key(key))
        except MissingObjectError:
            return None
        recorded = head.get("Metadata", {}).get("sha256", "")
        return StoredObject(key, head["ContentLength"], head["LastModified"].timestamp(), recorded)

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
            body = read_range(source, 0, size)
            self._call("put_object", Key=self._key(key), Body=body, **_checksum(body), **_headers(label))
        else:
            self._put_parts(key, source, size, label, pool)

    def put_new(self, key: str, content: bytes, label: Label) -> bool:
        headers = {**_headers(label), **_checksum(content)}
        try:
            self._call("put_object", Key=self._key(key), Body=content, IfNoneMatch="*", **headers)
        except TakenError:
            return self._is_ours(key, label)  # when the answer to an earlier try was lost
        return True

    def delete(self, key: str) -> None:
        self._call("delete_object", Key=self._key(key))

    def remove_halves(self, before: float) -> int:
        page = self._call("list_multipart_uploads", Prefix=self._key(""))
        old = [half for half in page.get("Uploads", []) if half["Initiated"].timestamp() < before]
        for half in old:
            self._call("abort_multipart_upload", Key=half["Key"], UploadId=half["UploadId"])
        return len(old) + (self.remove_halves(before) if old and page.get("IsTruncated") else 0)

    def close(self) -> None:
        client = self._files._s3
        if client is not None:
            self._files.close_session(self._files.loop, client)

    def _put_parts(self, key: str, source: Path | bytes, size: int, label: Label, pool: Executor) -> None:
        place: dict[str, Any] = {"Key": self._key(key)}
        place["UploadId"] = self._call(
            "create_multipart_upload", Key=place["Key"], ChecksumAlgorithm="SHA256", **_headers(label)
        )["UploadId"]

        def send(numbered: tuple[int, tuple[int, int]]) -> dict[str, Any]:
            number, (start, length) = numbered
            body = read_range(source, start, length)
            checksum = _checksum(body)
            done = self._call("upload_part", PartNumber=number, Body=body, **checksum, **place)
            return {"PartNumber": number, "ETag": done["ETag"], **checksum}

        try:
            part_bytes = max(self._part_bytes, -(-size // _MOST_PARTS))
            parts = list(in_order(pool, send, enumerate(spans(size, part_bytes), start=1), self._parallel))
            self._complete(key, label, MultipartUpload={"Parts": parts}, **place)
        except BaseException:
            # What cannot be freed now, remove_halves finds later.
            with suppress(StorageError):
                self._call("abort_multipart_upload", 0, **place)
            raise

    def _complete(self, key: str, label: Label, **arguments: Any) -> None:
        try:
            self._call("complete_multipart_upload", **arguments)
        except MissingObjectError:
            if not self._is_ours(key, label):  # it is, when the answer to an earlier try was lost
                raise

    def _is_ours(self, key: str, label: Label) -> bool:
        stored = self.stat(key)
        return stored is not None and stored.sha256 == label.sha256

    def _call(self, method: str, retries: int | None = None, /, **arguments: Any) -> Any:
        def call() -> Any:
            size = len(arguments.get("Body", b""))
            request = self._files._call_s3
            return run_within(
                self._files, self._timeout, size, request, method, Bucket=self._address.bucket, **arguments
            )

        return self._tried(call, arguments.get("Key", ""), retries)

    def _tried(self, action: Callable[[], T], key: str, retries: int | None = None) -> T:
        def explain(error: Exception) -> StorageError:
            return explain_s3(error, self._address, key)

        return with_retries(action, self._caught, explain, self._retries if retries is None else retries)

    def _key(self, key: str) -> str:
        return f"{self._address.prefix}/{key}" if self._address.prefix else key


def _connect(settings: StorageSettings) -> Any:
    """An S3FileSystem that tries nothing again by itself: with_retries does."""
    options: dict[str, Any] = {
        "connect_timeout": min(10.0, settings.timeout),
        "read_timeout": settings.timeout,
        "retries": {"total_max_attempts": 1},
        "max_pool_connections": settings.parallel + 2,
        # Hosts that are not AWS may store the trailer of a checksum nobody asked for as content.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    if settings.endpoint_url:
        options["s3"] = {"addressing_style": "path"}
    files = import_s3fs().S3FileSystem(
        anon=settings.anonymous,
        endpoint_url=settings.endpoint_url or None,
        client_kwargs={"region_name": settings.region} if settings.region else {},
        config_kwargs=options,
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    files.retries = 1
    return files


def _headers(label: Label) -> dict[str, Any]:
    return {"ContentType": label.content_type, "Metadata": label.metadata()}


def _checksum(body: bytes) -> dict[str, str]:
    """What the host compares the received bytes with."""
    return {"ChecksumSHA256": base64.b64encode(hashlib.sha256(body).digest()).decode()}
