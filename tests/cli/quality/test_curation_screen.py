"""The curation of menu 3 with piped answers; review and repair stand with their verbs."""

from __future__ import annotations

import pytest

from src.cli.prompts import Back
from src.cli.screens.curation_screen import ACTIONS
from tests.cli.quality.working import Desk
from tests.workflows.support import in_order


def test_a_filter_explains_a_wrong_rule_shows_what_goes_and_does_what_is_chosen(desk: Desk) -> None:
    before = desk.samples()
    asked = ("", "tokens > 5", "turns > 2", "", "2", "")
    said = desk.open(ACTIONS["filter"], *asked, "")
    assert in_order(
        said, "'tokens' is not known", "from 0 to 1", "8 of 79 samples stay", "not: turns > 2", "What now?", "Nothing"
    )
    assert desk.samples() == before
    assert "Stored 8 samples as long" in desk.open(ACTIONS["filter"], *asked, "3", "not a name", "long")
    assert len(desk.samples("long")) == 8 and desk.samples() == before
    desk.open(ACTIONS["filter"], "support", *asked[1:], "2")
    assert len(desk.samples()) == 8
    assert in_order(desk.open(ACTIONS["undo"], "support", ""), "curate", "only turns > 2", "Undid change 1")
    assert desk.samples() == before


def test_a_filter_without_rules_keeps_everything(desk: Desk) -> None:
    assert "everything stays" in desk.open(ACTIONS["filter"], "", "", "", "")


def test_a_sample_is_found_by_words_edited_and_deleted(desk: Desk) -> None:
    sample = desk.find("Can I become a reseller?")
    said = desk.open(ACTIONS["edit"], "", "1", "become a RESELLER")
    assert in_order(said, sample.id, "user", "Can I become a reseller?", "source: ")
    desk.open(ACTIONS["edit"], "", "2", "become a reseller", "", "No.", ".", "we stopped")
    edited = desk.find("Can I become a reseller?")
    assert (edited.messages[-1].content, edited.origin.edited_from) == ("No.", sample.id)
    assert in_order(desk.open(ACTIONS["edit"], "", "1", edited.id), "why: we stopped", "+ assistant: No.")
    desk.open(ACTIONS["edit"], "", "4", edited.id, "n")
    assert len(desk.samples()) == 79
    assert "Deleted (change 2)" in desk.open(ACTIONS["edit"], "", "4", edited.id, "y")
    assert in_order(desk.open(ACTIONS["undo"], "", "x", "all"), "Please answer with numbers", "Undid changes 2, 1")
    assert desk.find("Can I become a reseller?") == sample


def test_a_sample_is_added_and_one_of_many_chosen(desk: Desk) -> None:
    assert "Added as s" in desk.open(ACTIONS["edit"], "", "3", "", "Is there tea?", "No, only coffee.", "")
    assert desk.find("Is there tea?").split == "train"
    said = desk.open(ACTIONS["edit"], "", "1", "coffee", "1")
    assert in_order(said, "Which one?", "1. s", "tokens")
    assert "has this id or these words" in desk.open(ACTIONS["edit"], "", "1", "zzzzz")


def test_redaction_asks_for_kinds_and_what_to_do(desk: Desk) -> None:
    said = desk.open(ACTIONS["redact"], "", "EMAIL,PHONE", "3", "y")
    assert in_order(said, "Found in 2 of 79", "dropped with its sample", "0 samples changed, 2 dropped")
    desk.write("config.yaml", "qa: {pii: {policies: {EMAIL: mask}}}\n")
    assert "has none of this: EMAIL." in desk.open(ACTIONS["redact"], "", "")


def test_topics_are_shown_and_written_when_wanted(desk: Desk) -> None:
    before = desk.samples()
    assert in_order(desk.open(ACTIONS["topics"], "", ""), "6 topics in 79 samples", "Write them")
    assert desk.samples() == before
    assert "first keyword of 79 samples" in desk.open(ACTIONS["topics"], "", "y")


def test_datasets_are_merged(desk: Desk) -> None:
    assert "not two datasets yet" in desk.open(ACTIONS["merge"])
    desk.do("curate", "support", "--exclude", "turns > 2", "--as", "short")
    said = desk.open(ACTIONS["merge"], "1,2", "2", "n", "")
    assert in_order(said, "1. short", "2. support", "Stored 79 samples as short_merged", "the same sample is there")


def test_an_unchanged_dataset_has_nothing_to_undo_and_b_leaves(desk: Desk) -> None:
    assert "was not changed since" in desk.open(ACTIONS["undo"], "")
    for name, screen in ACTIONS.items():
        if name != "merge":
            with pytest.raises(Back):
                desk.open(screen, "b")
