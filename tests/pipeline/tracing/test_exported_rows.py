"""A sample's own line in the training file is held against what was exported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.export.batches import batches_of
from src.export.lineage.lineage_file import LineageEntry, LineageWriter, find_sample
from src.pipeline.tracing.exported_rows import export_steps, exported_row, stored_step
from src.records import Message, Origin, make_sample

SYSTEM, USER, ASSISTANT = Message("system", "Be kind."), Message("user", "Who?"), Message("assistant", "Nobody else.")
SAMPLE = make_sample([SYSTEM, USER, ASSISTANT], Origin("a.txt", "created", "d" * 64, "line 1"))


def exported(folder: Path, row: object) -> LineageEntry:
    """An export whose only line is `row`."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = LineageWriter(folder)
    for batch in batches_of([SAMPLE]):
        writer.write(batch)
    writer.close()
    (folder / "train.jsonl").write_text(row if isinstance(row, str) else json.dumps(row) + "\n", encoding="utf-8")
    entry = find_sample(folder, SAMPLE.id)
    assert entry is not None
    return entry


def openai(*messages: Message) -> dict[str, object]:
    return {"messages": [{"role": message.role, "content": message.content} for message in messages]}


def test_a_row_gives_the_messages_when_their_hash_is_that_of_the_lineage(tmp_path: Path) -> None:
    entry = exported(tmp_path, openai(SYSTEM, USER, ASSISTANT))
    assert exported_row(tmp_path, entry).messages == SAMPLE.messages
    gemini = {
        "systemInstruction": {"role": "system", "parts": [{"text": "Be kind."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Who?"}]},
            {"role": "model", "parts": [{"text": "Nobody else."}]},
        ],
    }
    assert exported_row(tmp_path, exported(tmp_path, gemini)).messages == SAMPLE.messages
    other = exported_row(tmp_path, exported(tmp_path, openai(USER, ASSISTANT)))
    assert other.messages is None and "holds another text, or its own form of it" in other.problem


def test_a_format_without_a_place_for_the_system_message_holds_the_text_all_the_same(tmp_path: Path) -> None:
    entry = exported(tmp_path, {"instruction": "Who?", "output": "Nobody else."})
    assert stored_step(tmp_path, entry, SAMPLE.messages).check == "verified"
    entry = exported(tmp_path, {"instruction": "Who?", "output": "Nobody."})
    assert stored_step(tmp_path, entry, SAMPLE.messages).check == "differs"


def test_an_export_of_another_text_under_the_same_id_differs(tmp_path: Path) -> None:
    entry = exported(tmp_path, openai(SYSTEM, USER, ASSISTANT))
    # All that is said stands in the row, so only the hash tells.
    step = stored_step(tmp_path, entry, (replace(SYSTEM, content="Be unkind."), USER, ASSISTANT))
    assert step.check == "differs" and "another text was exported under this id" in step.remark


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("", "has no JSON in line 1"),
        ("{not json}\n", "has no JSON in line 1"),
        ("[1]\n", "has no object in line 1"),
        ('{"messages": [{"role": "user"}]}\n', "its own form of it"),
    ],
)
def test_what_is_no_row_is_told(tmp_path: Path, row: str, problem: str) -> None:
    found = exported_row(tmp_path, exported(tmp_path, row))
    assert found.messages is None and problem in found.problem


def test_no_file_but_that_of_a_split_is_opened(tmp_path: Path) -> None:
    entry = exported(tmp_path / "v1.0.0", openai(SYSTEM, USER, ASSISTANT))
    (tmp_path / "secret.jsonl").write_text(json.dumps(openai(SYSTEM, USER, ASSISTANT)) + "\n", encoding="utf-8")
    found = exported_row(tmp_path / "v1.0.0", replace(entry, split="../secret"))
    assert (found.row, found.problem) == (None, "'../secret' is no split")
    (tmp_path / "v1.0.0" / "train.jsonl").unlink()
    assert "train.jsonl cannot be read" in exported_row(tmp_path / "v1.0.0", entry).problem


def test_every_version_that_has_the_sample_is_told_the_newest_first(tmp_path: Path) -> None:
    for version in ("v1.0.0", "v1.9.0", "v1.10.0"):
        exported(tmp_path / version, openai(SYSTEM, USER, ASSISTANT))
    (tmp_path / "v1.2.0").mkdir()
    (tmp_path / "draft").mkdir()
    values = [step.value for step in export_steps(tmp_path, SAMPLE.id, SAMPLE.messages)]
    assert values == [f"{version}, train, line 1" for version in ("v1.10.0", "v1.9.0", "v1.0.0")]
    assert [step.value for step in export_steps(tmp_path / "none", SAMPLE.id, SAMPLE.messages)] == ["none"]
