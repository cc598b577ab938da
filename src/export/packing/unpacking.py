"""Write the JSONL of a packed dataset back, byte for byte."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from src.errors import PackError, UsageError
from src.export.packing.container.pack_manifest import PackManifest, manifest_path, read_pack_manifest
from src.export.packing.reading.pack import Pack, open_pack
from src.persistence.durable_files import incomplete_path, sweep_incomplete, sync_folder

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was written to `path`. `same_as_source` is None where nothing says what the source was.

    That is so without a manifest, and where lines of the source were left out by the packing.
    """

    path: Path
    records: int
    bytes: int
    sha256: str
    same_as_source: bool | None


def unpack(
    path: Path | str,
    output_path: Path | str,
    *,
    overwrite: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> Unpacked:
    """Write the records of a packed file or folder of shards to a JSONL file, with the newlines they had.

    Every frame's checksum is verified, and the whole is compared with the manifest where there is one. The file gets
    its name when all is on the disk. `on_progress` is told the bytes written and those in all.

    Raises UsageError for a target that exists (unless `overwrite`) or is the packed file itself, PackError for whatever
    is damaged, differs from the source, or cannot be read or written; the target is as it was then.
    """
    target = Path(output_path)
    try:
        with open_pack(path) as pack:
            _check_target(pack, target, overwrite)
            manifest = pack.manifest or _manifest_beside(pack.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            sweep_incomplete(target.parent)
            return _unpack(pack, target, manifest, on_progress)
    except OSError as error:
        raise PackError(f"{error.filename or target}: cannot be written: {error.strerror or error}.") from error


def _check_target(pack: Pack, target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name the file to write.")
    if not target.exists():
        return
    if _belongs_to(pack, target):
        raise UsageError(f"{target} is the packed dataset itself; name another file to write.")
    if not overwrite:
        raise UsageError(f"{target}: there is a file of that name; name another, or allow it to be overwritten.")


def _belongs_to(pack: Pack, target: Path) -> bool:
    if pack.path.is_dir():
        return target.resolve().parent == pack.path.resolve()
    index = pack.path.with_name(pack.path.name + ".idx")
    return any(own.exists() and target.samefile(own) for own in (pack.path, index, manifest_path(pack.path)))


def _manifest_beside(packed: Path) -> PackManifest | None:
    beside = manifest_path(packed)
    return read_pack_manifest(beside) if beside.exists() else None


def _unpack(pack: Pack, target: Path, manifest: PackManifest | None, on_progress: Progress) -> Unpacked:
    work = incomplete_path(target)
    try:
        digests = _write(pack, work, on_progress)
        same = _compare(pack, manifest, digests)
        os.replace(work, target)
    finally:
        work.unlink(missing_ok=True)
    sync_folder(target.parent)
    return Unpacked(target, len(pack), digests.bytes, digests.sha256, same)


@dataclass(frozen=True, slots=True)
class _Digests:
    bytes: int
    sha256: str
    xxh3: str


def _write(pack: Pack, work: Path, on_progress: Progress) -> _Digests:
    import xxhash

    sha256, xxh3, done = hashlib.sha256(), xxhash.xxh3_128(), 0
    if shutil.disk_usage(work.parent).free < pack.raw_bytes:
        raise PackError(f"{work.parent}: has no room for the {pack.raw_bytes:,} bytes of {pack.path.name}.")
    with work.open("xb") as stream:
        for shard in pack.shards:
            for frame in range(shard.frames):
                raw = shard.raw(frame)
                stream.write(raw)
                sha256.update(raw)
                xxh3.update(raw)
                done += len(raw)
                if done > pack.raw_bytes:
                    raise PackError(f"{pack.path}: holds more than the {pack.raw_bytes:,} bytes that it declares.")
                on_progress(done, pack.raw_bytes)
        stream.flush()
        os.fsync(stream.fileno())
    return _Digests(done, sha256.hexdigest(), xxh3.hexdigest())


def _compare(pack: Pack, manifest: PackManifest | None, found: _Digests) -> bool | None:
    """Raises PackError when the records are not those the manifest tells of."""
    if found.bytes != pack.raw_bytes:
        raise PackError(f"{pack.path}: holds {found.bytes:,} bytes of records instead of {pack.raw_bytes:,}.")
    if manifest is None:
        return None
    whole = manifest.rejected == 0
    if found.xxh3 != manifest.raw_xxh3 or (whole and found.sha256 != manifest.source.sha256):
        raise PackError(
            f"{pack.path}: its records are not those of {manifest.source.name}, which its manifest names; the manifest "
            "is of another packing. Nothing was written; without the manifest it can be unpacked as it is."
        )
    return True if whole else None
