"""The shape of manifest.json: one set of models that checks it and that docs/manifest.schema.json is made from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from src.errors import ExportError

MANIFEST_NAME = "manifest.json"
CHECKSUM_NAME = "manifest.sha256"
SCHEMA_VERSION = 1
SCHEMA_ID = "urn:fine-tuning-dataset-builder:manifest:1"
# A manifest of a million sources; what is larger is none.
_MOST_BYTES = 1 << 28
_MOST_TOLD = 20

# Below the export's folder, with /, no part hidden or "..": it leads nowhere else on any system.
_PART = r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]*"
FILE_PATH = f"^{_PART}(?:/{_PART})*$"
FilePath = Annotated[str, StringConstraints(pattern=FILE_PATH)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
VersionName = Annotated[str, StringConstraints(pattern=r"^v[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]
Timestamp = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$")
]
Count = Annotated[int, Field(ge=0)]
SplitCounts = dict[Literal["train", "validation", "test"], Count]
Role = Literal["data", "support", "metadata", "statistics", "lineage", "lock", "changelog", "croissant", "qa", "other"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ToolRecord(_Record):
    """The program that wrote the export."""

    name: str
    version: str


class ParentRecord(_Record):
    """The version this one follows. `manifest_sha256` is null when that version's manifest could not be read."""

    version: VersionName
    manifest_sha256: Sha256 | None


class ChangeRecord(_Record):
    """What makes this version a patch, minor or major one. Counts are null when the parent has no lineage."""

    kind: Literal["first", "patch", "minor", "major"]
    reasons: list[str]
    added: SplitCounts | None
    removed: SplitCounts | None
    changed: SplitCounts | None


class SamplesRecord(_Record):
    """How many samples there are; `by_source` names files below the input folder."""

    total: Count
    by_split: SplitCounts
    by_source: dict[str, Count]


class TokensRecord(_Record):
    """Tokens of all samples, how exactly they were counted ("exact", "estimated"), and by which tokenizer."""

    total: Count
    exactness: str
    tokenizer: str


class GenerationRecord(_Record):
    """The LLM that did the agents' work; empty names where none was used."""

    provider: str
    model: str
    is_local: bool
    note: str
    parameters: dict[str, JsonValue]


class LockRecord(_Record):
    """The file with all that makes the run repeatable."""

    file: FilePath
    sha256: Sha256


class IssueRecord(_Record):
    severity: Literal["error", "warning", "note"]
    where: str
    message: str


class QAFigureRecord(_Record):
    """A figure of the QA report that warns or fails."""

    name: str
    state: Literal["warn", "fail"]
    value: float | None
    unit: str
    flagged: Count


class QARecord(_Record):
    """The verdict of the QA report that lies beside the manifest (qa_report.json), and how many figures are how."""

    ok: bool
    states: dict[str, Count]
    figures: list[QAFigureRecord]


class QualityRecord(_Record):
    """What the run's checks found: samples kept, candidates dropped by reason, issues; leakage between splits.

    `qa` is null where no QA report was made for the export.
    """

    kept: Count
    counts: dict[str, int]
    dropped: dict[str, int]
    issues: list[IssueRecord]
    leakage: dict[str, JsonValue] | None
    qa: QARecord | None = None


class FormatRecord(_Record):
    """A format of the export. `content_sha256` is over what its rows hold, whatever the files are compressed with.

    `left_out` counts samples that the format cannot express, by reason.
    """

    folder: str
    settings: dict[str, JsonValue]
    rows: SplitCounts
    left_out: dict[str, Count]
    content_sha256: Sha256 | Literal[""]


class FileRecord(_Record):
    """A file. `format` and `split` are null for files that belong to none; `rows` where they were not counted."""

    bytes: Count
    sha256: Sha256
    role: Role
    format: str | None
    split: Literal["train", "validation", "test"] | None
    rows: Count | None


class Manifest(_Record):
    """manifest.json of an export. `files` holds every file but manifest.json and manifest.sha256."""

    schema_version: Literal[1]
    name: str
    version: VersionName
    parent: ParentRecord | None
    change: ChangeRecord
    created_at: Timestamp
    tool: ToolRecord
    provider: str
    model: str
    mode: str
    samples: SamplesRecord
    tokens: TokensRecord
    generation: GenerationRecord
    config: dict[str, JsonValue]
    config_lock: LockRecord | None
    quality: QualityRecord
    formats: dict[str, FormatRecord]
    files: dict[FilePath, FileRecord] = Field(json_schema_extra={"additionalProperties": False})


class ManifestError(ExportError):
    """A manifest.json that cannot be read. `problems` says what is wrong, one line each."""

    def __init__(self, where: Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(f"{where}: {'; '.join(problems)}.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of manifest.json, as docs/manifest.schema.json holds it."""
    schema = Manifest.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an export, checked against manifest.sha256. Raises ManifestError."""
    raw = read_limited(folder / MANIFEST_NAME)
    if read_limited(folder / CHECKSUM_NAME) != checksum_line(raw):
        raise ManifestError(folder / MANIFEST_NAME, [f"does not fit {CHECKSUM_NAME}; one of them was changed"])
    return parse_manifest(folder, raw)


def parse_manifest(folder: Path, raw: bytes) -> Manifest:
    """The manifest these bytes are. Raises ManifestError, with every field that is wrong."""
    path = folder / MANIFEST_NAME
    content = parse_json(path, raw)
    if isinstance(found := content.get("schema_version"), int) and found > SCHEMA_VERSION:
        raise ManifestError(path, [f"was written by a newer program (schema version {found}); use that one"])
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        raise ManifestError(path, _told(error)) from error


def parse_json(path: Path, raw: bytes) -> dict[str, Any]:
    """The JSON object these bytes are; a key that stands twice is refused. Raises ManifestError."""
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ManifestError(path, ["is not a manifest; it was damaged or cut off"]) from error
    if not isinstance(content, dict):
        raise ManifestError(path, ["is not a manifest; it was damaged or cut off"])
    return content


def _told(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_input=False)
    more = [f"and {len(found) - _MOST_TOLD} more"] if len(found) > _MOST_TOLD else []
    return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:_MOST_TOLD]] + more


def read_limited(path: Path) -> bytes:
    """The bytes of a small regular file. Raises ManifestError."""
    try:
        if path.is_symlink() or not path.is_file():
            raise ManifestError(path, ["is missing"])
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ManifestError(path, [f"cannot be read ({error.strerror or error})"]) from error
    if len(raw) > _MOST_BYTES:
        raise ManifestError(path, ["is too large"])
    return raw


def checksum_line(manifest: bytes) -> bytes:
    """manifest.sha256 for a manifest: one line as sha256sum writes and checks it."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST_NAME}\n".encode()


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
