"""The manifest beside a packed file or among its shards: what was packed, and each file's SHA-256.

Read without pydantic, whose import alone would take longer than opening a dataset may.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

from src.errors import PackError
from src.export.packing.container.layout import FORMAT_VERSION

MANIFEST_NAME = "manifest.json"
MANIFEST_SUFFIX = ".manifest.json"
# 99,999 shards have a third of that.
_MOST_BYTES, _MOST_VALUES = 64 << 20, 1 << 22
_CHECKSUM = "manifest_xxh3"
_SHA256 = re.compile(r"[0-9a-f]{64}")
# In the manifest's own folder: no slash, no drive, no hidden file; nothing a terminal would obey.
_FILE_NAME = re.compile(r"[^./\\:\x00-\x1f\x7f][^/\\:\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Source:
    """The JSONL file that was packed."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class IndexFile:
    """The index beside a file that is not compressed."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shard:
    """One packed file. `first_record` counts through all shards; `trailer_xxh3` tells the file in constant time."""

    file: str
    bytes: int
    sha256: str
    records: int
    frames: int
    first_record: int
    raw_bytes: int
    trailer_xxh3: str
    index: IndexFile | None = None


@dataclass(frozen=True, slots=True)
class PackManifest:
    """What `manifest.json` says. `raw_xxh3` is the xxh3-128 of all records as JSONL, in hexadecimal.

    `rejected` lines of the source are not in the shards; `metadata` is the writer's.
    """

    compression: str
    records: int
    frames: int
    raw_bytes: int
    raw_xxh3: str
    rejected: int
    source: Source
    shards: tuple[Shard, ...]
    metadata: Mapping[str, Any]

    def as_json(self) -> bytes:
        """The same bytes for the same packing. `manifest_xxh3` is the xxh3-128 of all else, as compact JSON."""
        content = {"format": "packed-jsonl", "format_version": FORMAT_VERSION, **asdict(self)}
        # ASCII, because names and keys may hold what UTF-8 cannot.
        return json.dumps({**content, _CHECKSUM: _digest(content)}, indent=1).encode() + b"\n"


def manifest_path(packed: Path) -> Path:
    """Where the manifest of a packed file or of a folder of shards is."""
    return packed / MANIFEST_NAME if packed.is_dir() else packed.with_name(packed.name + MANIFEST_SUFFIX)


def replaced_path(folder: Path) -> Path:
    """Where a folder of shards is for the moment in which another one takes its place."""
    return folder.with_name(f".{folder.name}.replaced")


def read_pack_manifest(path: Path) -> PackManifest:
    """Raises PackError when it is missing (a packing was not finished), damaged, or of a newer version."""
    if not path.is_file():
        raise PackError(f"{path}: there is no manifest, so this is not a packed dataset, or its packing did not end.")
    try:
        content = json.loads(_read_limited(path))
        if not isinstance(content, dict) or content.get("format") != "packed-jsonl":
            raise PackError(f"{path}: is not the manifest of a packed dataset.")
        if _count(content["format_version"]) > FORMAT_VERSION:
            raise PackError(
                f"{path}: is of format version {content['format_version']}; this program reads up to {FORMAT_VERSION}. "
                "Update the program."
            )
        if content.pop(_CHECKSUM, "") != _digest(content) or not content["format_version"]:
            raise PackError(f"{path}: was changed: its checksum does not fit. Take a copy, or pack the source again.")
        manifest = _read(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackError(f"{path}: is damaged ({type(error).__name__}: {error}).") from error
    return manifest


def _read_limited(path: Path) -> bytes:
    if path.stat().st_size <= _MOST_BYTES:
        content = path.read_bytes()
        # Each becomes an object in memory, which is many times as large.
        if content.count(b",") + content.count(b"[") + content.count(b"{") <= _MOST_VALUES:
            return content
    raise PackError(f"{path}: is larger than any manifest.")


def _digest(content: Mapping[str, Any]) -> str:
    import xxhash

    return xxhash.xxh3_128_hexdigest(json.dumps(content, separators=(",", ":")).encode())


def _read(content: Mapping[str, Any]) -> PackManifest:
    manifest = PackManifest(
        compression=_text(content["compression"]),
        records=_count(content["records"]),
        frames=_count(content["frames"]),
        raw_bytes=_count(content["raw_bytes"]),
        raw_xxh3=_text(content["raw_xxh3"]),
        rejected=_count(content["rejected"]),
        source=Source(
            _text(content["source"]["name"]), _count(content["source"]["bytes"]), _sha256(content["source"]["sha256"])
        ),
        shards=tuple(map(_shard, content["shards"])),
        metadata=dict(content["metadata"]),
    )
    _check_sums(manifest)
    return manifest


def _shard(content: Mapping[str, Any]) -> Shard:
    index = content["index"]
    return Shard(
        file=_file_name(content["file"]),
        bytes=_count(content["bytes"]),
        sha256=_sha256(content["sha256"]),
        records=_count(content["records"]),
        frames=_count(content["frames"]),
        first_record=_count(content["first_record"]),
        raw_bytes=_count(content["raw_bytes"]),
        trailer_xxh3=_text(content["trailer_xxh3"]),
        index=None
        if index is None
        else IndexFile(_file_name(index["file"]), _count(index["bytes"]), _sha256(index["sha256"])),
    )


def _check_sums(manifest: PackManifest) -> None:
    first = 0
    for shard in manifest.shards:
        if shard.first_record != first:
            raise ValueError(f"{shard.file} begins with record {shard.first_record}, not {first}")
        first += shard.records
    names = [shard.file for shard in manifest.shards] + [shard.index.file for shard in manifest.shards if shard.index]
    if len(set(names)) != len(names):
        raise ValueError("a file is listed twice")
    sums = (first, sum(shard.frames for shard in manifest.shards), sum(shard.raw_bytes for shard in manifest.shards))
    if sums != (manifest.records, manifest.frames, manifest.raw_bytes) or not manifest.shards:
        raise ValueError("the shards do not add up to the whole")


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{shortened(value)} is not a count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shortened(value)} is not a text")
    return value


def _sha256(value: Any) -> str:
    if not _SHA256.fullmatch(_text(value)):
        raise ValueError(f"{shortened(value)} is not a SHA-256")
    return str(value)


def _file_name(value: Any) -> str:
    if not _FILE_NAME.fullmatch(_text(value)):
        raise ValueError(f"{shortened(value)} is not the name of a file beside the manifest")
    return str(value)
