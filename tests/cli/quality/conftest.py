"""A folder in which the samples were made into a dataset, as a user has it after the first run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.quality.working import Desk
from tests.workflows.support import SAMPLES, run


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    options = ("--input", str(SAMPLES), "--mode", "identify", "--name", "support", "--yes")
    assert run(folder, "run", *options).code == 0
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    shutil.copytree(made, tmp_path / "here", ignore=shutil.ignore_patterns("output_datasets", "backups"))
    return Desk(tmp_path / "here")
