"""croissant.json: the export as MLCommons Croissant 1.0, so that other tools find its files, rows and columns.

Written after http://mlcommons.org/croissant/1.0, as mlcroissant 1.1.1 reads it (checked 2026-11-21); 1.0 because older
readers refuse 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from src.export.manifests.croissant.fields import field_of, safe_id
from src.export.manifests.croissant.shapes import columns_of
from src.export.manifests.files import FileEntry
from src.export.manifests.manifest import ManifestFacts
from src.export.versions.planning import VersionPlan

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_TERMS = (
    "citeAs column extract field fileProperty fileObject fileSet format includes isLiveDataset jsonPath key md5 "
    "parentField path recordSet references regex repeated replace samplingRate separator source subField transform"
)
CONTEXT: Mapping[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}
# The names mlcroissant goes by; the others are what the kinds are registered or known as.
_ENCODINGS = {
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".py": "text/x-python",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def build_croissant(
    building: Path, facts: ManifestFacts, plan: VersionPlan, files: Sequence[FileEntry]
) -> dict[str, object]:
    """The content of croissant.json: every file with its checksum, a record set for each split in each format.

    The record sets of the files in the export's own folder are named after the split ("train"), those of further
    formats after both ("parquet/train"). Raises OSError.
    """
    sets = _file_sets(files)
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": facts.name,
        "description": f"{facts.tally.total} samples for fine-tuning {facts.model} ({facts.provider}), "
        f"{plan.version}, made in {facts.mode} mode.",
        "version": plan.version.removeprefix("v"),
        "datePublished": facts.created_at,
        "distribution": [
            *map(_file_object, files),
            *(_file_set(name, sets[name]) for name in sets if len(sets[name]) > 1),
        ],
        "recordSet": list(_record_sets(building, sets)),
    }


def _file_sets(files: Sequence[FileEntry]) -> dict[str, list[FileEntry]]:
    """The files whose rows belong together, by the name of their record set."""
    sets: dict[str, list[FileEntry]] = {}
    for entry in files:
        if entry.role == "data" and entry.split:
            alone = "/" not in entry.path and entry.path.endswith(".jsonl")
            sets.setdefault(entry.split if alone else f"{entry.format}/{entry.split}", []).append(entry)
        elif entry.role == "metadata":
            sets["metadata"] = [entry]
    return sets


def _file_object(entry: FileEntry) -> dict[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": safe_id(entry.path),
        "name": entry.path,
        "contentUrl": entry.path,
        "contentSize": f"{entry.bytes} B",
        "encodingFormat": _encoding(entry.path),
        "sha256": entry.sha256,
    }


def _file_set(name: str, entries: Sequence[FileEntry]) -> dict[str, object]:
    return {
        "@type": "cr:FileSet",
        "@id": _set_id(name),
        "name": f"{name} files",
        "encodingFormat": _encoding(entries[0].path),
        "includes": [_as_pattern(entry.path) for entry in entries],
    }


def _record_sets(building: Path, sets: Mapping[str, Sequence[FileEntry]]) -> Iterator[dict[str, object]]:
    for name, entries in sets.items():
        many = len(entries) > 1
        source = {"fileSet": {"@id": _set_id(name)}} if many else {"fileObject": {"@id": safe_id(entries[0].path)}}
        columns = columns_of(building / entries[0].path)
        fields: list[dict[str, Any]] = [field_of(name, column, shape, source) for column, shape in columns.items()]
        if fields:
            yield {"@type": "cr:RecordSet", "@id": safe_id(name), "name": name, "field": fields}


def _set_id(name: str) -> str:
    return safe_id(f"{name}/files")


def _encoding(path: str) -> str:
    return _ENCODINGS.get(PurePosixPath(path).suffix, "application/octet-stream")


def _as_pattern(path: str) -> str:
    """A glob that means this path alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
