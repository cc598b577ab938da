"""The JSON reader: records as rows whose cells are named by their paths, strings as they stand in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import IngestionError
from src.ingestion.text import json_reader
from src.ingestion.text.json_reader import read
from tests.ingestion.support import Reading, reading


def read_text(content: str | bytes, folder: Path, name: str = "a.json") -> Reading:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return reading(read, path)


def values(found: Reading) -> list[dict[str, str]]:
    return [{cell.name: piece.text[cell.start : cell.end] for cell in piece.cells} for piece in found.pieces]


def test_each_element_of_an_array_is_a_row_with_its_paths(tmp_path: Path) -> None:
    records = [
        {"messages": [{"role": "user", "content": " Hi\n there "}, {"role": "assistant", "content": "Yo"}]},
        "alone",
        {"n": 1.5, "yes": True, "none": None, "empty": "", "list": []},
    ]

    found = read_text(json.dumps(records), tmp_path)

    assert values(found) == [
        {
            "messages[0].role": "user",
            "messages[0].content": " Hi\n there ",
            "messages[1].role": "assistant",
            "messages[1].content": "Yo",
        },
        {"value": "alone"},
        {"n": "1.5", "yes": "true"},
    ]
    assert [piece.place for piece in found.pieces] == ["record 1", "record 2", "record 3"]
    assert {piece.kind for piece in found.pieces} == {"row"}
    assert found.pieces[2].text == "n: 1.5\nyes: true"


def test_an_object_is_one_row_and_awkward_keys_are_quoted(tmp_path: Path) -> None:
    tree = {"mapping": {"ab-1": {"message": {"author": {"role": "user"}}}}, "a.b": {"c d": 1, "": 2, 'x"': 3}}

    assert values(read_text(json.dumps(tree), tmp_path)) == [
        {
            "mapping.ab-1.message.author.role": "user",
            '["a.b"]["c d"]': "1",
            '["a.b"][""]': "2",
            '["a.b"]["x\\""]': "3",
        }
    ]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    assert values(read_text('{"a": 1.10, "b": 1e5, "c": -0, "d": 12345678901234567890}', tmp_path)) == [
        {"a": "1.10", "b": "1e5", "c": "-0", "d": "12345678901234567890"}
    ]


def test_control_characters_and_half_characters_go(tmp_path: Path) -> None:
    found = read_text('{"a": "x\\u0000y\\r\\nz\\ud83d", "k\\ud83d": "v"}', tmp_path)

    assert values(found) == [{"a": "xy\nz", '["k\\ud83d"]': "v"}]


@given(
    value=st.recursive(
        st.text(max_size=5) | st.integers() | st.booleans() | st.none(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below, max_size=3),
        max_leaves=8,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_hold_what_the_text_holds_for_any_value(tmp_path: Path, value: Any) -> None:
    for piece in read_text(json.dumps([value]), tmp_path).pieces:
        assert piece.text == "\n".join(f"{cell.name}: {piece.text[cell.start : cell.end]}" for cell in piece.cells)
        assert piece.text.encode() or not piece.cells


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
def test_lines_are_records_whatever_the_name(name: str, tmp_path: Path) -> None:
    found = read_text('\ufeff{"a": 1}\r\n\r\n{"a": 2}\n', tmp_path, name)

    assert values(found) == [{"a": "1"}, {"a": "2"}]
    assert [piece.place for piece in found.pieces] == ["line 1", "line 3"]


def test_values_one_after_the_other_are_records(tmp_path: Path) -> None:
    assert values(read_text('{\n "a": 1\n}\n{\n "a": 2\n}', tmp_path)) == [{"a": "1"}, {"a": "2"}]


def test_an_array_named_jsonl_is_read_as_an_array(tmp_path: Path) -> None:
    assert values(read_text('[\n{"a": 1},\n{"a": 2}\n]', tmp_path, "a.jsonl")) == [{"a": "1"}, {"a": "2"}]


def test_wrong_lines_are_named_and_the_others_read(tmp_path: Path) -> None:
    found = read_text('{"a": 1}\nbad\n{"a": NaN}\n{"a": 2} x\n{"a": 3}\n', tmp_path, "a.jsonl")

    assert values(found) == [{"a": "1"}, {"a": "3"}]
    assert found.warnings[0].startswith("lines that are no JSON were left out: 2, 3, 4 (line 2, column 1")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", "bad\nworse\n", "line 1, column 1"),
        ("a.json", '{"a": 1,\n "b":}', "line 2, column 6"),
        ("a.json", '[{"a": 1}\n {"b": 2}]', "line 2, column 2 .* comma"),
        ("a.json", '[{"a": 1},', "line 1, column 11"),
        ("a.json", '[{"a": 1},]', "line 1, column 11"),
        ("a.json", "[1] 2", "line 1, column 5 .* follows the end"),
        ("a.json", '{"a": NaN}', "NaN is no JSON value"),
        ("a.json", '{"a": ' + "9" * 100_000 + "}", "a number of 100,000 digits"),
        ("a.json", '{"a": "x\ny"}', "line 1, column 9"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(name: str, content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=rf"^{name}: .*{reason}") as refusal:
        read_text(content, tmp_path, name)

    assert refusal.value.status == "damaged"


@pytest.mark.parametrize("depth", [json_reader.MAX_DEPTH + 3, 200_000])
@pytest.mark.parametrize("around", ["[]", '{"a":|}'])
def test_deep_nesting_is_refused(depth: int, around: str, tmp_path: Path) -> None:
    left, right = ("[", "]") if around == "[]" else ('{"a":', "}")

    with pytest.raises(IngestionError, match="nested deeper than 100") as refusal:
        read_text(left * depth + "1" + right * depth, tmp_path)

    assert refusal.value.status == "refused"


def test_the_last_of_two_equal_keys_is_taken_with_a_warning(tmp_path: Path) -> None:
    found = read_text('{"a": 1, "a": 2}', tmp_path)

    assert values(found) == [{"a": "2"}]
    assert "1 time a key stands twice in its object (a)" in found.warnings[0]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings_are_read(codec: str, tmp_path: Path) -> None:
    assert values(read_text('{"a": "é and more plain text"}'.encode(codec), tmp_path)) == [
        {"a": "é and more plain text"}
    ]


def test_a_text_cut_where_its_style_changes_is_whole_again(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    parts = ["Is it ", {"type": "bold", "text": "open"}, "?"]
    path.write_text(json.dumps({"messages": [{"text": parts}, {"text": [{"kind": "x", "text": "a"}]}]}), "utf-8")

    (piece,) = reading(read, path).pieces

    assert piece.text == "messages[0].text: Is it open?\nmessages[1].text[0].kind: x\nmessages[1].text[0].text: a"
