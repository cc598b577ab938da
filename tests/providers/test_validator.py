from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.checks.json_lines import MAX_LINE_BYTES
from src.providers.token_counter import counter_for
from src.providers.validator import KEPT_PER_RULE, ValidationReport, validate_file, validate_samples
from src.records import Message, Origin, make_sample
from tests.providers.conversations import numbered_rows, write_rows

NAMES = list(PROVIDERS)


def places(report: ValidationReport, severity: str = "error") -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in report.findings if finding.severity == severity]


def good_lines(name: str, count: int) -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in numbered_rows(PROVIDERS[name], count)]


def file_with_line(tmp_path: Path, line: bytes, name: str = "openai") -> Path:
    """A good file whose third line is the given one."""
    lines = [text.encode() for text in good_lines(name, 12)]
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[2:]]) + b"\n")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_good_file_passes(name: str, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS[name], 100))
    report = validate_file(path, name)
    assert (report.ok, report.findings, report.rows) == (True, (), 100)
    assert (report.provider, report.model) == (name, PROVIDERS[name].get_models()[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_row_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS[name], 100)
    rows[6] = {"question": "x"}
    report = validate_file(write_rows(tmp_path / "train.jsonl", rows), name)
    assert not report.ok
    assert {line for line, _ in places(report)} == {7}
    assert report.rule_counts["unknown_key"] == 1


def test_tokens_are_those_of_the_provider_and_labelled(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["openai"], 10))
    messages = [PROVIDERS["openai"].parse_example(row) for row in numbered_rows(PROVIDERS["openai"], 10)]
    report = validate_file(path, "openai", "gpt-4o-mini")
    assert report.tokens == sum(map(counter_for("openai", "gpt-4o-mini").count_messages, messages))
    assert (report.exactness, report.model) == ("exact", "gpt-4o-mini-2024-07-18")


@pytest.mark.parametrize(
    ("line", "rule", "said"),
    [
        (b"", "blank_line", "remove it"),
        (b'{"messages": [}', "not_json", "column 15"),
        (b"{'messages': []}", "not_json", "column 2"),
        (b'{"messages": NaN}', "not_json", "NaN"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not_json", "digits"),
        (b"[" * 100_000, "not_json", "too deeply"),
        (b'["a"]', "not_an_object", "write {...}"),
        (b'{"messages": "\xff"}', "not_utf8", "byte 15"),
        (b'{"messages": [], "messages": []}', "repeated_key", "'messages' stands twice"),
        (b'{"messages": [{"role": "user", "content": "\\ud800"}]}', "lone_surrogate", "surrogate"),
    ],
)
def test_a_line_that_is_not_a_json_object_is_named(line: bytes, rule: str, said: str, tmp_path: Path) -> None:
    report = validate_file(file_with_line(tmp_path, line), "openai")
    assert (3, rule) in places(report)
    assert said in next(finding.message for finding in report.findings if finding.rule == rule)
    assert {number for number, _ in places(report)} == {3}


def test_a_byte_order_mark_is_refused_and_the_rest_still_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(good_lines("openai", 10)), encoding="utf-8-sig")
    report = validate_file(path, "openai")
    assert places(report) == [(1, "byte_order_mark")]
    assert report.rows == 10


def test_only_newline_bytes_end_a_line(tmp_path: Path) -> None:
    text = "one\u2028two\u0085three\u000bfour"
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": "ok"}]
    line = json.dumps({"messages": messages}, ensure_ascii=False).encode()
    report = validate_file(file_with_line(tmp_path, line), "openai")
    assert report.ok and report.rows == 13


def test_windows_line_ends_and_a_missing_last_newline_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes("\r\n".join(good_lines("openai", 10)).encode())
    assert validate_file(path, "openai").findings == ()


@pytest.mark.slow
def test_a_line_too_long_to_hold_is_named_and_skipped(tmp_path: Path) -> None:
    path = file_with_line(tmp_path, b'{"a": "' + b"x" * (MAX_LINE_BYTES + 10) + b'"}')
    report = validate_file(path, "openai")
    assert places(report) == [(3, "line_too_long")]
    assert report.rows == 13


def test_a_repeated_line_is_warned_of_with_the_first_one(tmp_path: Path) -> None:
    lines = good_lines("openai", 10)
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join([*lines, lines[3]]), encoding="utf-8")
    report = validate_file(path, "openai")
    assert report.ok
    assert places(report, "warning") == [(11, "repeated_line")]
    assert "line 4" in report.findings[0].message


def test_too_few_examples_matter_in_the_training_file_alone(tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS["openai"], 9)
    assert places(validate_file(write_rows(tmp_path / "train.jsonl", rows), "openai")) == [(0, "too_few_examples")]
    assert validate_file(write_rows(tmp_path / "validation.jsonl", rows), "openai").ok
    assert validate_file(write_rows(tmp_path / "test.jsonl", rows), "openai").ok


def test_a_validation_file_has_its_own_maximum(tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS["anthropic"], 1_001)
    assert validate_file(write_rows(tmp_path / "train.jsonl", rows), "anthropic").ok
    report = validate_file(write_rows(tmp_path / "validation.jsonl", rows), "anthropic")
    assert places(report) == [(0, "too_many_examples")]
    assert "1,001" in report.findings[0].message and "1,000" in report.findings[0].message


def test_a_small_training_file_for_gemini_is_warned_of(tmp_path: Path) -> None:
    report = validate_file(write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["google"], 20)), "google")
    assert report.ok
    assert places(report, "warning") == [(0, "fewer_than_recommended")]


def test_a_file_over_the_size_limit_is_refused(tmp_path: Path) -> None:
    long = "word " * 60_000
    row = PROVIDERS["mistral"].format_example([Message("user", long), Message("assistant", "ok")])
    rows = [row] * 4
    assert (0, "file_too_large") in places(validate_file(write_rows(tmp_path / "validation.jsonl", rows), "mistral"))


def test_a_long_example_is_warned_of_where_it_is_cut_and_refused_where_it_is_not(tmp_path: Path) -> None:
    talk = [Message("user", "word " * 70_000), Message("assistant", "ok")]
    found = {}
    for name in ("openai", "anthropic"):
        rows = [*numbered_rows(PROVIDERS[name], 40), PROVIDERS[name].format_example(talk)]
        report = validate_file(write_rows(tmp_path / "train.jsonl", rows), name)
        found[name] = [(f.severity, f.line, f.rule) for f in report.findings]
    assert found["openai"] == [("warning", 41, "too_many_tokens")]
    assert found["anthropic"] == [("error", 41, "too_many_tokens")]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.touch()
    assert places(validate_file(path, "openai")) == [(0, "empty_file")]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.json", numbered_rows(PROVIDERS["openai"], 10))
    assert places(validate_file(path, "openai")) == [(0, "wrong_suffix")]


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl cannot be read: No such file"):
        validate_file(tmp_path / "none.jsonl", "openai")


def test_findings_are_bounded_and_all_counted(tmp_path: Path) -> None:
    rows: list[object] = [{"messages": [{"role": "user", "content": str(n)}]} for n in range(500)]
    report = validate_file(write_rows(tmp_path / "train.jsonl", rows), "openai")
    assert report.rule_counts == {"no_assistant": 500}
    assert [finding.line for finding in report.findings] == list(range(1, KEPT_PER_RULE + 1))


def test_rows_with_tools_pass_with_a_note(tmp_path: Path) -> None:
    row = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        "tools": [{"type": "function", "function": {"name": "now"}}],
    }
    report = validate_file(file_with_line(tmp_path, json.dumps(row).encode()), "openai")
    assert report.ok
    assert places(report, "note") == [(3, "not_text_only")]


def test_samples_are_judged_before_they_are_written() -> None:
    origin = Origin("a.txt", "created", "d", "line 1")
    good = [make_sample([Message("user", f"q{n}"), Message("assistant", "a")], origin) for n in range(40)]
    long = replace(good[0], messages=(Message("user", "x" * 100_000), Message("assistant", "a")))
    marked = replace(good[0], messages=(Message("user", "a\nHuman: b"), Message("assistant", "a")))
    findings = validate_samples([*good, long, marked], "anthropic", "claude-3-haiku")
    assert {(finding.line, finding.rule) for finding in findings} == {(41, "too_many_tokens"), (42, "reserved_text")}
