"""Verbs on packed datasets: pack, unpack, verify-packed, bench-loading."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import Any

from src.cli.app import App
from src.cli.display import ByteBar
from src.cli.verbs.jobs.steps import may_overwrite
from src.cli.verbs.result import DONE, FAILED, Result
from src.errors import UsageError


def pack(app: App, arguments: argparse.Namespace) -> Result:
    if arguments.tokenizer:
        return _pack_tokens(app, arguments)
    from src.cli.tables.packing_table import PackingOptions, pack_and_draw
    from src.export.packing.packing_plan import bytes_from, plan_packings

    _refuse(arguments, "without --tokenizer", "train_on", "max_tokens", "truncate", "format")
    sharded = bool(arguments.shards or arguments.shard_size)
    options = PackingOptions(
        compression=arguments.compression or "lz4",
        level=arguments.level,
        shards=arguments.shards,
        shard_bytes=bytes_from(arguments.shard_size) if arguments.shard_size else None,
        frame_records=arguments.frame_records or 64,
        skip_invalid=arguments.skip_invalid,
        overwrite=arguments.overwrite,
        validate=arguments.validate,
        provider=arguments.provider,
        model=arguments.model,
    )
    if arguments.provider and not arguments.validate:
        raise UsageError("--provider is what --validate checks the records for; give both.")
    plan = plan_packings(arguments.file, arguments.target, options.compression, sharded)
    overwrite = [may_overwrite(app, one.target, arguments.overwrite) for one in plan]
    packed = [
        pack_and_draw(app, one.source, one.target, replace(options, overwrite=may))
        for one, may in zip(plan, overwrite, strict=True)
    ]
    return DONE if all(answer["ok"] for answer in packed) else FAILED, {"packed": packed}


def _pack_tokens(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.token_table import TokenOptions, pack_tokens_and_draw
    from src.export.packing.packing_plan import plan_packings

    _refuse(arguments, "with --tokenizer", "compression", "level", "shards", "shard_size", "frame_records", "provider")
    options = TokenOptions(
        tokenizer=arguments.tokenizer,
        train_on=arguments.train_on or "assistant",
        max_tokens=arguments.max_tokens,
        truncate=bool(arguments.truncate),
        row_format=arguments.format,
        skip_invalid=arguments.skip_invalid,
        overwrite=arguments.overwrite,
        validate=arguments.validate,
    )
    plan = plan_packings(arguments.file, arguments.target, "tokens", False)
    overwrite = [may_overwrite(app, one.target, arguments.overwrite) for one in plan]
    packed = [
        pack_tokens_and_draw(app, one.source, one.target, replace(options, overwrite=may))
        for one, may in zip(plan, overwrite, strict=True)
    ]
    return DONE if all(answer["ok"] for answer in packed) else FAILED, {"packed": packed}


def unpack(app: App, arguments: argparse.Namespace) -> Result:
    from src.export.packing.unpacking import unpack as unpack_file

    overwrite = may_overwrite(app, arguments.target, arguments.overwrite)
    done = unpack_file(arguments.path, arguments.target, overwrite=overwrite, on_progress=ByteBar("unpack"))
    told = {True: "the source byte for byte", False: "", None: "not compared with the source: some lines were left out"}
    app.screen.success(f"Unpacked {done.records:,} records, {done.bytes:,} bytes, to {done.path}")
    app.screen.say(f"  SHA-256 {done.sha256} ({told[done.same_as_source]})")
    return DONE, {
        "path": str(done.path),
        "records": done.records,
        "bytes": done.bytes,
        "sha256": done.sha256,
        "same_as_source": done.same_as_source,
    }


def verify_packed(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.packing_table import verify_and_draw

    answer = verify_and_draw(app, arguments.path, arguments.provider, arguments.model)
    return DONE if answer["ok"] else FAILED, answer


def bench_loading(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.packing_table import draw_speeds
    from src.export.packing.reading.loading_speed import measure_loading

    speeds = measure_loading(arguments.dataset, arguments.batch_size, arguments.records, app.screen.say)
    draw_speeds(app, speeds)
    return DONE, {"speeds": [{**asdict(speed), "microseconds": round(speed.microseconds, 3)} for speed in speeds]}


def _refuse(arguments: argparse.Namespace, why: str, *names: str) -> None:
    given: list[Any] = [name for name in names if getattr(arguments, name) is not None]
    if given:
        raise UsageError(f"--{given[0].replace('_', '-')} makes no sense {why}; leave it out.")
