"""What this program is made of here: its version and commit, its source, Python, the platform, the packages."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from src.config.environment import child_environment
from src.version import VERSION

TOOL_NAME = "fine-tuning-dataset-builder"
ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = "unknown"
NOT_INSTALLED = "not installed"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GIT_SECONDS = 10
# No configuration but the repository's own is read, and of that nothing that names a program to run.
_GIT_OPTIONS = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.attributesFile=")


@lru_cache(maxsize=1)
def program_state() -> dict[str, Any]:
    """ "tool", "python", "platform" and "packages" of a config lock; the same for the life of the process."""
    commit, dirty = commit_of(ROOT)
    source = source_hash(ROOT / "src")
    return {
        "tool": {"name": TOOL_NAME, "version": VERSION, "commit": commit, "dirty": dirty, "source_sha256": source},
        "python": {"version": platform.python_version(), "implementation": platform.python_implementation()},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "packages": {name: version_of(name) for name in required_packages(ROOT)},
    }


def source_hash(folder: Path) -> str:
    """The SHA-256 over the names and contents of the Python files below a folder, line ends aside."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(folder).as_posix().encode()
        digest.update(b"%d %s %d\n" % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def commit_of(folder: Path) -> tuple[str, bool | None]:
    """The commit a repository's work tree stands at and whether tracked files differ from it; "unknown", None else.

    `folder` has to be the top of the work tree: a repository around it says nothing about the program.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != folder.resolve():
        return UNKNOWN, None
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all")
    return commit or UNKNOWN, None if changes is None or not commit else bool(changes)


def required_packages(root: Path) -> list[str]:
    """The names of the packages the program asks for, in order of the alphabet."""
    listed = root / "requirements.txt"
    if listed.is_file():
        lines = listed.read_text(encoding="utf-8").splitlines()
    else:  # installed as a package: the list came with it
        try:
            lines = [line for line in metadata.requires(TOOL_NAME) or () if "extra ==" not in line]
        except metadata.PackageNotFoundError:
            lines = []
    found = (_NAME.match(line.strip()) for line in lines if not line.lstrip().startswith(("#", "-")))
    return sorted({match[0].lower() for match in found if match})


def version_of(package: str) -> str:
    """The installed version of a package, or "not installed"."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints, None when there is no git, it takes too long or it says no."""
    git = shutil.which("git")
    if git is None:
        return None
    quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and arguments of ours
            [git, *_GIT_OPTIONS, *arguments],
            cwd=folder,
            env={**child_environment(), **quiet, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
