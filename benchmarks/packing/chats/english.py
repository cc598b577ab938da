"""English text that every Python brings: its help topics, and what its modules say about themselves."""

from __future__ import annotations

import ast
import bisect
import re
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics

# Not there in every installation of one version, or not prose.
_LEFT_OUT = {
    "test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__", "lib2to3", "distutils", "ensurepip",
    "tkinter", "idlelib", "turtledemo", "encodings", "pydoc_data", "__phello__", "turtle.py",
}  # fmt: skip
_SHORTEST = 60
_COMMENTS = re.compile(r"(?:^[ \t]*#.*\n)+", re.MULTILINE)


class Prose:
    """A long text as words, so that any stretch of it can be cut out and changed quickly.

    A word is what stands between two spaces; it keeps its punctuation and line breaks.
    """

    def __init__(self, passages: Iterable[str]) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        for passage in passages:
            for paragraph in re.split(r"\n\s*\n", passage):
                self.starts.append(len(self.words))
                self.words += (paragraph.strip("\n") + "\n\n").split(" ")
        self.ends = [0]
        for word in self.words:
            self.ends.append(self.ends[-1] + len(word) + 1)

    def cut(self, at: float, characters: int) -> list[str]:
        """About so many characters, or a word fewer, from the paragraph at this share of the text (0 to 1)."""
        start = self.starts[int(at * len(self.starts))]
        end = bisect.bisect_right(self.ends, self.ends[start] + characters) - 1
        return self.words[start : max(start + 1, end)]


@cache
def passages() -> tuple[str, ...]:
    """Help topics, docstrings and comments of the standard library that runs this, in one order."""
    found = [topics[name] for name in sorted(topics)]
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py"), key=lambda path: path.relative_to(library).parts):
        if not any(part in _LEFT_OUT or part.startswith("config-") for part in path.relative_to(library).parts):
            found += _said_in(path.read_text("utf-8", errors="replace"))
    return tuple(passage for passage in found if len(passage) >= _SHORTEST)


def _said_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for block in _COMMENTS.findall(source):
        yield "\n".join(line.strip().lstrip("#").strip() for line in block.splitlines())
