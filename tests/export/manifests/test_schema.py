from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from src.export.manifests.schema import ManifestError, json_schema, parse_manifest, read_manifest
from tests.export.versions.example_exports import JSONL_SETTINGS, export_version, lines_of

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "manifest.schema.json"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_published_schema_is_the_one_manifests_are_checked_by() -> None:
    expected = json.dumps(json_schema(), indent=2) + "\n"
    assert PUBLISHED.read_text(encoding="utf-8") == expected, (
        "write it anew: .venv/bin/python -c 'import json; from src.export.manifests.schema import json_schema; "
        "print(json.dumps(json_schema(), indent=2))' > docs/manifest.schema.json"
    )


def test_real_manifests_fit_the_published_schema(tmp_path: Path, validator: jsonschema.Draft202012Validator) -> None:
    (tmp_path / "old" / "v1.0.0").mkdir(parents=True)
    folders = [
        export_version(tmp_path / "a", lines_of(8))[0],
        export_version(tmp_path / "a", lines_of(4), {"jsonl": JSONL_SETTINGS, "csv": {"delimiter": ";"}})[0],
        export_version(tmp_path / "old", lines_of(4), report=None, leakage=None)[0],
    ]
    for folder in folders:
        validator.validate(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
        assert read_manifest(folder).version == folder.name


def wrong(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The manifest with one thing wrong, for everything that can be."""
    for key in manifest:
        yield f"no {key}", {name: value for name, value in manifest.items() if name != key}
        yield f"{key} of another kind", {**manifest, key: [3.5]}
    file = manifest["files"]["train.jsonl"]
    yield "an unknown key", {**manifest, "colour": "blue"}
    yield "another version of the schema", {**manifest, "schema_version": 0}
    yield "a version that is none", {**manifest, "version": "1.0"}
    yield "a time without offset", {**manifest, "created_at": "2026-11-21T10:00:00"}
    yield "an unknown split", {**manifest, "samples": {**manifest["samples"], "by_split": {"dev": 1}}}
    yield "fewer than none", {**manifest, "tokens": {**manifest["tokens"], "total": -1}}
    for name in ("../x", "/etc/passwd", "a/../b", "C:/x", "a\\b", ".hidden", "a//b", "", "a/", "x\ny"):
        yield f"a file {name!r}", {**manifest, "files": {name: file}}
    for change in ({"bytes": -1}, {"bytes": "1"}, {"sha256": "AB" * 32}, {"sha256": ""}, {"role": "x"}, {"rows": 1.5}):
        yield f"a file with {change}", {**manifest, "files": {"a": {**file, **change}}}


def test_we_and_the_published_schema_refuse_the_same(
    tmp_path: Path, validator: jsonschema.Draft202012Validator
) -> None:
    folder, _ = export_version(tmp_path, lines_of(8))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    cases = list(wrong(manifest))
    assert len(cases) > 50
    for what, changed in cases:
        assert not validator.is_valid(changed), what
        with pytest.raises(ManifestError):
            parse_manifest(folder, json.dumps(changed).encode())
            pytest.fail(what)


def test_every_wrong_field_is_named(tmp_path: Path) -> None:
    folder, _ = export_version(tmp_path, lines_of(4))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["train.jsonl"]["bytes"] = "many"
    manifest["colour"] = "blue"
    with pytest.raises(ManifestError) as caught:
        parse_manifest(folder, json.dumps(manifest).encode())
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["files.train.jsonl.bytes", "colour"]


def test_a_manifest_of_a_newer_program_says_so(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"written by a newer program \(schema version 2\)"):
        parse_manifest(tmp_path, b'{"schema_version": 2}')


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"\xff", b"\x00", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 100_000, b"null"],
    ids=["empty", "a list", "no text", "zero", "twins", "NaN", "deep list", "deep object", "null"],
)
def test_what_is_no_json_object_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ManifestError, match="damaged or cut off"):
        parse_manifest(tmp_path, raw)


def test_the_documentation_explains_every_key() -> None:
    text = (PUBLISHED.parent / "manifest.md").read_text(encoding="utf-8")
    schema = json_schema()
    names = {name for one in (schema, *schema["$defs"].values()) for name in one.get("properties", {})}
    assert len(names) > 40
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
