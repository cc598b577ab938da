from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.formats.convert import ConversionReport, convert_file
from src.providers.formats.registry import FORMATS
from tests.providers.conversations import TALK, write_rows

USER, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
CHAT = {"messages": [USER, ANSWER]}
CALL = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "1"}
TOOLS = {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT, ANSWER]}
TWICE = {"messages": [USER, USER, ANSWER]}
WORSE = {"role": "assistant", "content": "What?"}
PREFERENCE = {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [WORSE]}


def convert(tmp_path: Path, rows: Sequence[object], source: str = "openai", target: str = "llama") -> ConversionReport:
    path = write_rows(tmp_path / "in.jsonl", rows)
    return convert_file(path, tmp_path / "out.jsonl", PROVIDERS[source].formats, PROVIDERS[target].formats)


def rows_of(report: ConversionReport) -> list[Any]:
    return [json.loads(line) for line in report.target.read_bytes().splitlines()]


def left_out(report: ConversionReport) -> dict[str, tuple[int, list[int]]]:
    return {count.rule: (count.count, count.lines) for count in report.left_out.values()}


def chosen(report: ConversionReport) -> dict[tuple[str, str], tuple[int, list[int]]]:
    return {(count.severity, count.rule): (count.count, count.lines) for count in report.choices.values()}


@pytest.mark.parametrize("source", PROVIDERS)
@pytest.mark.parametrize("target", PROVIDERS)
def test_a_file_of_texts_goes_from_any_provider_to_any_other_and_back(source: str, target: str, tmp_path: Path) -> None:
    here, there = PROVIDERS[source], PROVIDERS[target]
    rows = [here.format_example(TALK), here.format_example(TALK[1:])]
    first = write_rows(tmp_path / "a.jsonl", rows)
    report = convert_file(first, tmp_path / "b.jsonl", here.formats, there.formats)
    convert_file(report.target, tmp_path / "c.jsonl", there.formats, here.formats)
    assert [there.parse_example(row) for row in rows_of(report)] == [TALK, TALK[1:]]
    assert [json.loads(line) for line in (tmp_path / "c.jsonl").read_bytes().splitlines()] == rows
    assert (report.read, report.written, report.choices, report.left_out) == (2, 2, {}, {})


def test_what_was_changed_is_counted_with_its_first_lines(tmp_path: Path) -> None:
    report = convert(tmp_path, [CHAT, *[TWICE] * 7])
    assert chosen(report) == {("warning", "turns_merged"): (7, [2, 3, 4, 5, 6])}
    assert (report.read, report.written, report.target_format) == (8, 8, "messages")
    assert "blank line between" in next(iter(report.choices.values())).message


def test_rows_that_cannot_be_read_or_expressed_are_left_out_and_counted(tmp_path: Path) -> None:
    broken = {"messages": [USER, {"role": "assistant", "content": ""}]}
    report = convert(tmp_path, [broken, CHAT, TOOLS, {"prompt": "x"}, TOOLS], target="anthropic")
    assert rows_of(report) == [CHAT]
    assert report.read == report.written + sum(count for count, _ in left_out(report).values()) == 5
    assert left_out(report)["text_empty"] == (1, [1])
    assert left_out(report)["tool_calls_not_expressible"] == (2, [3, 5])
    assert report.formats_read == {"openai-chat": 3}


def test_lines_that_are_no_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    good = json.dumps(CHAT).encode()
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join([b"\xef\xbb\xbf" + good, b"", b"{", b'{"a": 1, "a": 2}', b"\xff", good]))
    report = convert_file(path, tmp_path / "out.jsonl", PROVIDERS["openai"].formats, PROVIDERS["llama"].formats)
    assert left_out(report) == {
        "blank_line": (1, [2]), "not_json": (1, [3]), "repeated_key": (1, [4]), "not_utf8": (1, [5]),
    }  # fmt: skip
    assert chosen(report) == {("error", "byte_order_mark"): (1, [1])}
    assert report.target.read_bytes() == good + b"\n" + good + b"\n"


def test_all_rows_are_written_in_the_format_of_the_first_ones_kind(tmp_path: Path) -> None:
    report = convert(tmp_path, [PREFERENCE, CHAT])
    assert report.target_format == "preference"
    assert rows_of(report) == [PREFERENCE]
    assert left_out(report) == {"kind_not_expressible": (1, [2])}


def test_a_preference_after_a_conversation_gives_its_better_answer(tmp_path: Path) -> None:
    report = convert(tmp_path, [CHAT, PREFERENCE])
    assert rows_of(report) == [CHAT, CHAT]
    assert chosen(report) == {("warning", "rejected_dropped"): (1, [2])}


def test_the_better_answer_is_written_where_no_format_has_a_place_for_two(tmp_path: Path) -> None:
    report = convert(tmp_path, [PREFERENCE], target="anthropic")
    assert (report.target_format, rows_of(report)) == ("bedrock-claude", [CHAT])


def test_one_format_can_be_asked_for(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "in.jsonl", [CHAT])
    report = convert_file(path, tmp_path / "out.jsonl", [FORMATS["openai-chat"]], [FORMATS["alpaca"]])
    assert rows_of(report) == [{"instruction": "Hi", "input": "", "output": "Hello"}]


def test_line_ends_of_unicode_are_escaped_and_other_characters_are_not(tmp_path: Path) -> None:
    text = "é\u2028\u2029\u0085🌊"
    report = convert(tmp_path, [{"messages": [USER, {**ANSWER, "content": text}]}])
    [line] = report.target.read_bytes().decode().splitlines()
    assert "é\\u2028\\u2029\\u0085🌊" in line
    assert json.loads(line)["messages"][1]["content"] == text


def test_no_file_is_written_where_no_row_is_left(tmp_path: Path) -> None:
    report = convert(tmp_path, [TOOLS], target="anthropic")
    assert (report.read, report.written) == (1, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]


def test_a_file_that_exists_is_kept_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    source, target = write_rows(tmp_path / "in.jsonl", [CHAT]), tmp_path / "out.jsonl"
    target.write_text("mine")
    formats = PROVIDERS["openai"].formats
    with pytest.raises(UsageError, match=r"out\.jsonl exists already; name another file"):
        convert_file(source, target, formats, formats)
    assert target.read_text() == "mine"
    convert_file(source, target, formats, formats, overwrite=True)
    assert json.loads(target.read_text()) == CHAT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_file_is_never_converted_into_itself(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", [CHAT])
    (tmp_path / "link.jsonl").symlink_to(source)
    formats = PROVIDERS["openai"].formats
    for target in (source, tmp_path / "link.jsonl", tmp_path / ".." / tmp_path.name / "in.jsonl"):
        with pytest.raises(UsageError, match="itself"):
            convert_file(source, target, formats, formats, overwrite=True)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("none.jsonl", "out.jsonl", r"none\.jsonl is not a file"),
        ("folder", "out.jsonl", "folder is not a file"),
        ("in.jsonl", "none/out.jsonl", "none does not exist"),
        ("in.jsonl", "folder", "folder exists already"),
        ("in.jsonl", "x" * 250 + ".jsonl", "File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_or_written_is_a_usage_error(
    source: str, target: str, said: str, tmp_path: Path
) -> None:
    write_rows(tmp_path / "in.jsonl", [CHAT])
    (tmp_path / "folder").mkdir()
    formats = PROVIDERS["openai"].formats
    with pytest.raises(UsageError, match=said):
        convert_file(tmp_path / source, tmp_path / target, formats, formats, overwrite=True)


def test_a_number_that_json_does_not_have_leaves_its_row_out(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps(CHAT)[:-1] + ', "weight": 1e999}\n' + json.dumps(CHAT) + "\n")
    llama = PROVIDERS["llama"].formats
    report = convert_file(path, tmp_path / "out.jsonl", llama, llama)
    assert (report.read, report.written) == (2, 1)
