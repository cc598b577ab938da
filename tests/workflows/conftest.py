"""A folder as a user has it: config.yaml and an input folder with one document."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.workflows.support import ROOT

FAQ = "\n\n".join(f"Q: What does part {i} of the pump do?\nA: Part {i} moves water in step {i}." for i in range(1, 41))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", tmp_path)
    (tmp_path / "input_files").mkdir()
    (tmp_path / "input_files" / "faq.txt").write_text("Pump questions\n\n" + FAQ, encoding="utf-8")
    return tmp_path


@pytest.fixture
def identify(project: Path) -> Path:
    """The same, set to identify mode."""
    config = project / "config.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace('mode: "create"', 'mode: "identify"'), encoding="utf-8"
    )
    return project
