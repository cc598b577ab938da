"""The version numbers of a dataset's exports: v1.0.0, and what comes after a version."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, NamedTuple

ChangeKind = Literal["first", "patch", "minor", "major"]

_VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


class Version(NamedTuple):
    """A version; versions compare by their numbers."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"

    def after(self, change: ChangeKind) -> Version:
        """The next version for a change."""
        if change == "patch":
            return Version(self.major, self.minor, self.patch + 1)
        if change == "minor":
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major + 1, 0, 0)


FIRST = Version(1, 0, 0)


def parse_version(name: str) -> Version | None:
    """The version a folder's name stands for, None when it stands for none."""
    found = _VERSION.fullmatch(name)
    version = Version(*map(int, found.groups())) if found else None
    # v01.0.0 is another name than the one we would write.
    return version if version and str(version) == name else None


def versions_in(folder: Path) -> list[str]:
    """The names of the versions in a dataset's folder, the highest last; [] when there are none."""
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return [str(version) for version in sorted(filter(None, map(parse_version, names)))]
