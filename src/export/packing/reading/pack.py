"""All files of a packed dataset as one: records and frames are numbered through."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, overload

from src.errors import PackError
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_manifest import (
    MANIFEST_NAME,
    MANIFEST_SUFFIX,
    PackManifest,
    read_pack_manifest,
    replaced_path,
)

# A mapped file costs a file handle, of which a process has often no more than 1,024.
_MOST_OPEN = 60


def open_pack(path: Path | str) -> Pack:
    """Open a packed file, a folder of shards, or the manifest of either; constant time, whatever the size.

    Raises PackError when it is not one, is cut off, or was made by a newer version of this program.
    """
    chosen = Path(path)
    if chosen.name.endswith(MANIFEST_SUFFIX):
        chosen = chosen.with_name(chosen.name.removesuffix(MANIFEST_SUFFIX))
    elif chosen.name == MANIFEST_NAME:
        chosen = chosen.parent
    if not chosen.exists() and replaced_path(chosen).is_dir():
        chosen = replaced_path(chosen)
    if chosen.is_dir():
        return Pack(chosen, read_pack_manifest(chosen / MANIFEST_NAME))
    if not chosen.exists():
        raise PackError(f"{chosen}: there is no such file; name a packed file or a folder of shards.")
    return Pack(chosen)


class Pack:
    """A packed dataset, open for reading. Frames are verified when first touched; nothing is ever read unverified.

    Can be pickled (the copy opens the files again), used by several threads and after a fork.
    """

    def __init__(self, path: Path, manifest: PackManifest | None = None, identity: tuple[int, ...] = ()) -> None:
        self.path, self.manifest = path, manifest
        self._names = [path] if manifest is None else [path / shard.file for shard in manifest.shards]
        self._files: list[PackFile | None] = [None] * len(self._names)
        self._opened: deque[int] = deque()
        if manifest is None:
            only = self._file(0)
            counts, frames = [only.records], [only.frames]
            self.raw_bytes, self.codec = only.raw_bytes, only.codec
        else:
            counts = [shard.records for shard in manifest.shards]
            frames = [shard.frames for shard in manifest.shards]
            self.raw_bytes, self.codec = manifest.raw_bytes, manifest.compression
        self._records = [0, *accumulate(counts)]
        self._frames = [0, *accumulate(frames)]
        self._only = self._file(0) if len(self._names) == 1 else None
        if identity and identity != self.identity:
            raise PackError(f"{path}: was replaced by another packed dataset since it was opened; open it again.")

    @property
    def frames(self) -> int:
        return self._frames[-1]

    @property
    def shards(self) -> Sequence[PackFile]:
        """All files; each is opened when it is taken."""
        return _Shards(self._file, len(self._names))

    @property
    def metadata(self) -> dict[str, Any]:
        """What the writer noted: of the whole dataset where there is a manifest, of the file where there is none."""
        return self._file(0).metadata() if self.manifest is None else dict(self.manifest.metadata)

    @property
    def identity(self) -> tuple[int, ...]:
        """A digest of what the dataset holds: of the files that are open for one, of the manifest for shards."""
        return (self._file(0).identity,) if self.manifest is None else (_hash_of(self.manifest),)

    def __len__(self) -> int:
        return self._records[-1]

    def frame_of(self, record: int) -> int:
        """The frame a record (0 to len - 1) is in."""
        if self._only is not None:
            return self._only.index.frame_of(record)
        shard = bisect_right(self._records, record) - 1
        return self._frames[shard] + self._file(shard).index.frame_of(record - self._records[shard])

    def first_record(self, frame: int) -> int:
        """The first record of a frame; their number for the frame behind the last."""
        shard, inside = self._place(frame)
        return len(self) if shard == len(self._names) else self._records[shard] + self._file(shard).index.first(inside)

    def records_in(self, frame: int) -> int:
        """How many records a frame has."""
        return self.first_record(frame + 1) - self.first_record(frame)

    def lines(self, frame: int) -> list[bytes]:
        """The records of a verified frame, without newlines, in order."""
        shard, inside = self._place(frame)
        return self._file(shard).lines(inside)

    def raw(self, frame: int) -> bytes:
        """A verified frame as JSONL: its records with their newlines."""
        shard, inside = self._place(frame)
        return self._file(shard).raw(inside)

    def check(self, frame: int) -> int:
        """Verify a frame at the least cost; its bytes as JSONL. Raises PackError."""
        shard, inside = self._place(frame)
        return self._file(shard).check(inside)

    def is_exact(self, frame: int) -> bool:
        """Whether a frame's lines may hold integers that only the exact decoder reads right."""
        shard, inside = self._place(frame)
        return self._file(shard).index.entry(inside).exact

    def decode(self, frame: int, line: bytes) -> Any:
        """A line's value as the standard library reads it. Raises PackError when it is not JSON."""
        shard, inside = self._place(frame)
        return self._file(shard).decode(inside, line)

    def values(self, frame: int) -> Iterator[Any]:
        """The decoded records of a frame."""
        shard, inside = self._place(frame)
        return self._file(shard).values(inside)

    def line(self, record: int) -> bytes:
        """One record's bytes, without the newline."""
        shard, inside = self._record_place(record)
        return self._file(shard).line(inside)

    def value(self, record: int) -> Any:
        """One record, decoded."""
        if self._only is not None:
            return self._only.value(record)
        shard, inside = self._record_place(record)
        return self._file(shard).value(inside)

    def close(self) -> None:
        """Close all files."""
        for file in self._files:
            if file is not None:
                file.close()
        self._files = [None] * len(self._names)
        self._opened.clear()

    def __enter__(self) -> Pack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self.path.absolute()), self.identity)

    def _place(self, frame: int) -> tuple[int, int]:
        if self._only is not None and frame < self._frames[-1]:
            return 0, frame
        shard = bisect_right(self._frames, frame) - 1
        return shard, frame - self._frames[shard]

    def _record_place(self, record: int) -> tuple[int, int]:
        shard = bisect_right(self._records, record) - 1
        return shard, record - self._records[shard]

    def _file(self, shard: int) -> PackFile:
        file = self._files[shard]
        if file is None:
            self._check_inside(shard)
            file = PackFile(self._names[shard])
            self._check_counts(shard, file)
            self._files[shard] = file
            self._opened.append(shard)
            if len(self._opened) > _MOST_OPEN:
                # It closes when nobody uses it any more, in whatever thread.
                self._files[self._opened.popleft()] = None
        return file

    def _check_inside(self, shard: int) -> None:
        if self.manifest is not None and self._names[shard].resolve().parent != self.path.resolve():
            raise PackError(f"{self._names[shard]}: is a link that leads out of its folder; copy the file instead.")

    def _check_counts(self, shard: int, file: PackFile) -> None:
        if self.manifest is None:
            return
        noted = self.manifest.shards[shard]
        facts = (noted.records, noted.frames, noted.trailer_xxh3, self.manifest.compression)
        if facts != (file.records, file.frames, f"{file.identity:016x}", file.codec):
            raise PackError(f"{file.path}: is not the shard that {MANIFEST_NAME} lists; it is of another packing.")


class _Shards(Sequence[PackFile]):
    def __init__(self, file: Callable[[int], PackFile], count: int) -> None:
        self._file, self._count = file, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> PackFile: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[PackFile]: ...
    def __getitem__(self, place: int | slice) -> PackFile | Sequence[PackFile]:
        shards = range(self._count)[place]
        return self._file(shards) if isinstance(shards, int) else [self._file(shard) for shard in shards]


def _hash_of(manifest: PackManifest) -> int:
    import xxhash

    return xxhash.xxh3_64_intdigest(manifest.as_json())


def _reopened(path: str, identity: tuple[int, ...]) -> Pack:
    with open_pack(path) as again:
        return Pack(again.path, again.manifest, identity)
