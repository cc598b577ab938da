"""Questions with answers that others wrote: the riddles of the Debian package fortunes-min, where it is installed.

Not copied into the repository: the package's licence (BSD) covers the collection, the jokes' authors are not known.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.detection.gold import Gold, Turn

RIDDLES = Path("/usr/share/games/fortunes/riddles")
_RIDDLE = re.compile(r"\AQ:\s+(?P<question>.+?)\nA:\s+(?P<answer>.+?)\s*\Z", re.DOTALL)


def riddles(source: Path = RIDDLES) -> tuple[str, list[Gold]] | None:
    """The file without its jokes that answer first, and its riddles; None where it is not installed.

    The gold comes from the file's own separators: an entry that is one Q: and one A: to its end.
    """
    if not source.is_file():
        return None
    kept: list[str] = []
    gold: list[Gold] = []
    for entry in source.read_text("utf-8", "replace").split("\n%\n"):
        match = _RIDDLE.match(entry.strip())
        labels = re.findall(r"^[QA]\d?:", entry, re.MULTILINE)
        if match and labels == ["Q:", "A:"]:
            gold.append((Turn("user", match["question"]), Turn("assistant", match["answer"])))
        elif labels:
            continue
        kept.append(entry)
    return "\n%\n".join(kept), gold
