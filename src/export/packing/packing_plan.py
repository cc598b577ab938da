"""Which files are packed, and what the packed ones are called, when a file or a whole export is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from src.errors import UsageError
from src.export.packing.container.layout import CODEC_NUMBERS

TOKENS_SUFFIX = ".tokens.arrow"
_SUFFIXES: Mapping[str, str] = {"none": ".packed.jsonl", "lz4": ".jsonl.lz4", "zstd": ".jsonl.zst"}
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
# Of an export's own files, these are no examples.
_SIDE_FILES = ("lineage.jsonl",)


@dataclass(frozen=True, slots=True)
class Packing:
    """One file to pack, and the file or folder it becomes."""

    source: Path
    target: Path


def plan_packings(source: Path, target: Path | None, kind: str, sharded: bool) -> list[Packing]:
    """What becomes of a JSONL file, or of every JSONL file of an export's folder (one for each split).

    `kind` is a compression or "tokens". Without a target, files lie beside their source and those of a folder in
    FOLDER-packed. Raises UsageError when there is nothing to pack.
    """
    suffix = "" if sharded else TOKENS_SUFFIX if kind == "tokens" else _SUFFIXES[_known(kind)]
    if source.is_dir():
        files = sorted(path for path in source.glob("*.jsonl") if path.is_file() and path.name not in _SIDE_FILES)
        if not files:
            raise UsageError(f"{source}: there is no JSONL file in this folder; export with --formats jsonl.")
        folder = target or source.with_name(f"{source.name}-packed")
        return [Packing(path, folder / f"{path.stem}{suffix}") for path in files]
    if not source.is_file():
        raise UsageError(f"{source}: there is no such file; name a JSONL file or the folder of an export.")
    stem = source.name.removesuffix(".jsonl")
    if target is None:
        return [Packing(source, source.with_name(f"{stem}{suffix or '-packed'}"))]
    if target.is_dir() and not sharded:
        return [Packing(source, target / f"{stem}{suffix}")]
    return [Packing(source, target)]


def bytes_from(text: str) -> int:
    """A size such as 500M or 2G (units of 1024) in bytes. Raises UsageError."""
    number = text.strip().lower().removesuffix("ib").removesuffix("b")
    unit = number[-1:] if number[-1:] in _UNITS else ""
    try:
        return int(float(number.removesuffix(unit)) * _UNITS[unit])
    except (ValueError, OverflowError) as error:
        raise UsageError(f"'{text}' is not a size; write it like 500M or 2G.") from error


def _known(compression: str) -> str:
    if compression not in CODEC_NUMBERS:
        raise UsageError(f"'{compression}' is not a compression; use one of {', '.join(CODEC_NUMBERS)}.")
    return compression
