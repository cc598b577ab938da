"""The difference between two exports on disk: samples, settings and formats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.errors import ExportError
from src.export.manifests.schema import Manifest, read_manifest
from src.export.versions.changelog import difference_lines
from src.export.versions.content import LINEAGE_NAME, read_content
from src.export.versions.difference import Difference, compare

_ABSENT = "(not there)"
_MOST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class VersionsDiff:
    """From an old to a new export. `difference` is None, and `note` says why, when one has no readable lineage.

    `settings` and `formats` map what differs ("config.split.train", "jsonl") to its old and new value.
    """

    old: str
    new: str
    difference: Difference | None
    note: str
    settings: Mapping[str, tuple[str, str]]
    formats: Mapping[str, tuple[str, str]]

    def lines(self) -> list[str]:
        """The same for people, as Markdown."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.old} -> {self.new}"
        yield ""
        yield from difference_lines(self.difference) if self.difference else [f"Samples: {self.note}"]
        for title, changes in (("Formats", self.formats), ("Settings", self.settings)):
            yield ""
            yield f"{title}:" if changes else f"{title}: no difference."
            yield from (f"- {name}: {before} -> {after}" for name, (before, after) in changes.items())


def diff_versions(old: Path, new: Path) -> VersionsDiff:
    """What is different in `new`. Raises ExportError when one of them is no whole export of this program."""
    before, after = read_manifest(old), read_manifest(new)
    difference, note = None, ""
    try:
        difference = compare(read_content(old / LINEAGE_NAME), read_content(new / LINEAGE_NAME))
    except ExportError as error:
        note = str(error)
    return VersionsDiff(
        f"{before.name} {before.version}",
        f"{after.name} {after.version}",
        difference,
        note,
        _changes(_settings(before), _settings(after)),
        _format_changes(before, after),
    )


def _settings(manifest: Manifest) -> dict[str, str]:
    held = manifest.model_dump(include={"provider", "model", "mode", "tool", "tokens", "generation", "config"})
    return dict(_leaves(held, ""))


def _format_changes(old: Manifest, new: Manifest) -> dict[str, tuple[str, str]]:
    """The formats that only one of the two has, then what differs in those of both."""
    alone = {
        name: (_ABSENT, "there") if name in new.formats else ("there", _ABSENT)
        for name in old.formats.keys() ^ new.formats.keys()
    }
    return dict(sorted(alone.items())) | _changes(_formats(old, new), _formats(new, old))


def _formats(manifest: Manifest, other: Manifest) -> dict[str, str]:
    both = sorted(manifest.formats.keys() & other.formats.keys())
    held = {name: manifest.formats[name].model_dump(include={"settings", "rows", "left_out"}) for name in both}
    return dict(_leaves(held, "")) if held else {}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every value below a JSON value, by its dotted path."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path, repr(value)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = dict.fromkeys([*old, *new])
    return {
        name: (_short(old.get(name, _ABSENT)), _short(new.get(name, _ABSENT)))
        for name in names
        if old.get(name) != new.get(name)
    }


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 3] + "..."
