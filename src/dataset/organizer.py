"""Which group of an organised export a sample goes to, and the folder of each group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from src.dataset.fields import Fields
from src.dataset.rules import parse_rule
from src.errors import UsageError

MOST_GROUPS = 200
NO_NAME = "none"
# Windows refuses these as names, with any extension; source: "Naming Files, Paths, and Namespaces", 2026-11-21.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
# A name has at most 255 bytes on most systems; a path 260 characters on Windows.
_LONGEST_NAME, _LONGEST_BYTES = 60, 120


def group_namer(rule: str) -> Callable[[Fields], str]:
    """A function that gives the group of a sample: its topic, complexity, method, source, or what the rule says of it.

    A rule that asks something gives "yes" and "no"; numbers are written out. Raises UsageError for a rule that is none.
    """
    parsed = parse_rule(rule)
    if parsed.kind.startswith("list"):
        raise UsageError(f"the rule {rule!r} gives a {parsed.kind}; a group needs one value, for example topic.")
    return lambda fields: _written(parsed.run(fields))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


class GroupFolders:
    """Folder names for groups: safe on every system, and different for different groups.

    Of groups whose names would collide, the first to come has the plain name.
    """

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._taken: set[str] = set()

    def folder_of(self, group: str) -> str:
        """The folder of the group. Raises UsageError when there are more than MOST_GROUPS."""
        if group not in self._folders:
            if len(self._folders) == MOST_GROUPS:
                raise UsageError(
                    f"the export would have more than {MOST_GROUPS} groups (the next is {group[:60]!r}); organise it "
                    "by something coarser, such as complexity or token_length // 500, or as a column: "
                    "output.organize_as: column."
                )
            self._folders[group] = self._free(folder_name(group))
        return self._folders[group]

    def _free(self, name: str) -> str:
        number, free = 1, name
        # Windows and macOS take "Tax" and "tax" for the same.
        while (plain := unicodedata.normalize("NFKC", free).casefold()) in self._taken:
            number += 1
            free = f"{name}-{number}"
        self._taken.add(plain)
        return free


def folder_name(group: str) -> str:
    """The group's name with nothing in it that a file system could take amiss."""
    plain = unicodedata.normalize("NFC", group)
    name = re.sub(r"[^\w.+=@() -]+", "-", plain.encode("utf-8", "replace").decode("utf-8"))
    name = _cut(re.sub(r"\s+", " ", name)).strip(" .-") or NO_NAME
    return f"_{name}" if _RESERVED.match(name) else name


def _cut(name: str) -> str:
    return name[:_LONGEST_NAME].encode()[:_LONGEST_BYTES].decode("utf-8", "ignore")
