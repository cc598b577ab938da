"""Where a storage is: a path, file://, s3://bucket/prefix or gs://bucket/prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from src.errors import UsageError

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and
# https://cloud.google.com/storage/docs/buckets#naming (read 2026-11-21): the union of both.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
# A single letter before the colon is a drive of Windows.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A place that can hold many exports. `bucket` is empty for a folder; `prefix` has no slash at its ends."""

    scheme: str
    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """How people are told of it. It never holds a key."""
        if self.scheme == "file":
            return self.prefix
        return f"{self.scheme}://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")


def parse_address(url: str, schemes: Sequence[str] = ("file", "s3", "gs")) -> Address:
    """The address in `url`. Raises UsageError; a key in the address is refused and not repeated."""
    if not url.strip() or "\0" in url:
        raise UsageError("No storage is named; give a folder, s3://bucket/prefix or gs://bucket/prefix.")
    found = _SCHEME.fullmatch(url.strip())
    if found is None:
        return Address("file", "", str(Path(url.strip()).expanduser()))
    scheme, rest = found[1].lower(), found[2]
    scheme = {"gcs": "gs"}.get(scheme, scheme)
    if scheme not in schemes:
        raise UsageError(f"'{scheme}://' is no storage this program knows; use a folder, s3:// or gs://.")
    if scheme == "file":
        return Address("file", "", str(_file_path(rest)))
    return _bucket_address(scheme, rest)


def _file_path(rest: str) -> Path:
    host, slash, path = rest.partition("/")
    if host not in ("", "localhost"):
        raise UsageError("A file:// address names a folder of this machine: file:///path/to/folder.")
    plain = unquote(slash + path)
    # file:///C:/folder
    return Path(plain[1:] if re.match(r"/[A-Za-z]:", plain) else plain)


def _bucket_address(scheme: str, rest: str) -> Address:
    bucket, _, prefix = rest.partition("/")
    if "@" in bucket or ":" in bucket or "?" in rest:
        raise UsageError(
            f"A {scheme}:// address is {scheme}://bucket/prefix and no more; keys belong into the environment or .env."
        )
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(f"{scheme}://{bucket}: a bucket's name has 3 to 222 small letters, digits, '.', '_' and '-'.")
    parts = [part for part in prefix.split("/") if part]
    if any(part in (".", "..") for part in parts) or not prefix.isprintable():
        raise UsageError(f"{scheme}://{bucket}: the prefix may not hold '.', '..' or control characters as a part.")
    return Address(scheme, bucket, "/".join(parts))
