"""Rows with one value exchanged for another, to see that no check trips over what it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from src.providers.formats.row_format import RowFormat
from tests.providers.conversations import rules

VALUES: tuple[Any, ...] = (None, True, 0, 1.5, "", "x", "user", [], {}, [None], ["x"], {"x": 1}, {"text": {}}, [[]])


def spoilt(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with each of the values in each of its places."""
    for number in range(len(_places(row))):
        for value in VALUES:
            bad = deepcopy(row)
            holder, key = _places(bad)[number]
            holder[key] = deepcopy(value)
            yield bad


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


def check_spoilt_rows(form: RowFormat, row: dict[str, Any]) -> None:
    """Each is judged without a crash, and what is accepted can be read and written as an accepted row."""
    for bad in spoilt(row):
        form.recognises(bad)
        if not rules(list(form.check(bad))):
            written = form.build(form.read(bad))
            assert rules(list(form.check(written))) == set(), bad
            assert json.dumps(form.build(form.read(written))) == json.dumps(written)
