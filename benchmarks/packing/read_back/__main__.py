"""Packed files in front of other people's readers: python -m benchmarks.packing.read_back

Each library in an environment of its own, kept in the cache. Exits 1 when one reads other records than were packed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.packing.chats.records import write_records
from benchmarks.packing.read_back.read_one import digest
from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError, python_for
from src.export.packing.container.layout import CODEC_NUMBERS
from src.export.packing.dataset_packer import DatasetPacker

RECORDS = 2_000
_SUFFIXES = {"none": ".jsonl", "lz4": ".jsonl.lz4", "zstd": ".jsonl.zst"}


@dataclass(frozen=True)
class Reader:
    """A library and the compressions it is to read. Without requirements it is a program of the system."""

    name: str
    compressions: tuple[str, ...]
    requirements: tuple[str, ...] = ()


READERS = (
    Reader("zstd", ("zstd",)),
    Reader("lz4", ("lz4",)),
    Reader("pyzstd", ("zstd",), ("pyzstd==0.20.0",)),
    Reader("backports.zstd", ("zstd",), ("backports.zstd==1.8.0",)),
    Reader("zstandard", ("zstd",), ("zstandard==0.25.0",)),
    Reader("lz4.frame", ("lz4",), ("lz4==4.4.5",)),
    Reader("pandas", ("none", "zstd"), ("pandas==3.1.1", "zstandard==0.25.0")),
    Reader("polars", ("none", "zstd"), ("polars==2.1.0",)),
    Reader("pyarrow", ("none", "lz4", "zstd"), ("pyarrow==26.0.1",)),
    Reader("duckdb", ("none", "zstd"), ("duckdb==2.0.0",)),
    Reader("datasets", ("none", "lz4", "zstd"), ("datasets==5.2.0", "zstandard==0.25.0", "lz4==4.4.5")),
)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="read-back-") as name:
        folder = Path(name)
        source = folder / "source"
        write_records(source, RECORDS)
        for compression in CODEC_NUMBERS:
            DatasetPacker().pack(source, folder / f"chats{_SUFFIXES[compression]}", compression)
        expected = digest(json.loads(line)["messages"] for line in source.read_bytes().splitlines())
        good = [_show(reader, folder, expected) for reader in READERS]
    return 0 if all(good) else 1


def _show(reader: Reader, folder: Path, expected: str) -> bool:
    try:
        found = _read(reader, folder)
    except NotInstalledError as error:
        print(f"{reader.name.ljust(16)} not here: {error}")
        return True
    good = True
    for path, one in found["files"].items():
        same = one.get("sha256") == expected
        good = good and same
        told = one.get("error") or f"{one['rows']:,} of {RECORDS:,} records, {'equal' if same else 'OTHER CONTENT'}"
        version = found["version"].splitlines()[0][:40].ljust(40)
        print(f"{reader.name.ljust(16)} {version} {Path(path).suffix.ljust(7)} {told}")
    return good


def _read(reader: Reader, folder: Path) -> dict[str, Any]:
    if not reader.requirements and shutil.which(reader.name) is None:
        raise NotInstalledError("the program is not installed")
    checker = Checker(reader.name, f"read-{reader.name.replace('.', '-')}", (), reader.requirements)
    python = python_for(checker) if reader.requirements else Path(sys.executable)
    paths = [str(folder / f"chats{_SUFFIXES[compression]}") for compression in reader.compressions]
    script = Path(__file__).with_name("read_one.py")
    env = {**os.environ, "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([python, script, reader.name, *paths], capture_output=True, text=True, env=env)
    if done.returncode:
        raise NotInstalledError(done.stderr.strip()[-200:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
