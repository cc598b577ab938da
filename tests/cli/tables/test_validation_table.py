"""The verb `validate`: its table, its JSON, its exit code, the pair of files and the repaired copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from src.providers import PROVIDERS
from src.providers.validation.file_rules import LIFECYCLE_RULE
from tests.providers.conversations import numbered_rows, write_rows
from tests.providers.tokenizers.count_endpoint import serve_counts
from tests.workflows.support import run


def as_json(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The answer, without the news that OpenAI's models are about to be closed."""
    done = run(folder, "validate", *arguments, "--provider", "openai", "--json")
    answer = json.loads(done.out)
    for report in (answer, answer.get("validation") or {}):
        if "findings" in report:
            report["findings"] = [one for one in report["findings"] if one["rule"] != LIFECYCLE_RULE]
            report["rules"].pop(LIFECYCLE_RULE, None)
    return done.code, answer


def test_equal_findings_are_one_row_of_the_table_and_each_names_a_source(tmp_path: Path) -> None:
    good = numbered_rows(PROVIDERS["openai"], 20)
    bad = [
        {"messages": [{"role": "user", "content": f"{n}"}, {"role": "assistant", "content": " "}]} for n in range(300)
    ]
    write_rows(tmp_path / "train.jsonl", [*good, *bad, {"x": 1}])
    done = run(tmp_path, "validate", "train.jsonl", "--provider", "openai")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("train.jsonl: 321 examples of openai-chat, ") and "tokens (exact)" in lines[0]
    (row,) = (line for line in lines if "text_empty" in line and "messages[].content" in line)
    assert row.split()[:3] == ["error", "300", "text_empty"] and "21, 22, 23, 24, 25 ..." in row
    (words,) = (line for line in lines if "error line 21 messages[1].content" in line)
    assert "(299 more like it)" in words and words.endswith("[1]")
    assert any(line.startswith("  [1] ") and "read 20" in line for line in lines)
    assert lines[-1].startswith("INVALID for openai / gpt-4o-2024-08-06: 30")


def test_the_json_of_a_report_has_its_documented_keys(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [*numbered_rows(PROVIDERS["openai"], 12), {"messages": []}])
    code, answer = as_json(tmp_path, "train.jsonl")
    assert code == 1 and list(answer) == [
        *("exit_code", "file", "provider", "model", "split", "ok", "bytes", "lines", "rows", "formats", "tokens"),
        *("token_exactness", "average_tokens", "longest", "counts", "rules", "findings"),
    ]
    assert (answer["rows"], answer["formats"], answer["counts"]["error"]) == (13, {"openai-chat": 13}, 1)
    (finding,) = answer["findings"]
    assert list(finding) == ["severity", "rule", "place", "count", "source", "line", "path", "message", "examples"]
    assert (finding["rule"], finding["line"], finding["path"]) == ("messages_missing", 13, "messages")
    assert finding["source"] and finding["examples"] == [{k: finding[k] for k in ("line", "path", "message")}]


def test_the_validation_file_is_checked_too(tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS["openai"], 12)
    write_rows(tmp_path / "train.jsonl", rows)
    write_rows(tmp_path / "held.jsonl", [rows[3], {"messages": []}])
    code, answer = as_json(tmp_path, "train.jsonl", "--validation-file", "held.jsonl")
    assert (code, answer["ok"], answer["findings"], answer["validation"]["ok"]) == (1, False, [], False)
    assert set(answer["validation"]["rules"]) == {"messages_missing", "in_both_files"}
    write_rows(tmp_path / "held.jsonl", rows[3:4])
    assert as_json(tmp_path, "train.jsonl", "--validation-file", "held.jsonl")[0] == 0


def test_fix_writes_a_copy_and_the_report_is_that_of_the_copy(tmp_path: Path) -> None:
    rows = numbered_rows(PROVIDERS["openai"], 12)
    path = write_rows(tmp_path / "train.jsonl", rows)
    path.write_bytes(b"\n" + path.read_bytes())
    assert as_json(tmp_path, "train.jsonl")[0] == 1
    code, answer = as_json(tmp_path, "train.jsonl", "--fix")
    assert (code, answer["ok"], answer["file"]) == (0, True, "train.fixed.jsonl")
    assert answer["fix"] == {
        "output": "train.fixed.jsonl",
        "list_of_changes": "train.fixed.changes.jsonl",
        "changes": {"a blank line is left out": 1},
    }
    code, answer = as_json(tmp_path, "train.jsonl", "--fix")
    assert code == 2 and "exists already" in answer["error"]
    code, answer = as_json(tmp_path, "train.fixed.jsonl", "--fix", "other.jsonl")
    assert (code, answer["fix"]["output"]) == (0, None) and not (tmp_path / "other.jsonl").exists()
    code, answer = as_json(tmp_path, "train.jsonl", "--fix", "other.jsonl")
    assert (code, answer["fix"]["output"]) == (0, "other.jsonl")


def test_a_format_that_is_not_known_is_wrong_usage(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["openai"], 12))
    code, answer = as_json(tmp_path, "train.jsonl", "--format", "chat")
    assert code == 2 and "is not a row format" in answer["error"]


def test_counts_of_the_providers_own_are_asked_for_with_patience(tmp_path: Path) -> None:
    env = {"FTDB_CACHE_DIR": str(tmp_path / "cache")}
    write_rows(tmp_path / "train.jsonl", numbered_rows(PROVIDERS["anthropic"], 40))
    verb = ("validate", "train.jsonl", "--provider", "anthropic", "--json", "--count-online")
    with serve_counts() as endpoint:
        env["ANTHROPIC_BASE_URL"] = endpoint.address
        done = run(tmp_path, *verb, env=env)
        assert done.code == 1 and "ANTHROPIC_API_KEY" in json.loads(done.out)["error"] and not endpoint.asked
        env["ANTHROPIC_API_KEY"] = "sk-ant-canary-000000000001"
        busy = {"type": "error", "error": {"type": "rate_limit_error", "message": "wait"}}
        endpoint.answers = [(200, {"input_tokens": 41}), (429, busy)]
        told = json.loads(run(tmp_path, *verb, env=env).out)
        assert (told["tokens"], told["token_exactness"]) == (41 * 40, "assumed")
        assert len(endpoint.asked) == 41 and {body["model"] for _, body in endpoint.asked} == {"claude-haiku-4-5"}
        told = json.loads(run(tmp_path, *verb, told["model"], env=env).out)
        assert told["token_exactness"] == "exact" and "canary" not in json.dumps(told)
    code, told = as_json(tmp_path, "train.jsonl", "--count-online")
    assert code == 2 and "for anthropic" in told["error"]
