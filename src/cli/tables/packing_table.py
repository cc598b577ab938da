"""Packed datasets on the screen: what was packed, what a validation found, how fast it loads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.display import ByteBar
from src.cli.tables.check_table import draw_checks, draw_verdict
from src.cli.tables.token_table import is_token_file, verify_tokens_and_draw

if TYPE_CHECKING:
    from src.export.packing.dataset_packer import Packed
    from src.export.packing.reading.loading_speed import Speed


_WHAT_MAY_BE_SAID = (
    "\n'faster' is CPU time beside json.loads line by line. Whoever wants a Python dict of every record cannot be more "
    "than about five times as fast: making them takes that long. Lazy records are parsed when they are touched; these "
    "were not. Whatever reads a packed file verifies the checksum of every frame."
)


@dataclass(frozen=True, slots=True)
class PackingOptions:
    """How a JSONL file is packed. With `validate` the result is read back and reported on."""

    compression: str = "lz4"
    level: int | None = None
    shards: int | None = None
    shard_bytes: int | None = None
    frame_records: int = 64
    skip_invalid: bool = False
    overwrite: bool = False
    validate: bool = False
    provider: str | None = None
    model: str | None = None


def pack_and_draw(app: App, source: Path, target: Path, options: PackingOptions) -> dict[str, Any]:
    """Pack one file and say what became of it; the same as an object. Raises UsageError when it will not fit."""
    from src.export.packing.container.codecs import codec_named
    from src.export.packing.dataset_packer import DatasetPacker
    from src.pipeline.engine.machine.disk import Need, refuse_what_does_not_fit
    from src.pipeline.engine.machine.estimating import estimated_pack

    with suppress(OSError):  # whoever packs it says what is wrong with the file
        size = estimated_pack(source, codec_named(options.compression, options.level))
        refuse_what_does_not_fit([Need("the packed file", target.parent, size)])
    packed = DatasetPacker(ByteBar(f"pack {source.name}")).pack(
        source,
        target,
        options.compression,
        options.validate,
        shards=options.shards,
        shard_bytes=options.shard_bytes,
        skip_invalid=options.skip_invalid,
        level=options.level,
        frame_records=options.frame_records,
        overwrite=options.overwrite,
    )
    _draw_packed(app, packed, options)
    answer = _packed_as_json(packed)
    if options.validate:
        answer["validation"] = verify_and_draw(app, packed.path, options.provider, options.model)
    return {"ok": answer.get("validation", {}).get("ok", True), **answer}


def _draw_packed(app: App, packed: Packed, options: PackingOptions) -> None:
    screen = app.screen
    share = f", {packed.stored_bytes / packed.raw_bytes:.1%} of the JSONL" if packed.raw_bytes else ""
    screen.success(f"\nPacked {packed.records:,} records ({packed.compression}) to {packed.path}")
    screen.say(f"  {packed.stored_bytes:,} bytes{share}; {packed.raw_bytes:,} bytes as JSONL")
    if options.shards or options.shard_bytes:
        screen.say(f"  {packed.shards} shard(s)")
    if options.shards and packed.shards < options.shards:
        screen.warning(f"  {options.shards} shards were asked for; there are not enough records to fill them.")
    for path in packed.files[:8]:
        screen.say(f"  {path}")
    if len(packed.files) > 8:
        screen.say(f"  and {len(packed.files) - 8:,} more files")
    if packed.rejected:
        screen.warning(f"  {packed.rejected:,} line(s) are no records and were left out: {packed.rejects_path}")


def _packed_as_json(packed: Packed) -> dict[str, Any]:
    return {
        "path": str(packed.path),
        "files": [str(path) for path in packed.files],
        "compression": packed.compression,
        "records": packed.records,
        "raw_bytes": packed.raw_bytes,
        "stored_bytes": packed.stored_bytes,
        "shards": packed.shards,
        "rejected": packed.rejected,
        "rejects": str(packed.rejects_path) if packed.rejects_path else None,
        "source_sha256": packed.source_sha256,
    }


def verify_and_draw(app: App, path: Path, provider: str | None, model: str | None) -> dict[str, Any]:
    """Verify a packed dataset or token file, show every check, and give the same as an object."""
    if is_token_file(path):
        return verify_tokens_and_draw(app, path)
    from src.export.packing.verifying.verify_pack import verify_pack

    report = verify_pack(path, provider, model, on_progress=ByteBar(f"verify {path.name}"))
    draw_checks(app, [(check.name, check.state, check.text) for check in report.checks])
    draw_verdict(app, path, report.ok)
    return report.as_json()


def draw_speeds(app: App, speeds: Sequence[Speed]) -> None:
    """A table of microseconds a record, beside the first row, and what may be said of it."""
    base = speeds[0]
    rows = [
        (
            speed.source,
            speed.mode,
            f"{speed.microseconds:,.2f}",
            # Nobody reads single records of plain JSONL without an index of it.
            f"{base.microseconds / speed.microseconds:,.1f}x" if speed.records == base.records else "",
            f"{speed.records / speed.wall_seconds:,.0f}",
            f"{speed.stored_bytes / 1e6:,.1f}",
        )
        for speed in speeds
    ]
    screen = app.screen
    screen.title(f"\nLoading {base.records:,} records, median of three rounds")
    screen.table(("file", "mode", "us CPU a record", "faster", "records/s", "MB"), rows)
    screen.say(_WHAT_MAY_BE_SAID)
