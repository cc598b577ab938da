"""Changing config.yaml keeps what the user wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from src.config.editor import update_config
from src.config.loader import load_settings
from src.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def test_comments_order_and_quotes_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", path)
    before = path.read_text(encoding="utf-8").splitlines()
    update_config(path, {"mode": "identify", "split.ratio": 0.9, "split.validation": None})
    after = path.read_text(encoding="utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        ('mode: "create"', 'mode: "identify"'),
        ("  ratio: 0.8  # the share of train", "  ratio: 0.9  # the share of train"),
    ]


def test_missing_sections_and_files_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    update_config(path, {"split.seed": 5, "mode": "free"})
    settings = load_settings(path)
    assert (settings.split.seed, settings.mode) == (5, "free")


def test_a_file_of_comments_only_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# mine\n", encoding="utf-8")
    update_config(path, {"mode": "free"})
    assert path.read_text(encoding="utf-8") == "# mine\nmode: free\n"


def test_a_file_that_is_not_yaml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("mode: [\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be changed"):
        update_config(path, {"mode": "free"})
    assert path.read_text(encoding="utf-8") == "mode: [\n"
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]
