from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.providers.formats.findings import Finding
from src.providers.validation.json_lines import keys_written, read_lines, read_object, read_rows

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(lines=st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"").rstrip(b"\r"))), data=st.data())
def test_ranges_that_touch_give_every_line_once(
    lines: list[bytes], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(b"\n".join(lines))
    size = path.stat().st_size
    cuts = sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=5))})
    pieces = [line for start, end in pairwise(cuts) for line in read_lines(path, start, end)]
    assert pieces == list(read_lines(path))


@given(row=st.dictionaries(st.text(max_size=6), _JSON, max_size=4), ascii_only=st.booleans(), indent=st.booleans())
def test_a_good_row_is_read_as_the_json_module_reads_it(row: dict[str, Any], ascii_only: bool, indent: bool) -> None:
    separators = (" , ", " \t: ") if indent else (",", ":")
    raw = json.dumps(row, ensure_ascii=ascii_only, separators=separators).encode("utf-8", "surrogatepass")
    findings: list[Finding] = []
    value = read_object(raw, findings)
    if findings:
        assert {finding.rule for finding in findings} <= {"lone_surrogate", "not_utf8"}
    else:
        assert value == json.loads(raw)


@given(row=st.dictionaries(st.text(max_size=6), _JSON, max_size=3), key=st.text(max_size=6))
def test_a_key_that_stands_twice_is_always_seen(row: dict[str, Any], key: str) -> None:
    name = json.dumps(key)
    raw = f'{{{name}: 1, "x": {json.dumps(row)}, {name}: 2}}'.encode()
    findings: list[Finding] = []
    read_object(raw, findings)
    assert {"repeated_key", "lone_surrogate"} & {finding.rule for finding in findings}


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (rb'{"a": "b\": c"}', 1),
        (rb'{"a\"": 1, "b\": c": 2}', 2),
        (rb'{"a\\": 1, "b": 2}', 2),
        (b'{"a"\t :1}', 1),
        (rb'{"a": "C:\\", "b": "say \": \\\": "}', 2),
    ],
)
def test_keys_are_told_from_texts_that_look_like_them_and_never_too_few(raw: bytes, count: int) -> None:
    json.loads(raw)
    assert keys_written(raw) >= count
    assert b'\\\\"' in raw or keys_written(raw) == count


def test_only_the_first_line_may_be_told_of_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\xef\xbb\xbf{"a": 1}\n')
    assert [[f.rule for f in row.findings] for row in read_rows(path)] == [["byte_order_mark"], ["not_json"]]
