from __future__ import annotations

import pytest

from src.cli.screens.curation_screen import ACTIONS
from src.errors import UsageError
from tests.cli.quality.working import Desk
from tests.workflows.support import in_order


def test_flagged_samples_wait_with_the_reason_but_never_the_value(desk: Desk) -> None:
    answer = desk.do("review", "support", "--add-flagged", "personal_data", "--list")
    assert answer["added"] == 2 and answer["counts"] == {"open": 2}
    assert all(one["reason"].startswith("personal_data: EMAIL") for one in answer["open"])
    assert "@" not in desk.said
    assert desk.do("review", "support", "--add-flagged", "personal_data")["added"] == 0


def test_samples_are_drawn_that_were_not_drawn_before(desk: Desk) -> None:
    first = desk.do("review", "support", "--sample", "40", "--json")["open"]
    both = desk.do("review", "support", "--sample", "39", "--json")["open"]
    assert (len(first), len(both)) == (40, 79) and both[:40] == first
    assert len({one["sample_id"] for one in both}) == 79
    with pytest.raises(UsageError, match="1 or more"):
        desk.do("review", "support", "--sample", "0")


def test_a_rejected_sample_goes_and_undo_opens_its_review_again(desk: Desk) -> None:
    one, other = (sample.id for sample in desk.samples()[:2])
    desk.do("review", "support", "--add", one[:8], other)
    answer = desk.do("review", "support", "--accept", one[:8], "--reject", other, "--note", "too short")
    assert answer["counts"] == {"accepted": 1, "rejected": 1} and answer["open"] == []
    assert len(desk.samples()) == 78 and desk.do("changes", "support")["changes"][0]["why"] == "review: too short"
    desk.do("undo", "support")
    assert desk.do("review", "support")["counts"] == {"open": 1, "accepted": 1}
    assert desk.do("review", "support", "--reopen", one)["counts"] == {"open": 2}
    with pytest.raises(UsageError, match="has no sample whose id is or starts with 'zz'"):
        desk.do("review", "support", "--accept", "zz")


def test_the_screen_shows_each_beside_its_source_and_goes_on_where_it_was_left(desk: Desk) -> None:
    first, second, third, fourth = desk.samples()[:4]
    desk.do("review", "support", "--add", *(one.id for one in (first, second, third, fourth)))
    said = desk.open(ACTIONS["review"], "", "n", "x", "a", "r", "s", "q")
    assert in_order(
        said,
        "support: review queue: 4 open.",
        first.id,
        "marked >>like this<<",
        ">>" + first.messages[-2].content[:12],
        "why: chosen",
        "Please answer a (accept), r (reject",
        "Accepted.",
        second.id,
        "Deleted",
        third.id,
        fourth.id,
        "2 open, 1 accepted, 1 rejected.",
    )
    answer = "Because of the pump.\nTwice."
    said = desk.open(ACTIONS["review"], "", "n", "e", "", *answer.split("\n"), ".", "q")
    assert in_order(said, "2 open", third.id, "Edited.", fourth.id, "1 open, 1 accepted, 1 rejected, 1 edited.")
    assert desk.samples()[1].messages[-1].content == answer


def test_an_edit_that_is_refused_is_asked_for_again(desk: Desk) -> None:
    sample = desk.samples()[0]
    desk.do("review", "support", "--add", sample.id)
    said = desk.open(ACTIONS["review"], "", "n", "e", "", ".", "a")
    assert in_order(said, "(assistant) is empty", "Accepted.")
    assert desk.samples()[0] == sample


def test_a_sample_that_was_changed_meanwhile_leaves_the_queue(desk: Desk) -> None:
    sample = desk.samples()[0]
    desk.do("review", "support", "--add", sample.id)
    desk.do("edit", "support", sample.id, "--turn", str(len(sample.messages)), "--text", "Other.")
    said = desk.open(ACTIONS["review"], "", "n")
    assert "it leaves the queue" in said and desk.do("review", "support")["counts"] == {"accepted": 1}


def test_an_empty_queue_is_filled_from_the_report_or_at_random(desk: Desk) -> None:
    said = desk.open(ACTIONS["review"], "", "2", "", "q")
    assert in_order(said, "the review queue is empty", "Which samples?", "Flagged by", "put into the queue", "why: ")
    said = desk.open(ACTIONS["review"], "", "y", "1", "2", "q")
    assert "2 sample(s) were put into the queue." in said
