"""Files whose checksums are right and whose content lies: a clear error, in little memory and time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from src.export.packing.reading.pack import open_pack
from tests.export.packing.hostile.cases import CASES, READ
from tests.export.packing.hostile.forge import CODEC_NUMBERS, forge, honest

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of memory for a process")


def run(paths: list[Path]) -> dict[str, Any]:
    """How each path went in a process with 600 MB of address space."""
    command = [sys.executable, "-m", "tests.export.packing.hostile.limits", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    return run([build(folder / name) for name, (build, _) in CASES.items()])


@pytest.mark.parametrize("name", CASES)
def test_a_lie_gives_a_clear_error_in_little_memory(name: str, told: Mapping[str, Any]) -> None:
    went, expected = told[name], CASES[name][1]
    if expected != READ:
        assert went["read"].startswith("PackError: ")
        assert name in went["read"] and expected in went["read"]
    assert went["verify"].startswith("PackError: ") and name in went["verify"]
    assert went["unpack"] == "read" or went["unpack"].startswith("PackError: ")
    assert went["peak"] < 400


@pytest.mark.parametrize("codec", CODEC_NUMBERS)
def test_files_made_by_hand_from_the_description_are_read(codec: str, tmp_path: Path) -> None:
    path = forge(tmp_path / "by_hand", codec, [honest(codec), honest(codec, 3)])
    with open_pack(path) as pack:
        assert [pack.value(record) for record in range(len(pack))] == [{"a": "0123456789"}] * 7
        assert pack.frames == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    forge(tmp_path / "plain", "none", [honest("none")])
    (tmp_path / "plain.idx").unlink()
    os.mkfifo(tmp_path / "plain.idx")
    told = run([tmp_path / "pipe", tmp_path / "plain"])
    assert "not a regular file" in told["pipe"]["read"]
    assert told["plain"]["read"].startswith("PackError: ")
