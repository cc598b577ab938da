"""Is what the writer noted of the records true? Counted anew from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.errors import PackError
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_manifest import PackManifest
from src.export.packing.verifying.pack_report import Check, Finder
from src.export.packing.writing.statistics import RecordStatistics

_COUNTED = {"record_bytes": "sizes of its records", "schema": "sampled keys and types"}


@dataclass(slots=True)
class MetadataCheck:
    """Takes the files of a packed dataset, and its manifest, when their records were read."""

    finder: Finder = field(default_factory=lambda: Finder("metadata"))

    def add(self, file: PackFile, statistics: RecordStatistics, before: int | None) -> None:
        """A file whose frames are all whole; `before` are the records of the shards before it, None when unknown."""
        try:
            noted = file.metadata()
        except PackError:
            return  # told by the check of the index
        where = str(file.path)
        self._compare(where, noted, statistics, file.codec)
        every = file.index.trailer.frame_records
        if every and noted.get("frame_records") != every:
            self.finder.fail(
                f"{where}: its metadata name {noted.get('frame_records')!r} records a frame; there are {every}"
            )
        if before is not None and noted.get("first_record") != before:
            self.finder.fail(
                f"{where}: its metadata number its first record {noted.get('first_record')!r}, not {before}"
            )

    def add_manifest(self, manifest: PackManifest, statistics: RecordStatistics) -> None:
        """The manifest of records that are all whole."""
        self._compare("the manifest", manifest.metadata, statistics, manifest.compression)

    def check(self) -> Check:
        return self.finder.check("sizes, keys and types of the records, counted again, are what was noted.")

    def _compare(self, where: str, noted: Mapping[str, Any], statistics: RecordStatistics, codec: str) -> None:
        if noted.get("compression") != codec:
            self.finder.fail(f"{where}: the metadata do not name its compression, {codec}")
        found = statistics.as_dict()
        for key, told in _COUNTED.items():
            if noted.get(key) != found[key]:
                self.finder.fail(f"{where}: the {told} in its metadata are not those counted")
