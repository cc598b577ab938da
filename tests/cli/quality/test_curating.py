from __future__ import annotations

import pytest

from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.records import Message, make_sample
from tests.cli.quality.working import Desk
from tests.dataset.example_samples import make_dataset, make_example

LONG = ("curate", "support", "--exclude", "turns > 2")


def test_rules_say_what_would_go_and_why_and_change_nothing(desk: Desk) -> None:
    before = desk.samples()
    answer = desk.do("curate", "support", "--include", "source_file == 'faq.txt'", "--exclude", "token_length > 60")
    kept = [s for s in before if s.origin.source_file == "faq.txt" and s.token_length <= 60]
    gone = {one["sample_id"]: one["reason"] for one in answer["left_out_samples"]}
    assert answer["kept"] == len(kept) > 5 and answer["left_out"] == len(gone) == len(before) - len(kept)
    assert gone.keys() == {s.id for s in before} - {s.id for s in kept}
    assert answer["reasons"] == {
        "not: source_file == 'faq.txt'": sum(s.origin.source_file != "faq.txt" for s in before),
        "token_length > 60": sum(s.origin.source_file == "faq.txt" and s.token_length > 60 for s in before),
    }
    assert desk.samples() == before and "Nothing was changed." in desk.said


def test_dropping_asks_is_one_change_and_comes_back(desk: Desk) -> None:
    before = desk.samples()
    for answers in ([], ["n"], ["b"]):
        with pytest.raises(UsageError, match="Nothing was changed"):
            desk.do(*LONG, "--drop", answers=answers)
        assert desk.samples() == before
    answer = desk.do(*LONG, "--drop", answers=["y"])
    assert answer["change"] == 1 and desk.samples() == [s for s in before if len(s.turns) == 2]
    assert desk.do("changes", "support")["changes"][0]["why"] == "not turns > 2"
    desk.do("undo", "support")
    assert desk.samples() == before


def test_what_stays_becomes_a_dataset_of_its_own_with_its_lineage(desk: Desk) -> None:
    before = desk.samples()
    made = desk.do(*LONG, "--as", "short")["stored"]
    assert desk.samples(made) == [s for s in before if len(s.turns) == 2] and desk.samples() == before
    with DatasetStore(desk.database) as store:
        stored = store.find_dataset("short")
    assert stored.config["output_name"] == "short" and "lock" not in stored.config
    assert stored.report is not None and stored.report.dropped == {"turns > 2": 8}
    with pytest.raises(UsageError, match="cannot be a dataset's name"):
        desk.do(*LONG, "--as", "../short")


def test_rules_speak_of_the_score_and_of_what_the_report_flags(desk: Desk) -> None:
    flagged = desk.do("curate", "support", "--flagged", "personal_data")
    ids = {one["sample_id"] for one in flagged["left_out_samples"]}
    assert len(ids) == 2 and flagged["reasons"] == {"flagged by personal_data": 2}
    same = desk.do("curate", "support", "--exclude", "personal_data and score < 0.9")
    assert {one["sample_id"] for one in same["left_out_samples"]} == ids
    low = desk.do("curate", "support", "--min-score", "0.9")
    reasons = {one["sample_id"]: one["reason"] for one in low["left_out_samples"]}
    assert all(reasons[one] == "quality score 0.80 is below 0.90: personal_data" for one in ids)


def test_a_figure_that_was_not_computed_judges_nothing(desk: Desk) -> None:
    desk.write("config.yaml", "qa: {skip: [personal_data]}\n")
    with pytest.raises(UsageError, match=r"'personal_data' was not computed.*qa\.skip"):
        desk.do("curate", "support", "--flagged", "personal_data")
    answer = desk.do("curate", "support", "--exclude", "personal_data")
    assert (answer["left_out"], list(answer["not_judged"].values())) == (0, [79])
    assert "79 samples stayed although it could not be told" in desk.said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "what is to stay"),
        (["--include", "tokens > 5"], "is not known"),
        (["--flagged", "beauty"], "there is no figure 'beauty'"),
        (["--min-score", "7"], "between 0 and 1"),
        (["--include", "turns > 99", "--drop", "--yes"], "nothing of 'support' would stay"),
        (["--include", "turns > 99", "--as", "none"], "nothing of 'support' would stay"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(desk: Desk, arguments: list[str], message: str) -> None:
    before = desk.samples()
    with pytest.raises(UsageError, match=message):
        desk.do("curate", "support", *arguments)
    assert desk.samples() == before and len(desk.do("list")["datasets"]) == 1


def another(desk: Desk) -> None:
    """The dataset `other`, for another provider: a copy of one sample, one near it, and one of its own."""
    first = desk.samples()[0]
    near = [*first.messages[:-1], Message("assistant", first.messages[-1].content + " Ask us.")]
    samples = [first, make_sample(near, first.origin), make_example(1, split="train")]
    with DatasetStore(desk.database) as store:
        store.save_dataset(make_dataset(samples, "other"), {})


def test_merging_takes_the_same_sample_once_and_counts_tokens_for_one_model(desk: Desk) -> None:
    before = desk.samples()
    another(desk)
    answer = desk.do("merge", "both", "support", "other")
    assert (answer["samples"], answer["left_out"]) == (81, {"the same sample is there already": 1})
    both = desk.samples("both")
    assert both[:79] == before
    assert both[80].messages == make_example(1).messages and both[80].token_length not in (0, 10)
    assert any(one["where"] == "tokens" and "counted anew" in one["message"] for one in answer["issues"])
    with pytest.raises(UsageError, match="1 samples have an id"):
        desk.do("merge", "both", "support", "other", "--on-id-clash", "refuse")
    with pytest.raises(UsageError, match="named twice"):
        desk.do("merge", "both", "support", "support")


def test_merging_drops_near_duplicates_and_divides_anew(desk: Desk) -> None:
    another(desk)
    answer = desk.do("merge", "both", "support", "other", "--duplicates", "drop_near", "--split")
    assert answer["samples"] == 80 and answer["left_out"]["near-duplicate of a sample that stays"] == 1
    splits = [sample.split for sample in desk.samples("both")]
    assert set(splits) == {"train", "validation"} and splits.count("validation") == 16
