from __future__ import annotations

import json
import statistics
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from src.dataset.statistics import NotComputed, StatisticsTally, TrainingPrice, compute_statistics
from src.dataset.statistics.results import Duplicates, Part, Roles
from src.dataset.statistics.showing.lines import statistics_lines
from src.dataset.statistics.showing.web_page import statistics_page
from src.dataset.statistics.tally import MOST_KEYWORDS
from src.export.batches import batches_of
from src.records import Block, Document, Message, Role, Sample
from tests.dataset.example_samples import make_example


@given(st.lists(st.integers(0, 300), min_size=1, max_size=150))
def test_token_figures_are_those_of_the_sorted_lengths(lengths: list[int]) -> None:
    found = compute_statistics((make_example(n, tokens=length) for n, length in enumerate(lengths)), "exact")
    ordered = sorted(lengths)
    assert (found.samples, found.total_tokens) == (len(lengths), sum(lengths))
    assert (found.tokens.min, found.tokens.max) == (ordered[0], ordered[-1])
    assert found.tokens.median == statistics.median(lengths)
    assert abs(found.tokens.mean - statistics.mean(lengths)) <= 0.005 + 1e-9
    assert sum(length <= found.tokens.p90 for length in lengths) >= 0.9 * len(lengths)
    assert sum(length < found.tokens.p90 for length in lengths) < 0.9 * len(lengths)
    assert sum(length < found.tokens.p99 for length in lengths) < 0.99 * len(lengths)


def test_parts_count_samples_and_tokens_largest_first() -> None:
    samples = [
        make_example(1, source="b.pdf", split="train", tokens=5, keywords=("tax", "law")),
        make_example(2, source="a.pdf", split="train", tokens=7, keywords=("law", "law")),
        make_example(3, source="a.pdf", tokens=1, method="identified"),
    ]
    found = compute_statistics(samples, "estimated").to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["token_exactness"] == "estimated"
    assert list(found["by_source"].items()) == [  # type: ignore[attr-defined]
        ("a.pdf", {"samples": 2, "tokens": 8}),
        ("b.pdf", {"samples": 1, "tokens": 5}),
    ]
    assert found["by_split"] == {"train": {"samples": 2, "tokens": 12}, "none": {"samples": 1, "tokens": 1}}
    assert found["by_keyword"] == {"law": {"samples": 2, "tokens": 12}, "tax": {"samples": 1, "tokens": 5}}
    assert found["by_method"] == {"created": {"samples": 2, "tokens": 12}, "identified": {"samples": 1, "tokens": 1}}


def test_turns_leave_the_system_message_out() -> None:
    assert compute_statistics([make_example(1)], "exact").turns == {2: 1}


def test_no_samples_give_zeros() -> None:
    found = compute_statistics([], "exact")
    assert (found.samples, found.tokens.max, found.tokens.mean, found.by_split) == (0, 0, 0.0, {})


def make_conversation(number: int, *texts: str, tokens: int = 10, system: str = "Be kind.") -> Sample:
    roles: tuple[Role, ...] = ("user", "assistant")
    messages = [Message("system", system)] + [Message(roles[i % 2], text) for i, text in enumerate(texts)]
    return replace(make_example(number, tokens=tokens), messages=tuple(messages))


def test_groups_have_the_spread_of_their_own_samples_and_their_outliers() -> None:
    samples = [make_example(n, source="a.pdf", tokens=100 + n % 3, keywords=("x", "y")) for n in range(50)]
    samples += [make_example(99, source="b.pdf", tokens=5000, keywords=("y",))]
    found = compute_statistics(samples, "exact")
    a, b = found.groups["source"].largest.values()
    assert (a.samples, a.token_spread.min, a.token_spread.max, a.outliers) == (50, 100, 102, 0)
    assert (b.samples, b.token_spread.median, b.turn_spread.max, b.outliers) == (1, 5000, 2, 1)
    keywords = found.groups["keyword"].largest
    assert {name: (g.samples, g.tokens, g.outliers) for name, g in keywords.items()} == {
        "y": (51, 10049, 1),
        "x": (50, 5049, 0),
    }
    assert [one.sample_id for one in found.token_outliers.longest] == ["s000099"]


def test_only_the_largest_groups_have_spreads_and_all_are_counted() -> None:
    samples = [make_example(n, source=f"{n % 70:02}.pdf", tokens=n) for n in range(700 + 10)]
    found = compute_statistics(samples, "exact")
    assert (len(found.by_source), found.groups["source"].parts, len(found.groups["source"].largest)) == (70, 70, 50)
    assert next(iter(found.groups["source"].largest)) == "00.pdf"
    for name, group in found.groups["source"].largest.items():
        lengths = [sample.token_length for sample in samples if sample.origin.source_file == name]
        assert (group.token_spread.min, group.token_spread.max) == (min(lengths), max(lengths))


def test_tokens_of_roles_are_shared_out_by_characters_or_counted() -> None:
    samples = [make_conversation(1, "a" * 20, "b" * 60, "a" * 10, tokens=50, system="c" * 10)]
    shared = compute_statistics(samples, "exact").roles
    assert isinstance(shared, Roles) and "shared out" in shared.counted
    assert {role: one.tokens for role, one in shared.by_role.items()} == {"system": 5, "user": 15, "assistant": 30}
    counted = compute_statistics(samples * 1200, "exact", count_tokens=lambda texts: [len(t) // 3 for t in texts]).roles
    assert isinstance(counted, Roles) and "tokenizer" in counted.counted
    assert {role: one.tokens // 1200 for role, one in counted.by_role.items()} == {
        "system": 3,
        "user": 9,
        "assistant": 20,
    }
    assert counted.by_role["user"].token_spread.median == 9
    assert (counted.by_role["user"].messages, counted.by_role["user"].characters) == (2400, 36_000)


def test_a_role_is_spread_over_the_samples_that_have_it() -> None:
    samples = [
        make_conversation(1, "q", "a"),
        replace(make_conversation(2, "q", "a"), messages=(Message("user", "abc"),)),
    ]
    roles = compute_statistics(samples, "exact").roles
    assert isinstance(roles, Roles)
    assert {role: one.samples for role, one in roles.by_role.items()} == {"system": 1, "user": 2, "assistant": 1}


def test_a_repeat_says_the_same_but_for_case_spaces_and_ways_of_writing() -> None:
    samples = [
        make_conversation(1, "How  are YOU?", "ﬁne"),
        make_conversation(2, "how are you?", "fine", system="Another one"),
        make_conversation(3, "how are you? fine"),
        make_conversation(4, "how are you?", "Fine "),
        make_conversation(5, "", ""),
        make_conversation(6, "", ""),
    ]
    found = compute_statistics(samples, "exact").duplicates
    assert isinstance(found, Duplicates)
    assert (found.repeats, found.share, found.largest_group) == (2, round(2 / 6, 6), 3)


def test_languages_are_counted_when_a_detector_is_given() -> None:
    samples = [make_conversation(n, text, text) for n, text in enumerate(["hallo", "hello", "hello", "?"])]
    names = {"hallo\nhallo": "de", "hello\nhello": "en"}
    found = compute_statistics(samples, "exact", language_of=lambda text: names.get(text, ""))
    assert isinstance(found.languages, dict)
    assert {name: part.samples for name, part in found.languages.items()} == {"en": 2, "de": 1, "unknown": 1}
    assert found.groups["language"].largest["en"].tokens == 20
    assert isinstance(compute_statistics(samples, "exact").languages, NotComputed)


def test_rows_as_stored_give_what_the_samples_gave() -> None:
    samples = [
        make_example(
            n,
            source=f"{n % 3}.pdf",
            keywords=("a", f"b,{n % 2}"),
            tokens=n,
            split="train" if n % 4 else None,
            chunk_id="d:0-3000",
        )
        for n in range(1500)
    ]
    tally = StatisticsTally()
    for batch in batches_of(samples):
        tally.add_rows(batch.rows, batch.messages, batch.origins)
    assert tally.statistics("exact") == compute_statistics(samples, "exact")
    texts = [Document("d" * 8, "0.pdf", (Block("x" * 4000, "paragraph", "page 2", 0),))]
    (covered,) = tally.coverage(texts, {}).documents
    assert (covered.samples, covered.passages, covered.spans) == (500, 0.75, 0.3755)


def test_figures_alone_say_what_was_not_read() -> None:
    tally = StatisticsTally()
    tally.add(12, 2, "train", "a.pdf", "created", ["x"])
    found = tally.statistics("exact").to_json()
    assert found["samples"] == 1 and found["by_keyword"] == {"x": {"samples": 1, "tokens": 12}}
    for name in ("roles", "vocabulary", "duplicates", "languages", "coverage", "cost", "near_duplicates"):
        assert set(found[name]) == {"not_computed"}  # type: ignore[call-overload]


def test_cost_is_that_of_the_training_samples_as_the_provider_counts_them() -> None:
    tally = StatisticsTally()
    for tokens, split in ((100, "train"), (900, "train"), (50, ""), (70, "test"), (80, "validation")):
        tally.add(tokens, 2, split, "a.pdf", "created", [])
    price = TrainingPrice("openai", "gpt", 10.0, 3, "the price list")
    assert (tally.cost(price).tokens, tally.cost(price).usd) == (1050, 1050 * 3 * 10 / 1e6)
    assert tally.cost(replace(price, limit=500, longer="truncated")).tokens == 650
    assert tally.cost(replace(price, limit=500, longer="left out")).tokens == 150
    assert tally.cost(replace(price, limit=500)).tokens == 1050
    assert tally.cost(replace(price, usd_per_1m=None)).usd is None


def test_to_json_gives_plain_values_whatever_was_computed() -> None:
    samples = [make_conversation(n, f"question {n} about tea", "tea is fine", tokens=n + 1) for n in range(40)]
    tally = StatisticsTally(language_of=lambda text: "en")
    for sample in samples:
        tally.add_sample(sample)
    cost = tally.cost(TrainingPrice("openai", "gpt", 10.0, 3))
    found = tally.statistics("exact", cost=cost, coverage=tally.coverage([], {}), near_duplicates=3).to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["near_duplicates"] == 3


def test_many_samples_are_counted_as_few_are() -> None:
    tally, several = StatisticsTally(), 140_000  # more than are looked at together
    for number in range(several):
        tally.add(number % 100, 2, "train", f"{number % 7}.pdf", "created", ["x", "y"][: number % 3])
    found = tally.statistics("exact")
    assert found.by_source["3.pdf"].samples == several // 7
    assert found.by_keyword["x"].samples == sum(n % 3 > 0 for n in range(several))
    assert found.by_keyword["y"].tokens == sum(n % 100 for n in range(several) if n % 3 == 2)
    assert found.groups["source"].largest["3.pdf"].token_spread.max == 99


def test_of_very_many_keywords_the_most_frequent_are_listed_and_the_others_summed_up() -> None:
    names = [*(f"k{number:05d}" for number in range(MOST_KEYWORDS + 5)), "common", "common again"]
    samples = [make_example(number, tokens=2, keywords=(name,)) for number, name in enumerate(names)]
    samples += [make_example(len(names), tokens=3, keywords=("common", "common again"))]
    found = compute_statistics(samples, "exact")
    assert list(found.by_keyword.items())[:2] == [("common", Part(2, 5)), ("common again", Part(2, 5))]
    assert (len(found.by_keyword), found.rarer_keywords) == (MOST_KEYWORDS, Part(7, 14))
    assert found.groups["keyword"].parts == MOST_KEYWORDS + 7
    assert any("7 rarer ones, 7 together" in line for line in statistics_lines(found))
    assert "7 rarer topics, 7 samples together" in statistics_page(found, "many")
