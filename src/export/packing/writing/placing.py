"""Where a packed dataset goes: what it may replace, and how it takes its place."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from src.errors import PackError, UsageError
from src.export.packing.container.pack_manifest import (
    MANIFEST_NAME,
    MANIFEST_SUFFIX,
    PackManifest,
    read_pack_manifest,
    replaced_path,
)
from src.export.packing.container.pack_parts import INDEX_SUFFIX, NEXT_INDEX_SUFFIX, open_parts
from src.persistence.durable_files import sync_folder

FILES = "files"
REJECTS_SUFFIX = ".rejects.jsonl"


def check_target(source: Path, target: Path, sharded: bool, overwrite: bool) -> None:
    """Raises UsageError where packing would overwrite what it should not."""
    there = [path for path in (target, *_side_files(target)) if path.exists()]
    if any(path.samefile(source) for path in there) or target.resolve() in source.resolve().parents:
        raise UsageError(f"{source} is the file to be packed and would be overwritten; name another one to write.")
    if there and (not overwrite or (target.exists() and target.is_dir() != sharded)):
        kind = "folder" if there[0].is_dir() else "file"
        raise UsageError(f"{there[0]}: there is a {kind} of that name; name another, or allow it to be overwritten.")
    if target.is_dir() and (foreign := _foreign_files(target)):
        raise UsageError(f"{target}: also holds {foreign[0]}, which is not of a packed dataset; name another folder.")


def recover(target: Path) -> None:
    """Complete what a killed process had begun: a folder comes back, an index takes the place it was meant for."""
    old = replaced_path(target)
    if old.is_dir() and not target.exists():
        os.rename(old, target)
    shutil.rmtree(old, ignore_errors=True)
    waiting = target.with_name(target.name + NEXT_INDEX_SUFFIX)
    if waiting.is_file() and _is_used(waiting, target):
        os.replace(waiting, target.with_name(target.name + INDEX_SUFFIX))
    waiting.unlink(missing_ok=True)


def _is_used(index: Path, packed: Path) -> bool:
    try:
        with closing(open_parts(packed)) as parts:
            return parts.index.path == index
    except PackError:
        return False


def put_in_place(work: Path, manifest: PackManifest, target: Path, sharded: bool) -> tuple[Path, ...]:
    """Give the finished files in `work` their names at `target`; where each is then.

    Readers find the old dataset or the new one at every moment, and so they do when this is cut short.
    """
    folder, manifest_content = work / FILES, manifest.as_json()
    if sharded:
        _write(folder / MANIFEST_NAME, manifest_content)
        names = [entry.name for entry in sorted(folder.iterdir())]
        _swap_folder(folder, target)
        return tuple(target / name for name in sorted(names, key=MANIFEST_NAME.__eq__))
    _write(work / MANIFEST_NAME, manifest_content)
    index, waiting, final_manifest = (
        target.with_name(target.name + suffix) for suffix in (INDEX_SUFFIX, NEXT_INDEX_SUFFIX, MANIFEST_SUFFIX)
    )
    # What says that the old file is whole goes first.
    final_manifest.unlink(missing_ok=True)
    if (folder / index.name).exists():
        os.replace(folder / index.name, waiting)
        sync_folder(target.parent)
        os.replace(folder / target.name, target)
        os.replace(waiting, index)
    else:
        os.replace(folder / target.name, target)
        index.unlink(missing_ok=True)
    os.replace(work / MANIFEST_NAME, final_manifest)
    sync_folder(target.parent)
    return tuple(path for path in (target, index, final_manifest) if path.exists())


def _side_files(target: Path) -> tuple[Path, ...]:
    """What may be written beside a packed file."""
    return tuple(target.with_name(target.name + suffix) for suffix in (INDEX_SUFFIX, MANIFEST_SUFFIX, REJECTS_SUFFIX))


def _foreign_files(folder: Path) -> list[str]:
    """What in a folder is not of one packed dataset: everything, unless its manifest can be read."""
    names = {entry.name for entry in folder.iterdir()}
    try:
        shards = read_pack_manifest(folder / MANIFEST_NAME).shards
    except PackError:
        return sorted(names)
    own = {shard.file for shard in shards} | {shard.index.file for shard in shards if shard.index}
    return sorted(names - own - {MANIFEST_NAME})


def _swap_folder(folder: Path, target: Path) -> None:
    sync_folder(folder)
    old = replaced_path(target)
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


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
