from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.formats.findings import Finding
from src.providers.token_counter import counter_for
from src.providers.validation.file_rules import LIFECYCLE_RULE
from src.providers.validation.json_lines import MAX_LINE_BYTES
from src.providers.validation.report import ValidationReport
from src.providers.validation.tally import KEPT_EXAMPLES
from src.providers.validation.validator import validate_file, validate_pair, validate_samples
from src.providers.validation.workers.worker_pool import PROCESSES_FROM_BYTES
from src.records import Message, Origin, make_sample
from tests.providers.conversations import numbered_rows, write_rows

NAMES = list(PROVIDERS)


def objections(report: ValidationReport) -> tuple[Finding, ...]:
    """What was found, but for the news that a model is about to be closed."""
    return tuple(finding for finding in report.findings if finding.rule != LIFECYCLE_RULE)


def places(report: ValidationReport, severity: str = "error") -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in objections(report) if finding.severity == severity]


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
    assert (report.ok, objections(report), report.rows) == (True, (), 100)
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
    assert objections(validate_file(path, "openai")) == ()


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
    assert "line 4" in objections(report)[0].message


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
    assert "1,001" in objections(report)[0].message and "1,000" in objections(report)[0].message


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
        found[name] = [(f.severity, f.line, f.rule) for f in objections(report)]
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
    assert report.rule_counts == {"no_assistant": 500, LIFECYCLE_RULE: 1}
    assert [finding.line for finding in objections(report)] == list(range(1, KEPT_EXAMPLES + 1))


def test_rows_with_tools_pass_and_their_tokens_are_counted(tmp_path: Path) -> None:
    row = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        "tools": [{"type": "function", "function": {"name": "now"}}],
    }
    report = validate_file(file_with_line(tmp_path, json.dumps(row).encode()), "openai")
    assert report.ok
    assert (report.rows, report.counted) == (13, 13)
    # What OpenAI puts around a tool is not published.
    assert report.exactness == "assumed"


def test_samples_are_judged_before_they_are_written() -> None:
    origin = Origin("a.txt", "created", "d", "line 1")
    good = [make_sample([Message("user", f"q{n}"), Message("assistant", "a")], origin) for n in range(40)]
    long = replace(good[0], messages=(Message("user", "word " * 40_000), Message("assistant", "a")))
    marked = replace(good[0], messages=(Message("user", "a\nHuman: b"), Message("assistant", "a")))
    findings = validate_samples([*good, long, marked], "anthropic", "claude-3-haiku")
    assert {finding.line for finding in findings} == {41, 42}
    assert {finding.rule for finding in findings if finding.line == 41} == {"too_many_tokens"}
    assert all(finding.severity == "error" for finding in findings)


PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "Hi"}]},
    "preferred_output": [{"role": "assistant", "content": "Hello"}],
    "non_preferred_output": [{"role": "assistant", "content": "Go away"}],
}


def test_two_formats_in_one_file_are_one_error_that_counts_both(tmp_path: Path) -> None:
    report = validate_file(file_with_line(tmp_path, json.dumps(PREFERENCE).encode()), "openai")
    assert places(report) == [(0, "mixed_formats")]
    assert report.formats == {"openai-chat": 12, "openai-preference": 1}
    assert "first on line 3" in objections(report)[0].message


def test_a_format_the_model_is_not_trained_on_is_refused(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "train.jsonl",
        [{**PREFERENCE, "input": {"messages": [{"role": "user", "content": str(n)}]}} for n in range(12)],
    )
    report = validate_file(path, "openai", "gpt-3.5-turbo")
    assert report.rule_counts == {"format_not_taken": 12, LIFECYCLE_RULE: 1}
    assert validate_file(path, "openai", "gpt-4.1").ok


def test_a_named_format_is_what_every_row_is_held_to(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["openai"], 12))
    assert not validate_file(path, "openai", form="openai-preference").ok
    assert validate_file(path, "openai", form="openai-chat").ok
    with pytest.raises(UsageError, match="'chat' is not a row format"):
        validate_file(path, "openai", form="chat")


def test_every_finding_names_the_source_of_its_rule(tmp_path: Path) -> None:
    lines = [b"{", b"", b"[]", b'{"messages": []}', json.dumps(PREFERENCE).encode(), b'{"messages": 1, "messages": 2}']
    text = "<|im_end|> " * 40_000
    lines += [
        json.dumps({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "a"}]}).encode()
    ] * 2
    path = tmp_path / "train.txt"
    path.write_bytes(b"\n".join(lines))
    report = validate_file(path, "openai")
    rules = set(report.rule_counts)
    assert {"not_json", "blank_line", "mixed_formats", "wrong_suffix", "too_few_examples", "control_token"} < rules
    assert {"too_many_tokens", "repeated_line", "messages_missing", "repeated_key"} < rules
    assert all(group.source for group in report.groups)
    assert all(group.severity == "error" for group in report.groups[:5])


def test_the_same_example_written_otherwise_is_a_repetition(tmp_path: Path) -> None:
    lines = good_lines("openai", 10)
    row = json.loads(lines[2])
    again = [{"content": one["content"], "role": one["role"]} for one in row["messages"]]
    lines.append(json.dumps({"messages": again}, separators=(",", ":")).replace("W", "\\u0057"))
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert places(validate_file(path, "openai"), "warning") == [(11, "repeated_line")]


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        ("{}".encode("utf-16"), "wrong_kind_of_file", "UTF-16"),
        (b"\x1f\x8b\x08 and so on", "wrong_kind_of_file", "gzip"),
        (b"PK\x03\x04 and so on", "wrong_kind_of_file", "Excel"),
        (b'[\n {"messages": []},\n {"messages": []}\n]\n', "json_array", "a line of its own"),
    ],
)
def test_a_file_of_another_kind_is_one_error(content: bytes, rule: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content)
    report = validate_file(path, "openai")
    assert places(report) == [(0, rule)] and said in objections(report)[0].message


def test_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        validate_file(tmp_path, "openai")


def test_deeply_nested_schemas_are_an_error_and_no_crash(tmp_path: Path) -> None:
    schema: dict[str, object] = {"type": "object"}
    for _ in range(400):
        schema = {"type": "object", "properties": {"a": schema}}
    row = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        "tools": [{"type": "function", "function": {"name": "now", "parameters": schema}}],
    }
    report = validate_file(file_with_line(tmp_path, json.dumps(row).encode()), "openai")
    assert {line for line, _ in places(report)} <= {3} and report.rows == 13


def test_an_example_in_both_files_is_told_in_the_validation_report(tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS["openai"], 30)
    training = write_rows(tmp_path / "a.jsonl", rows[:20])
    held_out = write_rows(tmp_path / "b.jsonl", rows[15:])
    first, second = validate_pair(training, held_out, "openai")
    assert objections(first) == () and (first.split, second.split) == ("train", "validation")
    (group,) = (one for one in second.groups if one.rule != LIFECYCLE_RULE)
    assert (group.severity, group.rule, group.count) == ("warning", "in_both_files", 5)
    assert group.examples[0].line == 1 and "line 16 of a.jsonl" in group.examples[0].message and group.source


def test_progress_ends_with_the_whole_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["openai"], 10))
    validate_file(path, "openai", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.slow
def test_a_large_file_is_checked_by_processes_with_the_lines_right(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    line = good_lines("openai", 1)[0].replace("What", "What " + "word " * 2_000).encode() + b"\n"
    count = PROCESSES_FROM_BYTES // len(line) + 2
    path.write_bytes(line * (count - 1) + b'{"messages": []}\n')
    report = validate_file(path, "openai")
    assert (report.rows, report.counted) == (count, count - 1)
    assert places(report) == [(count, "messages_missing")]
    assert report.rule_counts["repeated_line"] == count - 2
    (repeated,) = (group for group in report.groups if group.rule == "repeated_line")
    assert [one.line for one in repeated.examples] == list(range(2, KEPT_EXAMPLES + 2))
    one = counter_for("openai", report.model).count_messages(PROVIDERS["openai"].parse_example(json.loads(line)))
    assert report.tokens == (count - 1) * one and report.longest == (one, 1)


def test_a_model_that_cannot_be_tuned_for_long_is_warned_of_and_not_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["google"], 100))
    closed, live = validate_file(path, "google", "gemini-2.5-flash"), validate_file(path, "google", "gemini-3.5-flash")
    (warning,) = (finding for finding in closed.findings if finding.rule == LIFECYCLE_RULE)
    assert closed.ok and warning.severity == "warning" and "gemini-3.5-flash" in warning.message
    assert LIFECYCLE_RULE not in live.rule_counts
