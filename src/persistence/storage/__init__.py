"""Places that keep finished exports: a folder, an S3 or a Google Cloud Storage bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from src.config.settings import StorageSettings
from src.persistence.storage.addresses import Address, parse_address
from src.persistence.storage.hosts.gcs import open_gcs_bucket
from src.persistence.storage.hosts.local_folder import open_folder
from src.persistence.storage.hosts.s3 import open_s3_bucket
from src.persistence.storage.storage import Storage

STORAGES: Mapping[str, Callable[[Address, StorageSettings], Storage]] = {
    "file": open_folder,
    "s3": open_s3_bucket,
    "gs": open_gcs_bucket,
}


@contextmanager
def open_storage(url: str, settings: StorageSettings) -> Iterator[Storage]:
    """The storage at a folder's path, file://, s3:// or gs:// address, closed afterwards.

    Raises UsageError for an address that is none or whose library is missing, StorageError when it cannot be reached.
    """
    address = parse_address(url, tuple(STORAGES))
    storage = STORAGES[address.scheme](address, settings)
    try:
        storage.check()
        yield storage
    finally:
        storage.close()
