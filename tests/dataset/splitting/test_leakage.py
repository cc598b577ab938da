"""The leakage figure is what comparing every pair of samples gives."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from src.analysis.similarity import is_near
from src.analysis.words import words_of
from src.dataset.splitting.leakage import Leakage, measure_leakage
from src.dataset.splitting.splitter import SplitPlan, split_dataset
from src.records import Message, Origin, Sample, Split
from tests.dataset.example_samples import make_dataset
from tests.dataset.splitting.test_near_groups import LITTLE, WORDS, make_texts


def sample_of(number: int, text: str, split: Split | None = None, chunk_id: str = "") -> Sample:
    question, _, answer = text.partition("|")
    messages = (Message("system", "You help."), Message("user", question), Message("assistant", answer))
    return Sample(f"s{number:05d}", messages, Origin("a.txt", "created", "d", "page 1", chunk_id=chunk_id), split=split)


def by_hand(samples: list[Sample]) -> tuple[int, int, int, int]:
    words = [words_of("\n".join(turn.content for turn in sample.turns)) for sample in samples]
    splits = [sample.split or "train" for sample in samples]
    chunks = [sample.origin.chunk_id for sample in samples]
    pairs = [(a, b) for a in range(len(samples)) for b in range(len(samples)) if splits[a] != splits[b]]
    near = {a for a, b in pairs if splits[a] != "train" and is_near(set(words[a]), " ".join(words[b]))}
    runs = [{tuple(text[at : at + 13]) for at in range(len(text) - 12)} for text in words]
    of_train = set().union(*(run for run, split in zip(runs, splits, strict=True) if split == "train"))
    known = sum(bool(run & of_train) for run, split in zip(runs, splits, strict=True) if split != "train")
    exact = sum(words[a] == words[b] for a, b in pairs) // 2
    return sum(chunks[a] == chunks[b] != "" for a, b in pairs) // 2, exact, len(near), known


@given(st.randoms(use_true_random=False), st.integers(0, 50), st.integers(3, len(WORDS)))
def test_figures_are_those_of_comparing_all_pairs(chance: random.Random, count: int, known: int) -> None:
    splits: list[Split | None] = [None, "train", "validation", "test"]
    samples = [
        sample_of(number, text, chance.choice(splits), chance.choice(["", "c1", "c2"]))
        for number, text in enumerate(make_texts(chance, count, WORDS[-known:], longest=30))
    ]
    found = measure_leakage(samples)
    assert replace(measure_leakage(samples, LITTLE), examples=()) == replace(found, examples=())
    chunks, exact, near, runs = by_hand(samples)
    assert (found.shared_chunks, found.exact_duplicates, found.near_duplicates) == (chunks, exact, near)
    assert found.shared_13_grams == (round(runs / found.held_out, 4) if found.held_out else 0.0)
    assert found.is_free == (not chunks + exact + near)
    assert json.loads(json.dumps(found.to_json())) == found.to_json()


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_a_split_that_keeps_near_duplicates_together_leaks_nothing(chance: random.Random, count: int) -> None:
    texts = make_texts(chance, count, WORDS, longest=30)
    samples = [sample_of(n, text, chunk_id=chance.choice(["", "c1", "c2"])) for n, text in enumerate(texts)]
    assert measure_leakage(split_dataset(make_dataset(samples), SplitPlan((0.6, 0.2, 0.2)))).is_free


def test_the_real_number_is_told_when_duplicates_may_be_torn() -> None:
    samples = [sample_of(n, f"where is the {'abcdefghij'[n % 10]} valve|It is behind the cover") for n in range(60)]
    torn = split_dataset(make_dataset(samples), SplitPlan((0.5, 0.5, 0.0), keep_near_duplicates_together=False))
    found = measure_leakage(torn)
    assert found.exact_duplicates > 0 and found.near_duplicates == found.held_out == 30
    first, other = found.examples[0]
    of_id = {sample.id: sample for sample in torn}
    assert of_id[first].split == "validation" and of_id[other].split == "train"


def test_a_dataset_without_a_split_has_no_leak() -> None:
    assert measure_leakage([sample_of(n, "the same|text") for n in range(5)]) == Leakage(5, 0, 0, 0, 0, 0.0)
    assert measure_leakage([]) == Leakage(0, 0, 0, 0, 0, 0.0)
