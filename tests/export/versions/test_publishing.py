from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.export.manifests.verifying import verify_folder
from src.export.versions.numbers import versions_in
from src.export.versions.planning import VersionPlan
from src.export.versions.publishing import publish
from tests.export.versions.example_exports import export_version, lines_of

ROOT = Path(__file__).resolve().parents[3]
AGAIN_AND_AGAIN = """
import sys
from pathlib import Path
from tests.export.versions.example_exports import export_version, lines_of
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    export_version(Path(sys.argv[1]), lines_of(60))
"""


def exporting(folder: Path, times: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", AGAIN_AND_AGAIN, str(folder), str(times)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def test_a_version_that_another_process_took_is_planned_again_after_that_one(tmp_path: Path) -> None:
    building = tmp_path / ".building"
    building.mkdir()
    plans = [VersionPlan("v1.0.0", None, "first", ()), VersionPlan("v1.0.1", "v1.0.0", "patch", ())]
    written: list[str] = []

    def write(plan: VersionPlan) -> None:
        written.append(plan.version)
        (building / "version.txt").write_text(plan.version)
        if plan.version == "v1.0.0":
            (tmp_path / "v1.0.0").mkdir()
            (tmp_path / "v1.0.0" / "theirs.txt").touch()

    assert publish(building, tmp_path, lambda: plans[len(written)], write) is plans[1]
    assert written == ["v1.0.0", "v1.0.1"]
    assert [file.name for file in (tmp_path / "v1.0.0").iterdir()] == ["theirs.txt"]
    assert (tmp_path / "v1.0.1" / "version.txt").read_text() == "v1.0.1"


def test_a_name_taken_at_the_last_moment_is_not_written_over(tmp_path: Path) -> None:
    building = tmp_path / ".building"
    building.mkdir()
    # Not the name of a version, so that it shows only when the folder is renamed.
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "theirs.txt").touch()
    plans = iter([VersionPlan("taken", None, "first", ()), VersionPlan("v1.0.0", None, "first", ())])
    assert publish(building, tmp_path, lambda: next(plans), lambda plan: None).version == "v1.0.0"
    assert [file.name for file in (tmp_path / "taken").iterdir()] == ["theirs.txt"]
    assert (tmp_path / "v1.0.0").is_dir()


def test_a_version_is_not_published_beside_a_newer_parent(tmp_path: Path) -> None:
    """Planned as v2.0.0 after v1.0.0 while v1.1.0 appears: the number is free, what it says would be out of date."""
    (tmp_path / "v1.0.0").mkdir()
    building = tmp_path / ".building"
    building.mkdir()
    plans = [VersionPlan("v2.0.0", "v1.0.0", "major", ()), VersionPlan("v2.0.0", "v1.1.0", "major", ())]
    written: list[VersionPlan] = []

    def write(plan: VersionPlan) -> None:
        written.append(plan)
        (tmp_path / "v1.1.0").mkdir(exist_ok=True)

    assert publish(building, tmp_path, lambda: plans[len(written)], write).parent == "v1.1.0"


def test_a_failure_leaves_no_version(tmp_path: Path) -> None:
    building = tmp_path / ".building"
    building.mkdir()

    def fail(plan: VersionPlan) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        publish(building, tmp_path, lambda: VersionPlan("v1.0.0", None, "first", ()), fail)
    assert versions_in(tmp_path) == []


def test_two_processes_give_a_chain_without_gaps_or_branches(tmp_path: Path) -> None:
    folder = tmp_path / "handbook"
    with exporting(folder, 8) as one, exporting(folder, 8) as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    names = versions_in(folder)
    assert names == [f"v1.0.{number}" for number in range(16)]
    assert [problem for name in names for problem in verify_folder(folder / name)] == []
    log = (folder / names[-1] / "CHANGELOG.md").read_text()
    assert [line.split()[1] for line in log.splitlines() if line.startswith("## ")] == names[::-1]


@pytest.mark.slow
def test_a_killed_export_leaves_no_unverified_version(tmp_path: Path) -> None:
    chance = random.Random(11)
    folder = tmp_path / "handbook"
    for _ in range(12):
        with exporting(folder, 1_000_000) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0, 0.06))
            child.kill()
    assert [problem for name in versions_in(folder) for problem in verify_folder(folder / name)] == []
    assert len(list(folder.glob(".v*"))) > 3
    assert export_version(folder, lines_of(60))[1].change in ("first", "patch")
