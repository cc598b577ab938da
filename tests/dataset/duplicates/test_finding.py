"""Planted duplicates are found, told apart and counted."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.near.near_pairs import Limits
from src.dataset.duplicates.report import DuplicateReport, Group
from src.dataset.duplicates.sides import normalised
from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Message, Origin, Sample
from tests.dataset.duplicates.planted import SEEDS, groups_by_hand, make_texts, near_pairs, sample, samples_of

LONG = (
    "the pump is cleaned once a week with warm water and a soft cloth before it is used again by the operator on duty"
)


def ids(group: Group) -> list[str]:
    return [member.sample_id for member in group.members]


def only_group(report: DuplicateReport) -> Group:
    (group,) = report.groups
    return group


@settings(deadline=None)
@given(SEEDS, st.integers(0, 50))
def test_groups_and_counts_are_those_of_comparing_all(seed: int, count: int) -> None:
    texts = make_texts(random.Random(seed), count)
    report = find_duplicates(samples_of(texts), what="user")
    plain = [normalised(text) for text in texts]
    exact = {(a, b) for a, b in combinations(range(count), 2) if plain[a] == plain[b] != ""}
    near = near_pairs(texts, Fraction(7, 10))
    roots = groups_by_hand(count, {*exact, *near})
    expected = [[f"s{n:04d}" for n in range(count) if roots[n] == root] for root in dict.fromkeys(roots)]
    assert sorted(ids(group) for group in report.groups) == sorted(group for group in expected if len(group) > 1)
    assert report.exact == len({b for _, b in exact})
    assert report.exact + report.near == count - len(set(roots))
    assert report.empty == plain.count("")
    assert report.identical == len({b for a, b in exact if texts[a] == texts[b]})
    for group in report.groups:
        for pair in group.pairs:
            one, other = int(pair.one[1:]), int(pair.other[1:])
            if pair.kind == "near":
                assert pair.similarity == pytest.approx(float(near[one, other]))
            else:
                assert (one, other) in exact
                assert (pair.kind == "identical") == (texts[one] == texts[other])
    json.dumps(report.to_json())


def test_case_white_space_and_ways_of_writing_are_exact_duplicates() -> None:
    texts = ["The café is ﬁne.", "the  CAFE\u0301\nis fine. ", "The café is ﬁne.", "The cafe is fine."]
    report = find_duplicates(samples_of(texts), what="user", near=False)
    assert ids(only_group(report)) == ["s0000", "s0001", "s0002"]
    assert [pair.kind for pair in only_group(report).pairs] == ["exact", "identical"]
    assert (report.exact, report.identical, report.near, report.share) == (2, 1, 0, 0.5)
    assert report.to_json()["near_duplicates"] is None


def test_punctuation_alone_makes_near_duplicates() -> None:
    group = only_group(find_duplicates(samples_of(["Is the pump clean?", "is the pump clean!"]), what="user"))
    assert group.kind == "near"
    assert group.pairs[0].similarity == 1


def test_a_few_other_words_make_near_duplicates_and_many_do_not() -> None:
    words = LONG.split()
    few, many = [*words], [*words]
    few[3] = many[3] = "washed"
    many[10] = many[16] = "else"
    report = find_duplicates(samples_of([LONG, " ".join(few), " ".join(many)]), what="user")
    assert ids(only_group(report)) == ["s0000", "s0001"]
    assert only_group(report).pairs[0].similarity == pytest.approx(19 / 25)


def test_texts_that_differ_in_a_number_are_near_and_the_report_tells() -> None:
    texts = [f"{LONG}, order {number}" for number in (1234, 1235)]
    pair = only_group(report := find_duplicates(samples_of(texts), what="user")).pairs[0]
    assert pair.numbers_differ
    assert report.differing_numbers == 1
    assert not only_group(find_duplicates(samples_of([LONG, LONG + " now"]), what="user")).pairs[0].numbers_differ
    negated = LONG.replace("is cleaned", "is not cleaned")
    assert only_group(find_duplicates(samples_of([LONG, negated]), what="user")).pairs[0].numbers_differ


def test_chinese_and_japanese_are_compared_by_characters() -> None:
    texts = [
        "このポンプは毎週一回、温かい水と柔らかい布で掃除してください。作業の前には必ず電源を切り、安全を確認します。",
        "このポンプは毎週二回、温かい水と柔らかい布で掃除してください。作業の前には必ず電源を切り、安全を確認します。",
        "使用前请务必关闭电源并用清水清洗水泵，然后等待十分钟，确认没有任何泄漏之后再重新启动设备继续生产。",
        "使用前请务必关闭电源并用清水清洗水泵，然后等待五分钟，确认没有任何泄漏之后再重新启动设备继续生产。",
        "ポンプの説明書は倉庫の棚にあります。見つからない場合は担当者に電話して、新しいものを注文してください。",
    ]
    report = find_duplicates(samples_of(texts), what="user")
    assert [ids(group) for group in report.groups] == [["s0000", "s0001"], ["s0002", "s0003"]]


def test_texts_of_one_or_two_words_are_compared_by_their_words() -> None:
    texts = ["Hello", "hello!", "goodbye", "hello there", "there, hello", "hello you"]
    report = find_duplicates(samples_of(texts), what="user")
    assert [ids(group) for group in report.groups] == [["s0000", "s0001"], ["s0003", "s0004"]]


def test_empty_texts_are_counted_and_duplicate_nothing() -> None:
    report = find_duplicates(samples_of(["", "  ", "", "text"]), what="user")
    assert (report.empty, report.exact, len(report.groups)) == (3, 0, 0)
    assert find_duplicates([]).share == 0


def test_texts_without_words_are_duplicates_only_of_the_same() -> None:
    report = find_duplicates(samples_of(["!!!", "???", "!!!", "👍", "👍 "]), what="user")
    assert [ids(group) for group in report.groups] == [["s0000", "s0002"], ["s0003", "s0004"]]


def test_the_same_prompt_with_another_answer_is_told() -> None:
    samples = [
        sample("a", "What is it?", "A pump."),
        sample("b", "what is it?", "A valve."),
        sample("c", "What is it?", "a pump."),
    ]
    report = find_duplicates(samples, what="user")
    assert [pair.other_side_differs for pair in only_group(report).pairs] == [True, False]
    assert report.differing_others == 1
    whole = find_duplicates(samples)
    assert ids(only_group(whole)) == ["a", "c"]
    assert only_group(whole).pairs[0].other_side_differs is None
    assert whole.differing_others is None


def test_the_side_that_is_compared_can_be_chosen() -> None:
    samples = [sample("a", "One?", LONG), sample("b", "Two?", LONG), sample("c", "One?", "Yes.")]
    assert ids(only_group(find_duplicates(samples, what="assistant"))) == ["a", "b"]
    assert ids(only_group(find_duplicates(samples, what="user"))) == ["a", "c"]


def test_the_system_message_is_not_compared() -> None:
    samples = [sample("a", "One?", "Yes."), sample("b", "One?", "Yes.", system="Be brief.")]
    assert ids(only_group(find_duplicates(samples))) == ["a", "b"]


def test_two_messages_are_not_one() -> None:
    split = Sample("a", (Message("user", "One?"), Message("assistant", "Yes.")), Origin("a", "free", "d", "p"))
    joined = Sample("b", (Message("user", "One?\nYes."),), Origin("a", "free", "d", "p"))
    assert find_duplicates([split, joined], near=False).exact == 0


def test_samples_of_a_database_are_streamed_and_give_the_same(tmp_path: Path) -> None:
    samples = samples_of(make_texts(random.Random(5), 300), "Yes.")
    with DatasetStore(tmp_path / "d.db") as store:
        dataset_id = store.save_dataset(Dataset("d", "openai", "gpt-4.1", "create", samples), {})
        stored = store.load_dataset(dataset_id).samples
        for what in ("conversation", "user", "assistant"):
            assert find_duplicates(stored, what=what).to_json() == find_duplicates(samples, what=what).to_json()


def test_large_groups_are_whole_though_not_every_pair_is_listed() -> None:
    texts = [f"{LONG} and w{number}" for number in range(300)]
    limits = Limits(in_memory=500, listed=100, compared=1000)
    report = find_duplicates(samples_of(texts), what="user", limits=limits)
    assert len(only_group(report).members) == report.largest == 300
    assert not report.all_pairs
    assert not only_group(report).all_pairs
    assert len(only_group(report).pairs) < 2000
    whole = find_duplicates(samples_of(texts), what="user")
    assert whole.all_pairs
    assert len(only_group(whole).pairs) == 300 * 299 // 2


def test_lone_surrogates_do_no_harm() -> None:
    assert find_duplicates(samples_of(["a \ud800 b", "A \ud800 b"]), what="user").exact == 1


@pytest.mark.parametrize("threshold", [0.0, 0.2, 1.01, -1])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="no threshold"):
        find_duplicates([], threshold=threshold)


def test_a_side_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be compared"):
        find_duplicates([], what="system")  # type: ignore[arg-type]
