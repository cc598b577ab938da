"""The files of a packed dataset: built in a hidden folder, put in place when all are on the disk."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from src.export.packing.container.codecs import codec_named
from src.export.packing.container.pack_file import INDEX_SUFFIX
from src.export.packing.container.pack_manifest import (
    MANIFEST_NAME,
    MANIFEST_SUFFIX,
    IndexFile,
    PackManifest,
    Shard,
    Source,
)
from src.export.packing.container.pack_writer import PackWriter, WrittenFile
from src.export.packing.record_groups import Group
from src.export.packing.statistics import RecordStatistics
from src.persistence.durable_files import incomplete_path, sync_folder
from src.version import VERSION

SUFFIXES = {"none": ".jsonl", "lz4": ".jsonl.lz4", "zstd": ".jsonl.zst"}
REJECTS_SUFFIX = ".rejects.jsonl"
FILES = "files"


@dataclass(frozen=True, slots=True)
class PackingChoices:
    """How a dataset is packed."""

    compression: str
    level: int | None
    frame_records: int
    sharded: bool

    def as_dict(self) -> dict[str, Any]:
        return {"compression": self.compression, "level": self.level, "frame_records": self.frame_records}


class PackedOutput:
    """Shards in `work`, one after the other."""

    def __init__(self, work: Path, choices: PackingChoices) -> None:
        import xxhash

        # Final names are the user's: they share no folder with ours.
        self._folder, self._choices = work / FILES, choices
        self._folder.mkdir()
        self._codec = codec_named(choices.compression, choices.level)
        self._writer: PackWriter | None = None
        self._shard = 0
        self._shards: list[Shard] = []
        self._shard_statistics = RecordStatistics()
        self._statistics = RecordStatistics()
        self._raw_xxh3 = xxhash.xxh3_128()

    def add(self, group: Group) -> None:
        """Store a frame; the first one of another shard begins a new file."""
        if self._writer is not None and group.shard != self._shard:
            self._finish_shard()
        self._shard = group.shard
        self._current().add(group.lines, group.raw)
        self._raw_xxh3.update(group.raw)
        self._statistics.add(group.lines)
        if self._choices.sharded:
            self._shard_statistics.add(group.lines)

    def abandon(self) -> None:
        """Close what is open."""
        if self._writer is not None:
            self._writer.close()

    def finish(self, source: Source, rejected: int, single_name: str) -> PackManifest:
        """Write what is left; every file is on the disk then. A single file is called `single_name`."""
        self._current()
        self._finish_shard()
        names = self._names(single_name)
        shards = tuple(map(self._named, self._shards, names))
        return PackManifest(
            compression=self._choices.compression,
            records=sum(shard.records for shard in shards),
            frames=sum(shard.frames for shard in shards),
            raw_bytes=sum(shard.raw_bytes for shard in shards),
            raw_xxh3=self._raw_xxh3.hexdigest(),
            rejected=rejected,
            source=source,
            shards=shards,
            metadata=self._metadata(self._statistics),
        )

    def _current(self) -> PackWriter:
        if self._writer is None:
            path = self._folder / str(len(self._shards))
            index = path.with_name(path.name + INDEX_SUFFIX) if self._choices.compression == "none" else None
            self._writer = PackWriter(path, index, self._choices.compression, self._codec, self._choices.frame_records)
        return self._writer

    def _finish_shard(self) -> None:
        writer = self._current()
        statistics = self._shard_statistics if self._choices.sharded else self._statistics
        metadata = {**self._metadata(statistics), "first_record": sum(shard.records for shard in self._shards)}
        data, *index = writer.finish(json.dumps(metadata, ensure_ascii=False).encode())
        self._shards.append(_shard_of(writer, data, index, metadata["first_record"]))
        self._writer, self._shard_statistics = None, RecordStatistics()

    def _metadata(self, statistics: RecordStatistics) -> dict[str, Any]:
        return {
            "tool": {"name": "Fine-Tuning Dataset Builder", "version": VERSION},
            **self._choices.as_dict(),
            **statistics.as_dict(),
        }

    def _names(self, single_name: str) -> list[str]:
        if not self._choices.sharded:
            return [single_name]
        count, suffix = len(self._shards), SUFFIXES[self._choices.compression]
        return [f"{number:05d}-of-{count:05d}{suffix}" for number in range(count)]

    def _named(self, shard: Shard, name: str) -> Shard:
        """The shard under its final name, in the hidden folder still."""
        os.rename(self._folder / shard.file, self._folder / name)
        index = shard.index
        if index is not None:
            os.rename(self._folder / index.file, self._folder / (name + INDEX_SUFFIX))
            index = replace(index, file=name + INDEX_SUFFIX)
        return replace(shard, file=name, index=index)


def put_in_place(work: Path, manifest: PackManifest, target: Path, sharded: bool) -> tuple[Path, ...]:
    """Give the finished files in `work` their names at `target`; where each is then.

    A reader finds the old dataset or the new one. Only between the renames of a single file, its index and its manifest
    can it find a mixture, which it tells from a dataset by their checksums.
    """
    folder = work / FILES
    names = [
        *(shard.file for shard in manifest.shards),
        *(shard.index.file for shard in manifest.shards if shard.index),
    ]
    if sharded:
        _write(folder / MANIFEST_NAME, manifest.as_json())
        _swap_folder(folder, target)
        return *(target / name for name in names), target / MANIFEST_NAME
    _write(work / MANIFEST_NAME, manifest.as_json())
    final_manifest = target.with_name(target.name + MANIFEST_SUFFIX)
    # What says that the old file is whole goes first.
    for stale in (final_manifest, target.with_name(target.name + INDEX_SUFFIX)):
        stale.unlink(missing_ok=True)
    for name in names:
        os.replace(folder / name, target.with_name(name))
    os.replace(work / MANIFEST_NAME, final_manifest)
    sync_folder(target.parent)
    return *(target.with_name(name) for name in names), final_manifest


def _swap_folder(folder: Path, target: Path) -> None:
    sync_folder(folder)
    old = incomplete_path(target)
    if target.exists():
        os.rename(target, old)
    try:
        os.rename(folder, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _shard_of(writer: PackWriter, data: WrittenFile, index: list[WrittenFile], first: int) -> Shard:
    beside = IndexFile(index[0].path.name, index[0].bytes, index[0].sha256) if index else None
    return Shard(
        data.path.name, data.bytes, data.sha256, writer.records, writer.frames, first, writer.raw_bytes, beside
    )


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
