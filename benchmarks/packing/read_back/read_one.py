"""Read packed files with one library: python read_one.py LIBRARY PATH ... It runs where this program is not installed.

Prints a JSON object: version, and for each path its rows and the SHA-256 of all contents, or why it was not read.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from importlib.metadata import version


def command(*words):
    def read(path):
        done = subprocess.run([*words, path], capture_output=True, check=True)
        return [json.loads(line)["messages"] for line in done.stdout.splitlines()]

    return read


def opened(name, function="open"):
    def read(path):
        with getattr(importlib.import_module(name), function)(path, "rb") as lines:
            return [json.loads(line)["messages"] for line in lines]

    return read


def zstandard(path):
    import io

    import zstandard

    # Without read_across_frames it stops, silently, behind the first frame of any file.
    with open(path, "rb") as file:
        lines = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
        return [json.loads(line)["messages"] for line in lines]


def seekable(path):
    import pyzstd

    with pyzstd.SeekableZstdFile(path, "r") as file:
        file.seek(file.seek(0, 2) // 2)  # to the middle by its seek table, and back
        file.readline()
        file.seek(0)
        return [json.loads(line)["messages"] for line in file]


def pandas(path):
    import pandas

    kind = "zstd" if path.endswith(".zst") else None
    return list(pandas.read_json(path, lines=True, compression=kind)["messages"])


def polars(path):
    import polars

    return polars.read_ndjson(path)["messages"].to_list()


def pyarrow(path):
    import pyarrow.json
    from pyarrow import CompressedInputStream, OSFile

    stream = OSFile(path)
    for suffix, kind in ((".zst", "zstd"), (".lz4", "lz4")):
        if path.endswith(suffix):
            stream = CompressedInputStream(stream, kind)
    return pyarrow.json.read_json(stream)["messages"].to_pylist()


def duckdb(path):
    import duckdb

    kind = "zstd" if path.endswith(".zst") else "uncompressed"
    query = "select messages from read_json(?, format='newline_delimited', compression=?)"
    return [row[0] for row in duckdb.execute(query, [path, kind]).fetchall()]


def datasets(path):
    import datasets

    return list(datasets.load_dataset("json", data_files=path, split="train")["messages"])


READ = {
    "zstd": command("zstd", "-dcq"),
    "lz4": command("lz4", "-dcq"),
    "pyzstd": seekable,
    "backports.zstd": opened("backports.zstd"),
    "zstandard": zstandard,
    "lz4.frame": opened("lz4.frame"),
    "pandas": pandas,
    "polars": polars,
    "pyarrow": pyarrow,
    "duckdb": duckdb,
    "datasets": datasets,
}


def digest(messages):
    sha256 = hashlib.sha256()
    for turns in messages:
        for turn in turns:
            sha256.update(f"{turn['role']}\0{turn['content']}\0".encode())
    return sha256.hexdigest()


def result(read, path):
    try:
        messages = read(path)
        return {"rows": len(messages), "sha256": digest(messages)}
    except Exception as error:  # noqa: BLE001 - whatever a library says is what the table shows
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def main(name, paths):
    try:
        about = version(name.partition(".frame")[0])
    except ImportError:
        about = subprocess.run([name, "--version"], capture_output=True, text=True).stdout.strip()
    print(json.dumps({"version": about, "files": {path: result(READ[name], path) for path in paths}}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
