"""A process to be killed: python transfer_child.py push|pull URL FOLDER ENDPOINT. It says a line for each file."""

from __future__ import annotations

import sys
from pathlib import Path

from src.config.settings import StorageSettings
from src.persistence.storage import open_storage
from src.persistence.storage.transfers.downloading import download_folder
from src.persistence.storage.transfers.moved import Moved
from src.persistence.storage.transfers.uploading import upload_folder
from tests.persistence.storage.support import PART, TARGET


def say(moved: Moved) -> None:
    print(moved.stage, flush=True)


def main(verb: str, url: str, folder: str, endpoint: str) -> None:
    settings = StorageSettings(endpoint_url=endpoint, part_mb=5)
    with open_storage(url, settings) as storage:
        print("open", flush=True)
        if verb == "push":
            upload_folder(Path(folder), storage, TARGET, say, tool="t", parallel=3, part_bytes=PART)
        else:
            download_folder(storage, TARGET, Path(folder), say, parallel=3, part_bytes=PART)
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
