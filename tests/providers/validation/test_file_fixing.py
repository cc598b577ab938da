from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS, find_provider
from src.providers.validation.fixing.file_fixing import FixReport, fix_file, fixed_path
from src.providers.validation.json_lines import MAX_LINE_BYTES
from src.providers.validation.row_checks import CheckTask
from src.providers.validation.validator import validate_file
from tests.providers.conversations import numbered_rows, write_rows


def fix(path: Path, provider: str = "openai", model: str = "") -> FixReport:
    facts = find_provider(provider).facts(model or find_provider(provider).get_models()[0])
    return fix_file(CheckTask(path, provider, facts.id), fixed_path(path))


def fixed_row(row: object, provider: str, tmp_path: Path, model: str = "") -> Any:
    """What becomes of one row; itself when nothing was to be done."""
    path = write_rows(tmp_path / "train.jsonl", [row])
    output = fix(path, provider, model).output
    return json.loads((output or path).read_bytes())


def changes(report: FixReport) -> list[dict[str, Any]]:
    assert report.list_of_changes is not None
    return [json.loads(line) for line in report.list_of_changes.read_bytes().splitlines()]


def talk(**answer: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello", **answer}]}


def with_call(call: dict[str, object], call_id: str = "call_1", provider: str = "openai") -> dict[str, Any]:
    told = {"name": "now", "description": "d", "parameters": {"type": "object", "properties": {}}}
    return {
        "messages": [
            {"role": "user", "content": "Time?"},
            {"role": "assistant", "tool_calls": [call]},
            {
                "role": "tool",
                "content": "9",
                "tool_call_id": call_id,
                **({"name": "now"} if provider == "mistral" else {}),
            },
            {"role": "assistant", "content": "Nine."},
        ],
        "tools": [{"type": "function", "function": told}],
    }


def test_line_ends_blank_lines_and_the_mark_are_mended_and_listed(tmp_path: Path) -> None:
    lines = [json.dumps(row).encode() for row in numbered_rows(PROVIDERS["openai"], 11)]
    path = tmp_path / "train.jsonl"
    whole = b"\xef\xbb\xbf" + lines[0] + b"\r\n\n  \t\n" + lines[1] + b"   \n" + b"\n".join(lines[2:])
    path.write_bytes(whole)
    report = fix(path)
    assert report.output == tmp_path / "train.fixed.jsonl"
    assert report.output.read_bytes() == b"\n".join(lines) + b"\n"
    assert [(one["line"], one["rules"][0]) for one in changes(report)] == [
        (1, "byte_order_mark"),
        (1, "line_end"),
        (2, "blank_line"),
        (3, "blank_line"),
        (4, "space_around"),
        (13, "line_end"),
    ]
    assert path.read_bytes() == whole
    assert validate_file(report.output, "openai").ok


@pytest.mark.parametrize("weight", [True, 1.0])
def test_a_weight_of_true_is_one(weight: object, tmp_path: Path) -> None:
    row = fixed_row(talk(weight=weight), "openai", tmp_path)
    assert row["messages"][1]["weight"] == 1 and type(row["messages"][1]["weight"]) is int
    assert changes(FixReport(None, tmp_path / "train.fixed.changes.jsonl"))[0]["paths"] == ["messages[1].weight"]


def test_roles_are_spelt_as_the_format_spells_them(tmp_path: Path) -> None:
    row = {"contents": [{"role": "User", "parts": [{"text": "a"}]}, {"role": "assistant", "parts": [{"text": "b"}]}]}
    assert [turn["role"] for turn in fixed_row(row, "google", tmp_path)["contents"]] == ["user", "model"]


def test_old_functions_become_tools(tmp_path: Path) -> None:
    function = {"name": "now", "parameters": {"type": "object", "properties": {}}}
    row = {
        "messages": [
            {"role": "user", "content": "Time?"},
            {"role": "assistant", "function_call": {"name": "now", "arguments": "{}"}},
            {"role": "function", "name": "now", "content": "9"},
            {"role": "assistant", "content": "Nine."},
        ],
        "functions": [function],
    }
    fixed = fixed_row(row, "openai", tmp_path)
    assert fixed["tools"] == [{"type": "function", "function": function}] and "functions" not in fixed
    assert fixed["messages"][1]["tool_calls"][0]["id"] == fixed["messages"][2]["tool_call_id"]


def test_googles_keys_are_written_in_camel_case_but_not_a_functions_own(tmp_path: Path) -> None:
    row = {
        "system_instruction": {"parts": [{"text": "s"}]},
        "contents": [{"role": "user", "parts": [{"text": "a_b"}]}, {"role": "model", "parts": [{"text": "c"}]}],
    }
    fixed = fixed_row(row, "google", tmp_path)
    assert fixed["systemInstruction"]["parts"] == [{"text": "s"}] and "system_instruction" not in fixed


def test_mistrals_call_ids_get_nine_letters_in_the_call_and_its_answer(tmp_path: Path) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages = fixed_row(with_call(call, provider="mistral"), "mistral", tmp_path)["messages"]
    assert len(messages[1]["tool_calls"][0]["id"]) == 9
    assert messages[1]["tool_calls"][0]["id"] == messages[2]["tool_call_id"]


def test_arguments_become_the_text_of_their_object(tmp_path: Path) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": {"zone": "Köln"}}}
    fixed = fixed_row(with_call(call), "openai", tmp_path)
    assert fixed["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"zone": "Köln"}'


def test_bedrocks_system_message_moves_beside_the_messages(tmp_path: Path) -> None:
    row = {"messages": [{"role": "system", "content": "s"}, *talk()["messages"]]}
    assert fixed_row(row, "anthropic", tmp_path, "claude-3-haiku") == {"system": "s", **talk()}


@pytest.mark.parametrize(
    "row",
    [
        {
            "messages": [
                {"role": "user", "content": "a"},
                {"role": "user", "content": "b"},
                {"role": "assistant", "content": "c"},
            ]
        },
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "mesages": []},
        {"messages": [{"role": "user", "content": " "}, {"role": "assistant", "content": "b"}]},
        {"messages": [{"role": "user", "content": "a"}]},
        {"question": "x"},
    ],
)
def test_what_could_be_meant_in_two_ways_is_left(row: dict[str, Any], tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", [row])
    report = fix(path, "llama")
    assert (report.output, report.list_of_changes, report.changes) == (None, None, {})
    assert [one.name for one in tmp_path.iterdir()] == ["train.jsonl"]


def test_rows_that_cannot_be_read_are_copied_as_they_are(tmp_path: Path) -> None:
    broken = [b'{"messages": [}', b'{"a": 1, "a": 2}', b"\xff", b'{"messages": "\\ud800"}']
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n" + b"\n".join(broken) + b"\n")
    output = fix(path).output
    assert output is not None and output.read_bytes().splitlines() == broken


def test_a_line_too_long_to_hold_is_copied_whole_and_the_next_ones_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"x" * (2 * MAX_LINE_BYTES + 9) + b"\n" + json.dumps(talk(weight=True)).encode() + b"\n")
    report = fix(path)
    assert report.output is not None and [one["line"] for one in changes(report)] == [2]
    assert report.output.stat().st_size == path.stat().st_size - len("true") + len("1")


@pytest.mark.parametrize("name", ["train.fixed.jsonl", "train.fixed.changes.jsonl"])
def test_nothing_is_overwritten(name: str, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", [talk(weight=True)])
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        fix(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["train.jsonl", name])
    assert (tmp_path / name).read_text() == "mine"
