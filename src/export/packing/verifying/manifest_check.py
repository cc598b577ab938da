"""Is every file the one the manifest tells of, and the whole what was packed?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from src.export.manifests.folder_listing import list_folder, shown
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_manifest import MANIFEST_NAME, PackManifest, Shard
from src.export.packing.verifying.pack_report import Check, Finder
from src.export.packing.verifying.record_check import RecordCheck

_PIECE = 1 << 20


@dataclass(slots=True)
class ManifestCheck:
    """Holds the files of a packed dataset to its manifest. `on_bytes` is told the bytes that were read."""

    manifest: PackManifest
    path: Path
    on_bytes: Callable[[int], None]
    told: Finder = field(default_factory=lambda: Finder("manifest"))
    files: Finder = field(default_factory=lambda: Finder("file checksums"))
    bytes: int = 0

    def check_text(self) -> None:
        """The manifest itself: its bytes are those this program writes for what it says."""
        if self.path.read_bytes() != self.manifest.as_json():
            self.told.fail(f"{self.path}: is not as this program writes it; it was edited")

    def add(self, shard: Shard, path: Path, file: PackFile | None) -> None:
        """A file that the manifest lists as `shard`; `file` is None where it cannot be opened."""
        if shard.file != path.name:
            self.told.warn(f"{self.path}: tells of '{shard.file}'; the file was renamed to {path.name}")
        if file is not None:
            facts = (file.records, file.frames, file.raw_bytes, file.codec)
            if facts != (shard.records, shard.frames, shard.raw_bytes, self.manifest.compression):
                self.told.fail(f"{path}: has not the records, frames and bytes that the manifest notes")
        self._hash(path, shard.bytes, shard.sha256)
        if shard.index is not None:
            self._hash(path.with_name(path.name + ".idx"), shard.index.bytes, shard.index.sha256)
        if (shard.index is not None) != (self.manifest.compression == "none"):
            self.told.fail(f"{path}: the manifest is wrong about the index beside it")

    def compare_records(self, records: RecordCheck) -> None:
        """All records against the digests of the packed ones, and of the source where nothing was left out."""
        manifest = self.manifest
        if not records.whole:
            return
        if records.xxh3.hexdigest() != manifest.raw_xxh3 or records.done != manifest.raw_bytes:
            self.told.fail("the records are not those that were packed (xxh3-128 of all)")
        source = manifest.source
        if not manifest.rejected and (records.sha256.hexdigest(), records.done) != (source.sha256, source.bytes):
            self.told.fail(f"the records are not the lines of {shown(source.name)} (SHA-256 of the source)")

    def checks(self, whole: bool) -> list[Check]:
        left_out = f", {self.manifest.rejected:,} lines of which were left out" if self.manifest.rejected else ""
        same = "the same lines, by their SHA-256" if not left_out else "the records packed, by their xxh3-128"
        compared = same if whole else "not compared, because some could not be read"
        fine = f"{self.manifest.records:,} records of {shown(self.manifest.source.name)}{left_out}: {compared}."
        return [self.told.check(fine), self.files.check(f"{self.bytes:,} bytes have the SHA-256 of the manifest.")]

    def _hash(self, path: Path, size: int, sha256: str) -> None:
        digest, found = hashlib.sha256(), 0
        try:
            for piece in _pieces(path):
                digest.update(piece)
                found += len(piece)
                self.on_bytes(len(piece))
        except OSError as error:
            self.files.fail(f"{path}: cannot be read: {error.strerror or error}")
            return
        self.bytes += found
        if found != size:
            self.files.fail(f"{path}: has {found:,} bytes instead of {size:,}")
        elif digest.hexdigest() != sha256:
            self.files.fail(f"{path}: was changed (SHA-256)")


def other_files(folder: Path, manifest: PackManifest) -> Check:
    """What lies in a folder of shards and is not part of the dataset."""
    finder = Finder("other files")
    own = {MANIFEST_NAME, *(shard.file for shard in manifest.shards)}
    own |= {shard.index.file for shard in manifest.shards if shard.index}
    files, odd = list_folder(folder)
    for name in sorted((files | set(odd)) - own):
        finder.warn(f"{shown(name)} is not part of the dataset{odd.get(name, '')}")
    return finder.check("there are none.")


def _pieces(path: Path) -> Iterator[bytes]:
    if not path.is_file():
        raise FileNotFoundError(2, "there is no such file")
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
