from __future__ import annotations

import json

import pytest

from src.errors import UsageError
from tests.cli.quality.working import Desk

QUESTION = "How do I delete my account?"


def test_a_sample_is_shown_with_the_passage_it_was_made_from(desk: Desk) -> None:
    sample = desk.find(QUESTION)
    answer = desk.do("sample", "support", sample.id[:8], "--passage")
    assert answer["sample"]["id"] == sample.id and answer["history"] == []
    assert answer["passage"]["place"] == "row 12" and answer["passage"]["marked"].startswith(QUESTION)
    assert f">>{QUESTION}" in desk.said and "knowledge_base.csv, row 12" in desk.said


def test_a_document_that_is_not_there_or_was_changed_is_said_to_be(desk: Desk) -> None:
    sample = desk.find(QUESTION)
    folder = desk.folder / "elsewhere"
    folder.mkdir()
    missing = desk.do("sample", "support", sample.id, "--passage", "--input", str(folder))["passage"]
    assert "there is no such file" in missing
    (folder / "knowledge_base.csv").write_text("question,answer\nWhy?,Because.\n", encoding="utf-8")
    changed = desk.do("sample", "support", sample.id, "--passage", "--input", str(folder))["passage"]
    assert "it was changed since" in changed


def test_an_edit_keeps_both_versions_whichever_id_is_asked_for(desk: Desk) -> None:
    sample = desk.find(QUESTION)
    answer = desk.do("edit", "support", sample.id, "--turn", "3", "--text", "Write to us.", "--why", "shorter")
    new = answer["sample"]["id"]
    assert "+ assistant: Write to us." in desk.said
    for one in (sample.id, new):
        shown = desk.do("sample", "support", one)
        assert shown["in_dataset"] and shown["sample"]["id"] == new
        ((change, before, after),) = [(h["change"], h["before"]["id"], h["after"]["id"]) for h in shown["history"]]
        assert (change, before, after) == (1, sample.id, new)
    assert "why: shorter" in desk.said and "edited from " + sample.id in desk.said
    desk.do("undo", "support")
    assert desk.find(QUESTION) == sample


def test_a_file_holds_the_messages(desk: Desk) -> None:
    talk = [{"role": "user", "content": "Is there tea?"}, {"role": "assistant", "content": "No, only coffee."}]
    path = desk.write("talk.json", json.dumps({"messages": talk}))
    added = desk.do("add", "support", "--messages", str(path))["sample"]
    last = desk.samples()[-1]
    assert (last.id, last.split, last.origin.method) == (added["id"], "train", "added") and last.token_length > 5
    assert desk.do("sample", "support", last.id, "--passage")["passage"] == "none; somebody wrote this sample"
    talk[1]["content"] = "Yes."
    path.write_text(json.dumps(talk), encoding="utf-8")
    assert desk.do("edit", "support", last.id, "--messages", str(path))["sample"]["messages"][1]["content"] == "Yes."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ('[{"role": "user"}]', "must hold a list like"),
        ('[{"role": "user", "content": "Why?"}]', "the last turn must be the assistant's"),
    ],
)
def test_a_file_without_a_conversation_is_refused(desk: Desk, text: str, message: str) -> None:
    path = desk.write("talk.json", text)
    with pytest.raises(UsageError, match=message):
        desk.do("add", "support", "--messages", str(path))
    with pytest.raises(UsageError, match="cannot be read"):
        desk.do("add", "support", "--messages", str(desk.folder / "none.json"))
    assert desk.do("changes", "support")["changes"] == []


def test_samples_are_deleted_by_the_start_of_their_ids_all_or_none(desk: Desk) -> None:
    before = desk.samples()
    with pytest.raises(UsageError, match="no sample whose id is or starts with 'zz'"):
        desk.do("delete", "support", before[0].id[:8], "zz")
    with pytest.raises(UsageError, match="the ids of 79 samples"):
        desk.do("delete", "support", "s")
    assert desk.samples() == before
    desk.do("delete", "support", before[0].id[:8], before[5].id, before[5].id)
    assert desk.samples() == [s for n, s in enumerate(before) if n not in (0, 5)]
    gone = desk.do("sample", "support", before[5].id)
    assert not gone["in_dataset"] and "any more" in desk.said
    assert gone["sample"]["messages"][-1]["content"] == before[5].messages[-1].content


def test_undo_takes_the_newest_named_ones_or_all_and_can_be_undone(desk: Desk) -> None:
    before = desk.samples()
    for number in range(3):
        desk.do("delete", "support", before[number].id)
    assert desk.do("undo", "support")["undoes"] == (3,)
    assert desk.do("undo", "support", "1")["samples_now"] == 78
    assert desk.do("undo", "support", "--all")["undoes"] == (2,) and desk.samples() == before
    assert desk.do("undo", "support", "4")["samples_now"] == 78
    assert [c["undone_by"] for c in desk.do("changes", "support")["changes"]] == [0, 0, 0, 7, 0, 6, 5]
    with pytest.raises(UsageError, match="no change 99"):
        desk.do("undo", "support", "99")
    with pytest.raises(UsageError, match="numbers of changes, or --all"):
        desk.do("undo", "support", "1", "--all")


@pytest.mark.parametrize("arguments", [[], ["--turn", "1"], ["--text", "x"], ["--turn", "9", "--text", "x"]])
def test_an_edit_that_says_too_little_is_refused(desk: Desk, arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        desk.do("edit", "support", desk.samples()[0].id, *arguments)
