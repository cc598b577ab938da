"""manifest.json: what an export holds, how it was made, and the checksums that prove it whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from src.dataset.quality.report import QAReport
from src.export.batches import Batch
from src.export.manifests.files import LOCK_NAME, FileEntry
from src.export.manifests.schema import SCHEMA_VERSION
from src.export.versions.planning import VersionPlan
from src.persistence.models import without_secrets
from src.records import SPLITS, RunReport, Split

TOOL_NAME = "fine-tuning-dataset-builder"
LOCAL_MODEL_NOTE = "The embedded model is for trying the tool, not for production data."


@dataclass(frozen=True, slots=True)
class Generation:
    """The LLM that did the agents' work; empty names where none was used. `parameters` are its sampling settings."""

    provider: str
    model: str
    is_local: bool
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class SampleTally:
    """Samples and tokens, counted along the way."""

    by_split: Counter[Split] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    tokens: int = 0

    def add(self, batch: Batch) -> None:
        self.by_split.update(batch.splits)
        self.by_source.update(row.source_file or "" for row in batch.rows)
        self.tokens += sum(row.token_length or 0 for row in batch.rows)

    @property
    def total(self) -> int:
        return self.by_split.total()


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """A format of an export: its folder, what shapes its rows, the rows of each split, and a hash of what they hold.

    `left_out` counts samples it cannot express, by reason; `content_sha256` is "" when nothing was read back.
    """

    folder: str
    settings: Mapping[str, object]
    rows: Mapping[Split, int]
    content_sha256: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFacts:
    """What a manifest tells besides its version and its files. Secrets in `config` come out as "***".

    `created_at` is an ISO 8601 time with its offset; `leakage` is the splitter's figure.
    """

    name: str
    provider: str
    model: str
    mode: str
    tool_version: str
    created_at: str
    tally: SampleTally
    token_exactness: str
    tokenizer: str
    generation: Generation
    config: Mapping[str, object]
    report: RunReport | None = None
    leakage: Mapping[str, object] | None = None
    qa: QAReport | None = None
    formats: Mapping[str, FormatFacts] = field(default_factory=dict)


def build_manifest(facts: ManifestFacts, plan: VersionPlan, files: Iterable[FileEntry]) -> dict[str, Any]:
    """The content of manifest.json, as docs/manifest.md explains it."""
    files = sorted(files, key=lambda entry: entry.path)
    return {
        "schema_version": SCHEMA_VERSION,
        "name": facts.name,
        "version": plan.version,
        "parent": {"version": plan.parent, "manifest_sha256": plan.parent_sha256 or None} if plan.parent else None,
        "change": _change(plan),
        "created_at": facts.created_at,
        "tool": {"name": TOOL_NAME, "version": facts.tool_version},
        "provider": facts.provider,
        "model": facts.model,
        "mode": facts.mode,
        "samples": {
            "total": facts.tally.total,
            "by_split": _by_split(facts.tally.by_split),
            "by_source": dict(sorted(facts.tally.by_source.items())),
        },
        "tokens": {"total": facts.tally.tokens, "exactness": facts.token_exactness, "tokenizer": facts.tokenizer},
        "generation": _generation(facts.generation),
        "config": without_secrets(facts.config),
        "config_lock": _lock(files),
        "quality": _quality(facts),
        "formats": {name: _format(facts.formats[name]) for name in sorted(facts.formats)},
        "files": {entry.path: _file(entry) for entry in files},
    }


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write the content for people to read. Characters that are no text stand as \\udcXX, spelled out."""
    # json.dumps leaves lone surrogates as they are; their escapes are strings that many readers refuse.
    text = json.dumps(_as_text(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    path.write_bytes(text.encode())


def _as_text(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_as_text(str(key)): _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list | tuple) else value


def _by_split(counts: Mapping[Split, int]) -> dict[str, int]:
    return {split: counts[split] for split in SPLITS if counts.get(split)}


def _change(plan: VersionPlan) -> dict[str, object]:
    found = plan.difference
    counts = {"added": found.added, "removed": found.removed, "changed": found.changed} if found else {}
    return {
        "kind": plan.change,
        "reasons": list(plan.reasons),
        **{kind: _by_split(counts[kind].by_split) if counts else None for kind in ("added", "removed", "changed")},
    }


def _generation(generation: Generation) -> dict[str, object]:
    return {
        "provider": generation.provider,
        "model": generation.model,
        "is_local": generation.is_local,
        "note": LOCAL_MODEL_NOTE if generation.is_local else "",
        "parameters": without_secrets(generation.parameters),
    }


def _lock(files: Iterable[FileEntry]) -> dict[str, str] | None:
    return next(({"file": entry.path, "sha256": entry.sha256} for entry in files if entry.path == LOCK_NAME), None)


def _quality(facts: ManifestFacts) -> dict[str, object]:
    report = facts.report or RunReport()
    return {
        "kept": facts.tally.total,
        "counts": dict(sorted(report.counts.items())),
        "dropped": dict(sorted(report.dropped.items())),
        "issues": [asdict(issue) for issue in report.issues],
        "leakage": None if facts.leakage is None else without_secrets(facts.leakage),
        "qa": None if facts.qa is None else _qa(facts.qa),
    }


def _qa(report: QAReport) -> dict[str, object]:
    flagging = report.in_state("warn", "fail")
    return {
        "ok": report.ok,
        "states": report.to_json()["states"],
        "figures": [
            {"name": one.name, "state": one.state, "value": one.value, "unit": one.unit, "flagged": one.flagged}
            for one in flagging
        ],
    }


def _format(facts: FormatFacts) -> dict[str, object]:
    return {
        "folder": facts.folder,
        "settings": without_secrets(facts.settings),
        "rows": _by_split(facts.rows),
        "left_out": dict(sorted(facts.left_out.items())),
        "content_sha256": facts.content_sha256,
    }


def _file(entry: FileEntry) -> dict[str, object]:
    values = asdict(entry)
    del values["path"]
    return values
