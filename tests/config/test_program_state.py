"""What the program is made of here, as a config lock tells it."""

from __future__ import annotations

import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from src.config.program_state import (
    NOT_INSTALLED,
    ROOT,
    UNKNOWN,
    commit_of,
    program_state,
    required_packages,
    source_hash,
)
from src.version import VERSION

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "a.py").write_text("one = 1\n", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "a.py")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@needs_git
def test_the_commit_is_told_and_whether_tracked_files_were_edited(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert commit_of(repository) == (head, False)
    (repository / "notes.txt").write_text("not tracked", encoding="utf-8")
    assert commit_of(repository) == (head, False)
    (repository / "a.py").write_text("one = 2\n", encoding="utf-8")
    assert commit_of(repository) == (head, True)


@needs_git
def test_a_repository_around_the_program_or_none_at_all_says_nothing(repository: Path, tmp_path: Path) -> None:
    (repository / "site-packages").mkdir()
    assert commit_of(repository / "site-packages") == (UNKNOWN, None)
    assert commit_of(tmp_path) == (UNKNOWN, None)
    git(repository, "init", "-q", str(tmp_path / "empty"))
    assert commit_of(tmp_path / "empty")[0] == UNKNOWN


@needs_git
def test_a_program_named_in_the_repositorys_settings_is_not_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n", encoding="utf-8")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    assert commit_of(repository)[1] is False
    assert not (tmp_path / "sprung").exists()


def test_without_git_the_commit_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit_of(repository) == (UNKNOWN, None)


def test_the_hash_of_the_source_changes_with_any_name_or_content_but_not_with_line_ends(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.py").write_bytes(b"one\n")
    (tmp_path / "sub" / "b.py").write_bytes(b"two\n")
    first = source_hash(tmp_path)
    (tmp_path / "notes.txt").write_bytes(b"not source")
    (tmp_path / "a.py").write_bytes(b"one\r\n")
    assert source_hash(tmp_path) == first
    seen = {first}
    for change in (b"one\ntwo\n", b"", b"On\n"):
        (tmp_path / "a.py").write_bytes(change)
        seen.add(source_hash(tmp_path))
    (tmp_path / "a.py").write_bytes(b"one\n")
    (tmp_path / "sub" / "b.py").rename(tmp_path / "b.py")
    seen.add(source_hash(tmp_path))
    assert len(seen) == 5


def test_every_required_package_is_told_with_its_version(tmp_path: Path) -> None:
    state = program_state()
    assert state["packages"]["lxml"] == metadata.version("lxml") and "pytest" not in state["packages"]
    assert state["tool"]["version"] == VERSION and len(state["tool"]["source_sha256"]) == 64
    listed = "# what for\nLXML>=6,<7\nctok>=1.3; python_version >= '3.12'\n-r other.txt\n\nno-such-package==1\n"
    (tmp_path / "requirements.txt").write_text(listed, encoding="utf-8")
    assert required_packages(tmp_path) == ["ctok", "lxml", "no-such-package"]
    assert set(required_packages(ROOT)) == set(state["packages"])
    assert NOT_INSTALLED not in {state["packages"][name] for name in ("msgspec", "pydantic", "tiktoken")}
