"""Which top-level keys all records have, of which types, and which row formats they are in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from src.export.packing.verifying.pack_report import Check
from src.export.packing.writing.statistics import JSON_TYPES

Shape = tuple[tuple[str, ...], tuple[type, ...]]
_MOST_SHAPES, _MOST_KEYS, _LONGEST_KEY = 1024, 200, 60
_KEYS_TOLD = 20
UNKNOWN = "unknown"


class SchemaTable:
    """Counts records by key and type; keys beyond the first 200 are counted together."""

    def __init__(self) -> None:
        self._shapes: Counter[Shape] = Counter()
        self._keys: dict[str, Counter[str]] = {}
        self._further = 0
        self._formats: Counter[str] = Counter()
        self._records = 0

    def add(self, lines: Sequence[bytes], fast: Callable[[bytes], Any], sure: Callable[[bytes], Any]) -> None:
        """Take note of records. What `fast` refuses is decoded by `sure`."""
        for line in lines:
            try:
                record = fast(line)
            except (ValueError, RecursionError):
                record = sure(line)
            self._formats[_format_of(record)] += 1
            self._shapes[tuple(record), tuple(map(type, record.values()))] += 1
        self._records += len(lines)
        if len(self._shapes) > _MOST_SHAPES:
            self._fold()

    def checks(self) -> list[Check]:
        """What was found; nothing here can be wrong, but records without a known format are pointed at."""
        self._fold()
        strange = self._formats[UNKNOWN]
        formats = ", ".join(f"{name} ({count:,})" for name, count in self._formats.most_common()) or "no records"
        text = f"{formats}."
        if strange:
            text += " The unknown ones are in no row format of this program; --provider would refuse them."
        return [Check("keys and types", "ok", self._told()), Check("row formats", "warning" if strange else "ok", text)]

    def _fold(self) -> None:
        for (keys, types), count in self._shapes.items():
            for key, kind in zip(keys, types, strict=True):
                name = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}..."
                if name in self._keys or len(self._keys) < _MOST_KEYS:
                    self._keys.setdefault(name, Counter())[JSON_TYPES[kind]] += count
                else:
                    self._further += count
        self._shapes.clear()

    def _told(self) -> str:
        ordered = sorted(self._keys.items(), key=lambda item: -sum(item[1].values()))
        told = [f"{json.dumps(key)} {self._of(types)}" for key, types in ordered[:_KEYS_TOLD]]
        more = len(ordered) - len(told)
        if more or self._further:
            told.append(
                f"and {more:,} more keys" + (f", {self._further:,} values of further ones" if self._further else "")
            )
        return "; ".join(told) + "." if told else "no records."

    def _of(self, types: Mapping[str, int]) -> str:
        named = ", ".join(f"{name} {count:,}" for name, count in sorted(types.items(), key=lambda item: -item[1]))
        missing = self._records - sum(types.values())
        return f"{named}, missing {missing:,}" if missing > 0 else named


def _format_of(record: Mapping[str, Any]) -> str:
    from src.providers.formats.registry import FORMATS

    return next((name for name, form in FORMATS.items() if form.recognises(record)), UNKNOWN)
