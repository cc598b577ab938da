"""The records of the bench, made once and kept under build/ until the generator or Python changes."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from benchmarks.packing.chats.records import write_records


def cached_records(folder: Path, records: int) -> tuple[Path, str]:
    """The file and its SHA-256."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    path = folder / f"chat-{records}-{digest.hexdigest()[:12]}.jsonl"
    noted = path.with_suffix(".sha256")
    if not noted.exists():
        print(f"  making {records:,} records in {path}", flush=True)
        noted_new, path_new = noted.with_suffix(".new"), path.with_suffix(".making")
        noted_new.write_text(write_records(path_new, records), "ascii")
        os.replace(path_new, path)
        os.replace(noted_new, noted)
    return path, noted.read_text("ascii")
