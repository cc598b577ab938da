"""manifest.json: what an export holds, how it was made, and the checksums that prove it whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from src.export.formats.formatter import split_in_export
from src.persistence.models import without_secrets
from src.records import Dataset, RunReport

MANIFEST_NAME = "manifest.json"
TOOL_NAME = "fine-tuning-dataset-builder"
LOCAL_MODEL_NOTE = "The embedded model is for trying the tool, not for production data."


@dataclass(frozen=True, slots=True)
class Generation:
    """The LLM that did the agents' work; empty names where none was used."""

    provider: str
    model: str
    is_local: bool


def build_manifest(
    dataset: Dataset,
    *,
    tool_version: str,
    token_exactness: str,
    generation: Generation,
    config: Mapping[str, object],
    report: RunReport | None = None,
) -> dict[str, object]:
    """Everything a manifest says but the version, the time and the files, which write_manifest adds.

    Secrets in `config` come out as "***".
    """
    splits = Counter(split_in_export(sample) for sample in dataset.samples)
    sources = Counter(sample.origin.source_file for sample in dataset.samples)
    tokens = sum(sample.token_length for sample in dataset.samples)
    return {
        "name": dataset.name,
        "tool": {"name": TOOL_NAME, "version": tool_version},
        "provider": dataset.provider,
        "model": dataset.model,
        "mode": dataset.mode,
        "samples": {"total": len(dataset), "by_split": splits, "by_source": dict(sorted(sources.items()))},
        "tokens": {"total": tokens, "exactness": token_exactness},
        "generation": {**asdict(generation), "note": LOCAL_MODEL_NOTE if generation.is_local else ""},
        "config": without_secrets(config),
        "dropped": dict(report.dropped) if report else {},
        "issues": [asdict(issue) for issue in report.issues] if report else [],
    }


def write_manifest(folder: Path, manifest: Mapping[str, object], version: str, files: Iterable[Path]) -> Path:
    """Write manifest.json with the size and SHA-256 of each file, read back from the disk. Raises OSError."""
    path = folder / MANIFEST_NAME
    content = {
        **manifest,
        "version": version,
        "created_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "files": {file.relative_to(folder).as_posix(): _fingerprint(file) for file in sorted(files)},
    }
    write_json(path, content)
    return path


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write the content for people to read. Characters that are no text stand as JSON escapes."""
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def verify_manifest(folder: Path) -> list[str]:
    """What is wrong with an export's files, by comparison with its manifest; [] when they are all as written."""
    path = folder / MANIFEST_NAME
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        expected = {name: (entry["bytes"], entry["sha256"]) for name, entry in files.items()}
    except OSError as error:
        return [f"{MANIFEST_NAME}: cannot be read ({error.strerror})"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [f"{MANIFEST_NAME}: is not a manifest; it was damaged or cut off"]
    problems = [problem for name in sorted(expected) for problem in _compare(folder, name, *expected[name])]
    found = {entry.relative_to(folder).as_posix() for entry in folder.rglob("*") if not entry.is_dir()}
    return problems + [f"{name}: is not in the manifest" for name in sorted(found - set(expected) - {MANIFEST_NAME})]


def _compare(folder: Path, name: str, size: int, digest: str) -> list[str]:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        return [f"{name}: the manifest names a file outside its folder"]
    file = folder / pure
    if file.is_symlink() or not file.is_file():
        return [f"{name}: is missing"]
    try:
        actual = _fingerprint(file)
    except OSError as error:
        return [f"{name}: cannot be read ({error.strerror})"]
    if actual == {"bytes": size, "sha256": digest}:
        return []
    return [f"{name}: was changed ({actual['bytes']} bytes, {size} were written)"]


def _fingerprint(file: Path) -> dict[str, int | str]:
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}
