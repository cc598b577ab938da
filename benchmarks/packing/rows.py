"""The rows of the table: what each contender needs, and how often it is measured."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import python_for

ROUNDS = 5
_PLACE = "benchmarks.packing.contenders"
_WITH_ORJSON = "orjson==3.13.0"


@dataclass(frozen=True)
class Row:
    """`requirements` are installed into an environment of their own; without any, ours has what is needed.

    `rounds` of all measurements. `absent` says why it is left out.
    """

    name: str
    kind: str
    rounds: int = ROUNDS
    requirements: tuple[str, ...] = ()
    absent: str = ""
    ours: bool = False

    @property
    def target(self) -> str:
        return f"{_PLACE}.{self.kind}"

    @property
    def folder(self) -> str:
        return self.kind.rpartition(":")[2].lower()

    def python(self) -> Path:
        """The interpreter that has it. Raises NotInstalledError."""
        if not self.requirements:
            return Path(sys.executable)
        return python_for(Checker(self.name, f"packing-{self.folder}", (), self.requirements))


STDLIB, ORJSON, FLOOR = "JSONL, stdlib json", "JSONL, orjson", "(floor: decode texts, build dicts)"
OURS = {"none": "ours, none", "lz4": "ours, LZ4", "zstd": "ours, ZSTD"}

ROWS = (
    Row(STDLIB, "plain:StdlibJson"),
    Row(ORJSON, "plain:Orjson"),
    Row(OURS["none"], "ours:PackedNone", ours=True),
    Row(OURS["lz4"], "ours:PackedLz4", ours=True),
    Row(OURS["zstd"], "ours:PackedZstd", ours=True),
    Row(FLOOR, "plain:Floor"),
    Row("JSONL, msgspec typed structs", "plain:Msgspec", 2),
    Row("one zstd stream, orjson", "plain:WholeZstd", 2),
)
PEERS = (
    Row("Parquet, zstd and page CRC", "tables:Parquet", 1),
    Row("Arrow IPC, mapped", "tables:ArrowIpc", 1),
    Row("HF datasets", "tables:HuggingFace", 1, ("datasets==5.2.0",)),
    Row("LMDB", "stores:Lmdb", 1, ("lmdb==3.0.0", _WITH_ORJSON)),
    Row("SQLite", "stores:Sqlite", 1),
    Row("ArrayRecord, zstd, groups of 64", "stores:ArrayRecord", 1, ("array-record==0.8.6", _WITH_ORJSON)),
    Row("TFRecord, package tfrecord", "stores:TFRecord", 1, ("tfrecord==1.14.6", _WITH_ORJSON)),
    Row("mosaicml-streaming MDS", "", absent="it needs torch and torchvision, 4 GB with CUDA"),
)
