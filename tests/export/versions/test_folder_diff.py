from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import ExportError
from src.export.versions.folder_diff import diff_versions
from tests.export.versions.example_exports import JSONL_SETTINGS, export_version, lines_of


def test_a_diff_shows_samples_formats_and_settings(tmp_path: Path) -> None:
    old, _ = export_version(tmp_path, lines_of(4))
    formats = {"jsonl": {**JSONL_SETTINGS, "structure": "flat"}, "csv": {}}
    new, _ = export_version(tmp_path, lines_of(5), formats, config={"seed": 43, "extra": [1]}, model="gpt-4.1-nano")
    found = diff_versions(old, new)
    assert found.difference is not None
    assert found.difference.added.examples == ("s000004",)
    assert found.settings == {
        "model": ("'gpt-4.1-mini'", "'gpt-4.1-nano'"),
        "tokens.total": ("20", "25"),
        "config.seed": ("42", "43"),
        "config.split.train": ("0.8", "(not there)"),
        "config.extra": ("(not there)", "[1]"),
    }
    assert found.formats["jsonl.settings.structure"] == ("'provider'", "'flat'")
    assert found.formats["csv"] == ("(not there)", "there")
    assert "csv.settings" not in found.formats
    text = "\n".join(found.lines())
    assert text.startswith("handbook v1.0.0 -> handbook v2.0.0\n")
    assert "- config.seed: 42 -> 43" in text
    assert "| added | 1 | 0 | 0 | 1 |" in text


def test_equal_versions_have_no_difference(tmp_path: Path) -> None:
    old, new = export_version(tmp_path, lines_of(4))[0], export_version(tmp_path, lines_of(4))[0]
    found = diff_versions(old, new)
    assert found.difference is not None
    assert found.difference.is_empty
    assert (found.settings, found.formats) == ({}, {})
    assert "Settings: no difference." in found.lines()


def test_long_values_that_differ_at_their_ends_are_different(tmp_path: Path) -> None:
    old, _ = export_version(tmp_path, lines_of(4), config={"text": "x" * 500 + "a"})
    new, _ = export_version(tmp_path, lines_of(4), config={"text": "x" * 500 + "b"})
    found = diff_versions(old, new)
    assert list(found.settings) == ["config.text"]
    assert max(map(len, found.lines())) < 150


def test_a_version_without_its_lineage_still_shows_its_settings(tmp_path: Path) -> None:
    old, new = export_version(tmp_path, lines_of(4))[0], export_version(tmp_path, lines_of(5))[0]
    (old / "lineage.jsonl").unlink()
    found = diff_versions(old, new)
    assert found.difference is None
    assert "lineage.jsonl: cannot be read" in found.note
    assert "tokens.total" in found.settings


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    new, _ = export_version(tmp_path, lines_of(4))
    with pytest.raises(ExportError, match=r"manifest\.json: is missing"):
        diff_versions(tmp_path, new)
