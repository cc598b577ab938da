"""Pack a JSONL file of any size into a training-ready dataset: compressed, indexed, every byte checked."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from src.errors import PackError, UsageError
from src.export.packing.container.codecs import CODECS
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_manifest import PackManifest, Source
from src.export.packing.writing.packed_output import PackedOutput, PackingChoices
from src.export.packing.writing.placing import FILES, REJECTS_SUFFIX, check_target, put_in_place, recover
from src.export.packing.writing.record_groups import RecordGroups
from src.export.packing.writing.rejects import Rejects
from src.persistence.durable_files import incomplete_path, sweep_incomplete

FRAME_RECORDS = 64
_LEAST_SHARD = 1 << 16
_MOST_SHARDS = 99_999
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed. `path` is the file or the folder of shards, `files` all that was written, the manifest last.

    `raw_bytes` are the bytes of the records as JSONL, `stored_bytes` those of all packed files. `rejected` lines of the
    source are in `rejects_path`.
    """

    path: Path
    files: tuple[Path, ...]
    compression: str
    records: int
    raw_bytes: int
    stored_bytes: int
    shards: int
    rejected: int
    rejects_path: Path | None
    source_sha256: str


class DatasetPacker:
    """Packs JSONL files. `on_progress` is told the bytes read and those in all, each 256 KiB."""

    def __init__(self, on_progress: Progress = lambda done, total: None) -> None:
        self._on_progress = on_progress

    def pack(
        self,
        input_path: Path | str,
        output_path: Path | str,
        compression: str = "lz4",
        validate: bool = True,
        *,
        shards: int | None = None,
        shard_bytes: int | None = None,
        skip_invalid: bool = False,
        level: int | None = None,
        frame_records: int = FRAME_RECORDS,
        overwrite: bool = False,
    ) -> Packed:
        """Pack the records of a JSONL file: one file at `output_path` or, with shards, a folder.

        Lines that are no JSON objects are refused with their numbers and reasons or, with `skip_invalid`, left out,
        counted and written to OUT.rejects.jsonl. With `validate` the result is read back and compared with the source
        before it gets its name. `shard_bytes` are bytes of JSONL. `level` is the compression's own (zstd 1
        to 19, LZ4 0 to 12); `frame_records` are unpacked together when one is asked for.

        What was there stays until the new one is complete. Raises UsageError for arguments that make no sense and for a
        target that exists (unless `overwrite`), PackError for malformed lines and for what cannot be read or written.
        """
        source, target = Path(input_path), Path(output_path)
        choices = PackingChoices(compression, level, frame_records, bool(shards or shard_bytes))
        try:
            recover(target)
            _check(source, target, choices, shards, shard_bytes, overwrite)
            size = source.stat().st_size
            with _workspace(target) as work:
                rejects = Rejects(work / "rejects" if skip_invalid else None)
                share = size / shards if shards else shard_bytes
                manifest = self._build(source, size, share, work, choices, rejects, target.name)
                if validate:
                    _check_built(work / FILES, manifest)
                return _publish(work, manifest, target, choices.sharded, rejects)
        except OSError as error:
            where = error.filename or target
            raise PackError(f"{where}: cannot be read or written: {error.strerror or error}.") from error

    def _build(
        self,
        source: Path,
        size: int,
        share: float | None,
        work: Path,
        choices: PackingChoices,
        rejects: Rejects,
        name: str,
    ) -> PackManifest:
        output = PackedOutput(work, choices)
        sha256, done = hashlib.sha256(), 0

        def on_block(block: bytes) -> None:
            nonlocal done
            sha256.update(block)
            done += len(block)
            self._on_progress(done, size)

        try:
            with source.open("rb", buffering=0) as stream:
                for group in RecordGroups(stream, on_block, rejects, choices.frame_records, share):
                    # Once a line is refused, the others are only checked.
                    if not rejects.count or rejects.kept:
                        output.add(group)
            if rejects.count and not rejects.kept:
                raise PackError(
                    f"{source}: {rejects.count:,} line(s) are no records: {rejects.told()}. Nothing was written; mend "
                    "them, or leave them out with --skip-invalid."
                )
            return output.finish(Source(source.name, done, sha256.hexdigest()), rejects.count, name)
        finally:
            output.abandon()
            rejects.close()


def _check(
    source: Path, target: Path, choices: PackingChoices, shards: int | None, shard_bytes: int | None, overwrite: bool
) -> None:
    """Raises UsageError for what makes no sense."""
    if choices.compression not in CODECS:
        raise UsageError(f"'{choices.compression}' is not a compression; use one of {', '.join(CODECS)}.")
    if not source.is_file():
        raise UsageError(f"{source} is not a file; name a JSONL file.")
    if shards and shard_bytes:
        raise UsageError("Either --shards or --shard-size, not both.")
    if shards is not None and not 1 <= shards <= _MOST_SHARDS:
        raise UsageError(f"{shards} shards cannot be made; choose 1 to {_MOST_SHARDS:,}.")
    if shard_bytes is not None and shard_bytes < _LEAST_SHARD:
        raise UsageError(f"A shard of {shard_bytes:,} bytes is too small; choose {_LEAST_SHARD:,} or more.")
    if not 1 <= choices.frame_records <= 4096:
        raise UsageError(f"{choices.frame_records} records a frame make no sense; choose 1 to 4096.")
    check_target(source, target, choices.sharded, overwrite)


@contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target; it is gone afterwards, whatever happens."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep_incomplete(target.parent)
    work = incomplete_path(target)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check_built(folder: Path, manifest: PackManifest) -> None:
    """Raises PackError when what comes back from the disk is not what was read."""
    import xxhash

    digest = xxhash.xxh3_128()
    for shard in manifest.shards:
        with closing(PackFile(folder / shard.file)) as file:
            for frame in range(file.frames):
                digest.update(file.raw(frame))
    if digest.hexdigest() != manifest.raw_xxh3:
        raise PackError(f"{folder}: what was written does not come back as it was; the disk or the memory is at fault.")


def _publish(work: Path, manifest: PackManifest, target: Path, sharded: bool, rejects: Rejects) -> Packed:
    rejected = rejects.close()
    rejects_path = target.with_name(target.name + REJECTS_SUFFIX)
    rejects_path.unlink(missing_ok=True)
    if rejected is not None:
        os.replace(rejected, rejects_path)
    files = put_in_place(work, manifest, target, sharded)
    return Packed(
        path=target,
        files=files,
        compression=manifest.compression,
        records=manifest.records,
        raw_bytes=manifest.raw_bytes,
        stored_bytes=sum(shard.bytes + (shard.index.bytes if shard.index else 0) for shard in manifest.shards),
        shards=len(manifest.shards),
        rejected=manifest.rejected,
        rejects_path=rejects_path if rejected is not None else None,
        source_sha256=manifest.source.sha256,
    )
