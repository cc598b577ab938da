"""How a checker's script talks with the benchmark: a job as JSON in, objections as JSON out.

The scripts run in environments of their own, which hold the checker and not this project, so they import nothing of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Check = Callable[[Path, str], Iterable[str]]
CheckRow = Callable[[Any, str], "Iterable[str] | None"]


def answer(check: Check, check_size: Check | None = None) -> None:
    """Run `check` over the files and the single rows of the job; `check_size` over the files alone."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found: dict[str, list[list[str]]] = {"files": [], "rows": []}
    for file in job["files"]:
        found["files"].append(_objections(Path(file["path"]), file["format"], check, check_size))
    with tempfile.TemporaryDirectory() as folder:
        for number, row in enumerate(job["rows"]):
            path = Path(folder) / f"row{number}.jsonl"
            path.write_text(json.dumps(row["row"], ensure_ascii=False) + "\n", "utf-8")
            found["rows"].append(_objections(path, row["format"], check))
            path.unlink()
    Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")


def _objections(path: Path, form: str, *checks: Check | None) -> list[str]:
    return [error for check in checks if check for error in attempt("", check, path, form)]


def by_row(check_row: CheckRow) -> Check:
    """A check of files that holds every row to `check_row`, whose objections are yielded or raised."""

    def check(path: Path, form: str) -> Iterator[str]:
        for place, row in rows_of(path):
            yield from attempt(f"{place}: ", check_row, row, form)

    return check


def attempt(place: str, check: Callable[..., Iterable[str] | None], *given: Any) -> list[str]:
    """What a check objects to. A checker that falls over a file or a row does not take it, whatever it raises."""
    found: list[str] = []
    try:
        for error in check(*given) or ():
            found.append(place + error)
    except Exception as error:  # noqa: BLE001
        found.append(f"{place}{type(error).__name__}: {error}")
    return found


def rows_of(path: Path) -> Iterator[tuple[str, Any]]:
    """The rows of a JSONL file, each after the words "line 3". Raises ValueError for a line that is not JSON."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number}: invalid JSON: {error}") from error


def count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def load_table(path: Path) -> Any:
    """The file as datasets.load_dataset reads it, in memory: thousands of small tables are not left open on disk."""
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        return datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=cache, keep_in_memory=True)


def stand_in(*names: str) -> None:
    """Put empty modules in the place of libraries that a loader imports for sound or video and never uses here."""
    import importlib.abc
    import importlib.machinery
    import types

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
            wanted = any(name == one or name.startswith(f"{one}.") for one in names)
            return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

        def create_module(self, spec: Any) -> types.ModuleType:
            module = types.ModuleType(spec.name)
            module.__path__ = []
            module.__getattr__ = _empty_class  # type: ignore[method-assign]
            return module

        def exec_module(self, module: types.ModuleType) -> None:
            pass

    sys.meta_path.insert(0, Finder())


def _empty_class(name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {})
