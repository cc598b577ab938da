"""Is a packed dataset whole, and is everything it says of itself true? All of it is worked out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from src.errors import PackError
from src.export.packing.container.pack_file import PackFile
from src.export.packing.container.pack_manifest import PackManifest, manifest_path, read_pack_manifest
from src.export.packing.reading.pack import Pack, open_pack
from src.export.packing.verifying.effectiveness import Effectiveness, Size
from src.export.packing.verifying.manifest_check import ManifestCheck, other_files
from src.export.packing.verifying.metadata_check import MetadataCheck
from src.export.packing.verifying.pack_report import Check, Finder, PackReport, not_checked
from src.export.packing.verifying.provider_check import NAME as PROVIDER_RULES
from src.export.packing.verifying.provider_check import check_provider
from src.export.packing.verifying.record_check import RecordCheck
from src.export.packing.verifying.structure_check import StructureCheck
from src.export.packing.writing.statistics import RecordStatistics
from src.providers import find_provider

Progress = Callable[[int, int], None]
CHECKS = (
    *(
        "files",
        "index checksums",
        "seek table",
        "frame order",
        "frames",
        "standard frames",
        "record offsets",
        "records",
    ),
    *("keys and types", "row formats", "large integers", "metadata", "manifest", "file checksums", "other files"),
    *(PROVIDER_RULES, "compression"),
)


def verify_pack(
    path: Path | str,
    provider: str | None = None,
    model: str | None = None,
    on_progress: Progress = lambda done, total: None,
) -> PackReport:
    """Every check of a packed file or folder of shards; damage is listed, it does not end the check.

    With a `provider` the records are also held to its rules. `on_progress` is told the bytes worked on and those in
    all. Memory does not grow with the dataset. Raises UsageError for an unknown provider or model.
    """
    chosen = Path(path)
    if provider is not None:
        judge = find_provider(provider)
        judge.facts(model or judge.get_models()[0])
    try:
        pack = open_pack(chosen)
    except PackError as error:
        return PackReport(chosen, (Check("files", "failed", str(error)), *_unchecked()))
    with pack:
        return PackReport(chosen, tuple(_Verification(pack, on_progress).run(provider, model)))


def _unchecked() -> Iterator[Check]:
    for name in CHECKS[1:]:
        yield not_checked(name, "the files could not be opened.")


class _Verification:
    """One pass over a packed dataset."""

    def __init__(self, pack: Pack, on_progress: Progress) -> None:
        self._pack, self._on_progress = pack, on_progress
        self._files = Finder("files")
        self._structure, self._records = StructureCheck(), RecordCheck()
        self._metadata, self._sizes = MetadataCheck(), Effectiveness()
        self._done = self._total = 0

    def run(self, provider: str | None, model: str | None) -> list[Check]:
        manifest, missing = self._manifest()
        self._total = self._bytes_to_do(provider is not None)
        held = ManifestCheck(manifest, self._manifest_path, self._on_bytes) if manifest is not None else None
        for number in range(len(self._pack.shards)):
            self._verify_file(number, held)
        whole = self._records.whole and not self._files.faults
        told = [] if held is None else self._compare(held, whole)
        rules = self._rules(provider, model, whole)
        self._on_progress(self._total, self._total)
        return [
            self._files.check(
                f"{len(self._pack.shards):,} file(s) of format version 1, {self._pack.codec}; parts add up."
            ),
            *self._structure.checks(self._pack.codec),
            *self._records.checks(self._pack.codec, self._structure.frames),
            self._metadata.check() if whole else not_checked("metadata", "not all records could be read."),
            *(told or [missing, not_checked("file checksums", "they are in the manifest.")]),
            self._other_files(),
            rules,
            self._sizes.check(self._pack.codec, self._structure.frames),
        ]

    @property
    def _manifest_path(self) -> Path:
        return manifest_path(self._pack.path)

    def _manifest(self) -> tuple[PackManifest | None, Check]:
        if self._pack.manifest is not None:
            return self._pack.manifest, not_checked("manifest", "")
        if not self._manifest_path.exists():
            return None, not_checked("manifest", f"there is no {self._manifest_path.name} beside the file.")
        try:
            return read_pack_manifest(self._manifest_path), not_checked("manifest", "")
        except PackError as error:
            return None, Check("manifest", "failed", str(error))

    def _verify_file(self, number: int, held: ManifestCheck | None) -> None:
        file = self._opened(number)
        if file is not None:
            self._read(file, None if held is None else held.manifest.shards[number].first_record)
        if held is not None:
            shard = held.manifest.shards[number]
            held.add(shard, self._pack.path if self._pack.manifest is None else self._pack.path / shard.file, file)

    def _opened(self, number: int) -> PackFile | None:
        try:
            return self._pack.shards[number]
        except PackError as error:
            self._files.fail(str(error))
            return None

    def _read(self, file: PackFile, before: int | None) -> None:
        self._structure.add(file)
        own, lost = RecordStatistics(), self._records.frames.faults
        for frame in range(file.frames):
            self._on_bytes(self._records.add(file, frame, before or 0, own))
        if lost == self._records.frames.faults and not self._records.records.faults:
            self._metadata.add(file, own, before)
        self._sizes.sizes.append(Size(file.path.name, file.raw_bytes, file.stored_bytes))

    def _compare(self, held: ManifestCheck, whole: bool) -> list[Check]:
        held.check_text()
        if whole:
            held.compare_records(self._records)
            self._metadata.add_manifest(held.manifest, self._records.statistics)
        return held.checks(whole)

    def _other_files(self) -> Check:
        if self._pack.manifest is None:
            return not_checked("other files", "a single file shares its folder with others.")
        return other_files(self._pack.path, self._pack.manifest)

    def _rules(self, provider: str | None, model: str | None, whole: bool) -> Check:
        if provider is None:
            return not_checked(PROVIDER_RULES, "no provider was named.")
        if not whole:
            return not_checked(PROVIDER_RULES, "not all records could be read.")
        return check_provider(self._pack, provider, model, self._on_bytes)

    def _bytes_to_do(self, with_provider: bool) -> int:
        manifest = self._pack.manifest
        stored = sum(shard.bytes for shard in manifest.shards) if manifest is not None else 0
        return self._pack.raw_bytes * (3 if with_provider else 1) + stored

    def _on_bytes(self, count: int) -> None:
        self._done = min(self._done + count, self._total)
        self._on_progress(self._done, self._total)
