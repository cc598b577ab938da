from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.config.settings import Strategy
from src.dataset.splitting.splitter import SplitPlan, describe_distribution, split_dataset, summarize_split
from src.errors import UsageError
from src.records import Dataset, Message, RunReport, Sample, Split
from tests.dataset.example_samples import make_dataset, make_example

ROOT = Path(__file__).resolve().parents[3]
STRATEGIES: tuple[Strategy, ...] = ("random", "weighted", "stratified", "time")


@st.composite
def plans(draw: st.DrawFn) -> SplitPlan:
    train = draw(st.integers(1, 100))
    validation = draw(st.integers(0, 100 - train))
    shares = (train / 100, validation / 100, (100 - train - validation) / 100)
    return SplitPlan(
        shares,
        draw(st.sampled_from(STRATEGIES)),
        draw(st.sampled_from(("source", "keywords"))),
        draw(st.integers(0, 9)),
    )


@st.composite
def datasets(draw: st.DrawFn, chunks: bool = True) -> Dataset:
    chunk_ids = st.sampled_from(("", "a", "b", "c", "d", "e")) if chunks else st.just("")
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(("one.pdf", "two.docx", "three.txt")),
                st.sampled_from(("created", "identified")),
                chunk_ids,
                st.lists(st.sampled_from(("tax", "law", "rent")), max_size=2),
            ),
            max_size=60,
        )
    )
    return make_dataset(
        [
            make_example(number, source=source, method=method, chunk_id=chunk_id, keywords=keywords)
            for number, (source, method, chunk_id, keywords) in enumerate(rows)
        ]
    )


def sizes(dataset: Dataset) -> tuple[int, int, int]:
    counts = Counter(sample.split for sample in dataset)
    return counts["train"], counts["validation"], counts["test"]


def units(dataset: Dataset) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in dataset:
        found[sample.origin.chunk_id or sample.id].append(sample)
    return found


@given(datasets(), plans())
def test_nothing_is_lost_changed_or_reordered(dataset: Dataset, plan: SplitPlan) -> None:
    split = split_dataset(dataset, plan)
    assert [replace(sample, split=None) for sample in split] == list(dataset)
    assert all(sample.split in ("train", "validation", "test") for sample in split)
    assert (split.name, split.provider, split.model, split.mode) == ("handbook", "openai", "gpt-4.1-mini", "create")


@given(datasets(), plans())
def test_samples_of_one_passage_are_never_torn_apart(dataset: Dataset, plan: SplitPlan) -> None:
    for together in units(split_dataset(dataset, plan)).values():
        assert len({sample.split for sample in together}) == 1


@given(datasets(chunks=False), plans())
def test_totals_are_the_shares_rounded_up_or_down(dataset: Dataset, plan: SplitPlan) -> None:
    total = len(dataset)
    for size, share in zip(sizes(split_dataset(dataset, plan)), plan.shares, strict=True):
        # One more is moved per held-out split that would otherwise have been empty.
        assert abs(size - total * share) < (1 if total * min(s for s in plan.shares if s) >= 1 else 3)


@given(datasets(), plans())
def test_no_split_exceeds_its_share_by_the_largest_passage(dataset: Dataset, plan: SplitPlan) -> None:
    largest = max((len(unit) for unit in units(dataset).values()), default=0)
    for size, share in zip(sizes(split_dataset(dataset, plan)), plan.shares, strict=True):
        assert size <= len(dataset) * share + largest + 1


@given(datasets(), plans())
def test_train_is_never_empty_and_held_out_splits_get_a_sample(dataset: Dataset, plan: SplitPlan) -> None:
    train, validation, test = sizes(split_dataset(dataset, plan))
    there = len(units(dataset))
    assert train > 0 or not len(dataset)
    assert validation > 0 or plan.shares[1] == 0 or there < 2
    assert test > 0 or plan.shares[2] == 0 or there < 3


@given(datasets(), plans(), st.randoms(use_true_random=False))
def test_same_seed_gives_same_split_in_any_order(dataset: Dataset, plan: SplitPlan, chance: random.Random) -> None:
    shuffled = list(dataset)
    chance.shuffle(shuffled)
    first = {sample.id: sample.split for sample in split_dataset(dataset, plan)}
    assert {sample.id: sample.split for sample in split_dataset(make_dataset(shuffled), plan)} == first


def test_another_seed_gives_another_split() -> None:
    dataset = make_dataset([make_example(number) for number in range(100)])
    splits = {
        tuple(s.split for s in split_dataset(dataset, SplitPlan((0.8, 0.2, 0.0), seed=seed))) for seed in range(5)
    }
    assert len(splits) == 5


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_known_totals_are_exact(strategy: Strategy) -> None:
    dataset = make_dataset([make_example(number, source=f"{number % 7}.pdf") for number in range(101)])
    assert sizes(split_dataset(dataset, SplitPlan((0.8, 0.15, 0.05), strategy))) == (81, 15, 5)


def test_weighted_split_divides_each_source_by_the_shares() -> None:
    wanted = {"big.pdf": 50, "mid.pdf": 23, "small.pdf": 7}
    sources = [source for source, count in wanted.items() for _ in range(count)]
    dataset = make_dataset([make_example(number, source=source) for number, source in enumerate(sources)])
    split = split_dataset(dataset, SplitPlan((0.8, 0.2, 0.0), "weighted"))
    assert sizes(split) == (64, 16, 0)
    train = Counter(sample.origin.source_file for sample in split.in_split("train"))
    # 40, 18.4 and 5.6: the largest remainder is rounded up.
    assert train == {"big.pdf": 40, "mid.pdf": 18, "small.pdf": 6}


def test_weighted_split_divides_each_first_keyword_by_the_shares() -> None:
    keywords = [("tax", "law")] * 30 + [("law",)] * 20 + [()] * 10
    dataset = make_dataset([make_example(number, keywords=words) for number, words in enumerate(keywords)])
    split = split_dataset(dataset, SplitPlan((0.7, 0.2, 0.1), "weighted", "keywords"))
    for name, share in (("train", 0.7), ("validation", 0.2), ("test", 0.1)):
        found = Counter(sample.topic_keywords[:1] for sample in split if sample.split == name)
        assert found == {("tax",): round(30 * share), ("law",): round(20 * share), (): round(10 * share)}


def test_stratified_split_keeps_the_mix_of_source_and_method() -> None:
    strata = [("a.pdf", "created")] * 40 + [("a.pdf", "identified")] * 20 + [("b.pdf", "created")] * 20
    samples = [make_example(n, source=source, method=method) for n, (source, method) in enumerate(strata)]
    split = split_dataset(make_dataset(samples), SplitPlan((0.8, 0.2, 0.0), "stratified"))
    held_out = Counter((s.origin.source_file, s.origin.method) for s in split.in_split("validation"))
    assert held_out == {("a.pdf", "created"): 8, ("a.pdf", "identified"): 4, ("b.pdf", "created"): 4}


@given(datasets(chunks=False), plans())
def test_each_group_is_near_its_own_share(dataset: Dataset, plan: SplitPlan) -> None:
    plan = replace(plan, strategy="weighted", weight_by="source")
    split = split_dataset(dataset, plan)
    parts = [size / max(1, len(dataset)) for size in sizes(split)]
    for source, count in Counter(sample.origin.source_file for sample in dataset).items():
        for name, part in zip(("train", "validation", "test"), parts, strict=True):
            got = sum(s.split == name and s.origin.source_file == source for s in split)
            assert abs(got - count * part) < 2


def test_sources_of_one_passage_each_do_not_all_go_to_train() -> None:
    samples = [make_example(n, source=f"{n // 5}.pdf", chunk_id=f"c{n // 5}") for n in range(500)]
    split = split_dataset(make_dataset(samples), SplitPlan((0.8, 0.2, 0.0), "weighted"))
    assert sizes(split) == (400, 100, 0)


@pytest.mark.parametrize("count, expected", [(0, (0, 0, 0)), (1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1))])
def test_tiny_datasets_fill_train_first(count: int, expected: tuple[int, int, int]) -> None:
    dataset = make_dataset([make_example(number) for number in range(count)])
    assert sizes(split_dataset(dataset, SplitPlan((0.9, 0.05, 0.05)))) == expected


def test_an_earlier_split_is_replaced() -> None:
    dataset = make_dataset([make_example(number, split="test") for number in range(10)])
    assert sizes(split_dataset(dataset, SplitPlan((0.8, 0.2, 0.0)))) == (8, 2, 0)


@pytest.mark.parametrize("shares", [(0.8, 0.1, 0.0), (0.0, 1.0, 0.0), (1.2, -0.2, 0.0)])
def test_shares_that_do_not_fit_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match="add up to 1"):
        SplitPlan(shares)


def test_split_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.dataset.example_samples import *; from src.dataset.splitting.splitter import *;"
        "d = make_dataset([make_example(n, source=f'{n % 9}.pdf', chunk_id=f'c{n // 3}') for n in range(200)]);"
        "print([s.split for s in split_dataset(d, SplitPlan((.7, .2, .1), 'weighted'))])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_distribution_counts_sources_and_first_keywords_most_frequent_first() -> None:
    words = [("tax",), ("law", "tax"), ("law",), ()]
    dataset = make_dataset([make_example(n, source=f"{n // 3}.pdf", keywords=w) for n, w in enumerate(words)])
    found = describe_distribution(dataset)
    assert list(found.by_source.items()) == [("0.pdf", 3), ("1.pdf", 1)]
    assert list(found.by_keyword.items()) == [("law", 2), ("(no keyword)", 1), ("tax", 1)]


def test_summary_gives_samples_tokens_and_sources_of_each_split() -> None:
    dataset = make_dataset(
        [
            make_example(1, split="validation", tokens=5, source="b.pdf"),
            make_example(2, split="train", tokens=7),
            make_example(3, split="train", tokens=8, source="a.pdf"),
            make_example(4),
        ]
    )
    train, validation, unsplit = summarize_split(dataset)
    assert (train.split, train.samples, train.tokens) == ("train", 2, 15)
    assert train.sources == {"a.pdf": 1, "guide.pdf": 1}
    assert (validation.split, validation.tokens, validation.sources) == ("validation", 5, {"b.pdf": 1})
    assert (unsplit.split, unsplit.samples) == (None, 1)


def test_stratified_by_other_fields_keeps_their_mix() -> None:
    samples = [make_example(n, source=f"{'ab'[n % 2]}/{n}.pdf", tokens=[5, 300, 2000][n % 3]) for n in range(120)]
    plan = SplitPlan((0.8, 0.2, 0.0), "stratified", stratify_by=("folder", "length"))
    held_out = split_dataset(make_dataset(samples), plan).in_split("validation")
    mix = Counter((s.origin.source_file[0], s.token_length) for s in held_out)
    assert mix == {(folder, tokens): 4 for folder in "ab" for tokens in (5, 300, 2000)}


def test_grouped_split_gives_each_source_to_one_split_alone() -> None:
    samples = [make_example(n, source=f"{n % 20}.pdf") for n in range(200)]
    for plan in (
        SplitPlan((0.8, 0.15, 0.05), "grouped"),
        SplitPlan((0.8, 0.15, 0.05), "stratified", stratify_by=("topic",), group_by="source"),
    ):
        split = split_dataset(make_dataset(samples), plan)
        where = {(sample.origin.source_file, sample.split) for sample in split}
        assert len(where) == 20 and sizes(split) == (160, 30, 10)


def test_samples_without_a_value_are_not_one_group() -> None:
    samples = [make_example(n, keywords=["tax"] * (n < 20)) for n in range(100)]
    split = split_dataset(make_dataset(samples), SplitPlan((0.5, 0.5, 0.0), "grouped", group_by="topic"))
    assert sizes(split) == (50, 50, 0)
    assert len({sample.split for sample in split if sample.topic_keywords}) == 1


def test_near_duplicates_stay_together_unless_told_otherwise() -> None:
    texts = [
        "the red lever opens the upper valve of the pump slowly",
        "pressing any green switch stops all motors at once",
    ]
    samples = [
        replace(make_example(n), messages=(Message("user", f"{texts[n % 2]} {'abcde'[n % 5]}"),)) for n in range(40)
    ]
    split = split_dataset(make_dataset(samples), SplitPlan((0.5, 0.5, 0.0)))
    assert len({(n % 2, sample.split) for n, sample in enumerate(split)}) == 2
    loose = SplitPlan((0.5, 0.5, 0.0), keep_near_duplicates_together=False)
    assert len({(n % 2, sample.split) for n, sample in enumerate(split_dataset(make_dataset(samples), loose))}) == 4


def test_time_split_gives_the_oldest_sources_to_train_and_the_newest_to_test() -> None:
    samples = [make_example(n, source=f"{n % 10}.pdf") for n in range(100)]
    times = {f"{number}.pdf": 1e9 + number for number in range(10)}
    plan = SplitPlan((0.8, 0.1, 0.1), "time", group_by="source")
    report = RunReport()
    split = split_dataset(make_dataset(samples), plan, times=times, report=report)
    assert [sample.split for sample in split[:10]] == [*["train"] * 8, "validation", "test"]
    assert report.issues == []


def test_samples_without_a_time_count_as_the_oldest_and_are_told() -> None:
    samples = [make_example(n, source=f"{n % 10}.pdf") for n in range(100)]
    report = RunReport()
    split = split_dataset(
        make_dataset(samples), SplitPlan((0.5, 0.5, 0.0), "time"), times={"3.pdf": 1.0}, report=report
    )
    assert {sample.split for sample in split if sample.origin.source_file == "3.pdf"} == {"validation"}
    assert report.counts["samples without a time, split as the oldest"] == 90
    assert "90 of 100 samples have no time" in report.issues[0].message


@given(datasets(), plans(), st.integers(0, 60), st.randoms(use_true_random=False))
def test_adding_samples_never_moves_an_earlier_one(
    dataset: Dataset, plan: SplitPlan, known: int, chance: random.Random
) -> None:
    samples = list(dataset)
    chance.shuffle(samples)
    frozen = {s.id: s.split for s in split_dataset(make_dataset(samples[:known]), plan) if s.split}
    grown = split_dataset(dataset, plan, frozen)
    assert {sample.id: sample.split for sample in grown if sample.id in frozen} == frozen
    for together in units(grown).values():
        if all(sample.id not in frozen for sample in together):
            assert len({sample.split for sample in together}) == 1
    chance.shuffle(samples)
    again = split_dataset(make_dataset(samples), plan, frozen)
    assert {sample.id: sample.split for sample in again} == {sample.id: sample.split for sample in grown}


def test_a_new_sample_follows_most_of_its_passage_and_torn_passages_are_told() -> None:
    samples = [make_example(n, chunk_id="c" if n < 4 else "") for n in range(40)]
    frozen: dict[str, Split] = {samples[0].id: "train", samples[1].id: "validation", samples[2].id: "validation"}
    report = RunReport()
    split = split_dataset(make_dataset(samples), SplitPlan((0.8, 0.2, 0.0)), frozen, report=report)
    assert [sample.split for sample in split[:4]] == ["train", "validation", "validation", "validation"]
    assert report.counts["units whose samples were frozen in different splits"] == 1
    assert report.counts["samples that keep the split of the earlier version"] == 3
    assert "1 group(s) of related samples" in report.issues[0].message
    assert sizes(split) == (32, 8, 0)


def test_shares_that_cannot_be_kept_are_told() -> None:
    samples = [make_example(n, chunk_id="c" if n < 90 else "") for n in range(100)]
    report = RunReport()
    split_dataset(make_dataset(samples), SplitPlan((0.5, 0.5, 0.0)), report=report)
    assert "90-10-0 instead of 50-50-0" in report.issues[0].message
    assert "90 of 100 samples stay together" in report.issues[0].message
