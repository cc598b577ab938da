"""One upload at a time for a version: a mark in the storage that says whose data lie there without a manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from src.errors import StorageError
from src.persistence.storage.storage import Label, MissingObjectError, Storage
from src.persistence.storage.storage_paths import StoragePaths


@contextmanager
def claimed(storage: Storage, target: str, manifest_sha256: str, tool: str) -> Iterator[None]:
    """Hold the claim on a version for this manifest; it is taken back when the block ends well.

    It stays after a failure, so that only the same export can go on there. Uploads of the same manifest share it:
    whatever they put is the same. Raises StorageError when another manifest holds it.
    """
    key = StoragePaths.claim(target)
    content = json.dumps({"manifest_sha256": manifest_sha256, "begun": int(time.time()), "tool": tool}).encode()
    label = Label(hashlib.sha256(content).hexdigest(), "application/json", "", "", tool)
    while not storage.put_new(key, content, label):
        holder = _holder(storage, key)
        if holder == manifest_sha256:
            storage.put(key, content, label)  # again, so that it is seen to be alive
            break
        if holder is not None:
            raise StorageError(
                f"{storage.url}/{target}: another export was being uploaded as this version and is not finished. Let "
                "it finish, remove what it left with `remote --clean`, or export again for a new version."
            )
    yield
    storage.delete(key)


def holds_claim(storage: Storage, target: str, manifest_sha256: str) -> bool:
    """Whether the claim on a version is still this manifest's."""
    return _holder(storage, StoragePaths.claim(target)) == manifest_sha256


def _holder(storage: Storage, key: str) -> str | None:
    """The manifest the claim is for; None when it has gone (its upload ended just now), "" when it says nothing."""
    found = storage.stat(key)
    if found is None:
        return None
    try:
        return str(json.loads(storage.read(key, 0, found.bytes))["manifest_sha256"])
    except MissingObjectError:
        return None  # it went between the two requests
    except (ValueError, KeyError, TypeError):
        return ""
