"""The verb `convert`, as a script meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TALK = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]
}
TWICE = {
    "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "user", "content": "You"},
        {"role": "assistant", "content": "Yes"},
    ]
}
CALL_W = {"id": "c1", "type": "function", "function": {"name": "w", "arguments": "{}"}}
CALL = {
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "tool_calls": [CALL_W]},
    ],
    "tools": [{"type": "function", "function": {"name": "w", "parameters": {"type": "object", "properties": {}}}}],
}  # fmt: skip


def convert(folder: Path, rows: list[object], *arguments: str) -> subprocess.CompletedProcess[str]:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "in.jsonl").write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "src.main", "convert", str(folder / "in.jsonl"), str(folder / "out.jsonl")]
    return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_file_of_openai_becomes_one_of_google(tmp_path: Path) -> None:
    answer = convert(tmp_path, [TALK, TALK], "--from", "openai", "--to", "google")
    assert answer.returncode == 0, answer.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert rows[0]["contents"][1] == {"role": "model", "parts": [{"text": "Hello"}]} and len(rows) == 2


def test_every_choice_and_everything_left_out_is_said_and_counted(tmp_path: Path) -> None:
    answer = convert(tmp_path, [TALK, TWICE, CALL], "--from", "openai", "--to", "anthropic", "--json")
    report = json.loads(answer.stdout)
    assert answer.returncode == report["exit_code"] == 1
    assert (report["read"], report["written"], report["format"]) == (3, 2, "bedrock-claude")
    assert [(one["rule"], one["count"], one["lines"]) for one in report["choices"]] == [("turns_merged", 1, [2])]
    assert [(one["rule"], one["lines"]) for one in report["left_out"]] == [("tool_calls_not_expressible", [3])]
    assert "3 rows read" in answer.stderr and "left out, 1 rows (line 3)" in answer.stderr


def test_a_single_format_may_be_named_and_no_file_is_lost(tmp_path: Path) -> None:
    assert convert(tmp_path, [TALK], "--from", "openai-chat", "--to", "alpaca").returncode == 0
    written = (tmp_path / "out.jsonl").read_bytes()
    again = convert(tmp_path, [TALK], "--from", "openai-chat", "--to", "sharegpt")
    assert again.returncode == 2 and "exists already" in again.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == written
    assert convert(tmp_path, [TALK], "--from", "openai", "--to", "sharegpt", "--overwrite").returncode == 0


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    answer = convert(tmp_path, [TALK], "--from", "opnai", "--to", "google")
    assert answer.returncode == 2 and "vertex-chat" in answer.stderr and "openai" in answer.stderr
