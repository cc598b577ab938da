"""The files of a packed dataset, built in a hidden folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from src.export.packing.container.codecs import codec_named
from src.export.packing.container.pack_manifest import IndexFile, PackManifest, Shard, Source
from src.export.packing.container.pack_parts import INDEX_SUFFIX
from src.export.packing.container.pack_writer import PackWriter, WrittenFile
from src.export.packing.writing.placing import FILES
from src.export.packing.writing.record_groups import Group
from src.export.packing.writing.statistics import RecordStatistics
from src.version import VERSION

SUFFIXES = {"none": ".jsonl", "lz4": ".jsonl.lz4", "zstd": ".jsonl.zst"}


@dataclass(frozen=True, slots=True)
class PackingChoices:
    """How a dataset is packed."""

    compression: str
    level: int | None
    frame_records: int
    sharded: bool


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
        self._current().add(group.lengths, group.raw)
        self._raw_xxh3.update(group.raw)
        self._statistics.add(group.lengths, group.first, group.raw.endswith(b"\n"))
        if self._choices.sharded:
            self._shard_statistics.add(group.lengths, group.first, group.raw.endswith(b"\n"))

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
        data, *index = writer.finish(json.dumps(metadata).encode())
        self._shards.append(_shard_of(writer, data, index, metadata["first_record"]))
        self._writer, self._shard_statistics = None, RecordStatistics()

    def _metadata(self, statistics: RecordStatistics) -> dict[str, Any]:
        return {
            "tool": {"name": "Fine-Tuning Dataset Builder", "version": VERSION},
            "compression": self._choices.compression,
            "level": self._codec.level,
            "frame_records": self._choices.frame_records,
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


def _shard_of(writer: PackWriter, data: WrittenFile, index: list[WrittenFile], first: int) -> Shard:
    beside = IndexFile(index[0].path.name, index[0].bytes, index[0].sha256) if index else None
    return Shard(
        file=data.path.name,
        bytes=data.bytes,
        sha256=data.sha256,
        records=writer.records,
        frames=writer.frames,
        first_record=first,
        raw_bytes=writer.raw_bytes,
        trailer_xxh3=f"{writer.trailer_xxh3:016x}",
        index=beside,
    )
