"""python -m tests.providers.clients.batch.batch_in_a_process FOLDER URL COUNT: submit, then wait until killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.providers.clients.batch.sessions import requests, session


def main(folder: str, url: str, count: str) -> None:
    def wait(seconds: float) -> None:
        print("waiting", flush=True)
        time.sleep(600)

    with session(Path(folder), url, sleep=wait) as run:
        run.ask(requests(int(count)))


if __name__ == "__main__":
    main(*sys.argv[1:])
