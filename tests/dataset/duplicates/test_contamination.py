"""What the training samples share with validation, test or a benchmark file is found, with its place."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.analysis.words import words_of
from src.dataset.duplicates.contamination import Contamination, find_contamination
from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Sample, Split
from tests.dataset.duplicates.planted import SEEDS, sample

FACT = "the pump is cleaned once a week with warm water and a soft cloth before use"
WORDS = [f"w{number}" for number in range(6)]


def text_at(samples: list[Sample], sample_id: str, place: str) -> str:
    """What stands at "message 2, characters 10 to 24"."""
    (made,) = [made for made in samples if made.id == sample_id]
    found = re.fullmatch(r"message (\d+), characters (\d+) to (\d+)", place)
    assert found, place
    return made.messages[int(found[1]) - 1].content[int(found[2]) : int(found[3])]


@settings(deadline=None)
@given(SEEDS, st.integers(0, 25), st.integers(8, 13), st.sampled_from([1, 1 << 22]))
def test_figures_are_those_of_comparing_every_run_of_words(seed: int, count: int, n: int, grams_at_a_time: int) -> None:
    chance = random.Random(seed)
    splits: list[Split | None] = [None, "train", "validation", "test"]
    base = [chance.choice(WORDS) for _ in range(60)]

    def text() -> str:
        start, length = chance.randrange(40), chance.choice([0, 1, 5, 9, 14, 20])
        return " ".join(base[start : start + length] if chance.random() < 0.5 else chance.choices(WORDS, k=length))

    samples = [sample(f"s{number:03d}", text(), text(), split=chance.choice(splits)) for number in range(count)]
    found = find_contamination(samples, n=n, grams_at_a_time=grams_at_a_time)
    runs: dict[str, set[tuple[str, ...]]] = {}
    for made in samples:
        words = words_of(" ".join(turn.content for turn in made.turns))
        words = [] if words == [""] else words
        runs[made.id] = {tuple(words[at : at + n]) for at in range(len(words) - n + 1)} or ({tuple(words)} - {()})
    train = [made.id for made in samples if made.split in (None, "train")]
    if grams_at_a_time > 1:
        held_out = [runs[made.id] for made in samples if made.id not in train]
        often = Counter(run for some in held_out for run in some)
        template = {run for run, times in often.items() if times >= max(5, 0.1 * len(held_out))}
        runs = {one: mine if one in train else mine - template for one, mine in runs.items()}
    known = set().union(*(runs[one] for one in train))
    others = [made.id for made in samples if made.id not in train]
    shares = {one: len(runs[one] & known) / len(runs[one]) for one in others if runs[one]}
    assert (found.samples, found.texts, found.not_compared) == (len(train), len(others), len(others) - len(shares))
    assert {one.text: one.share for one in found.overlaps} == {one: share for one, share in shares.items() if share}
    assert found.touched == len(found.overlaps)
    assert found.contaminated == sum(share >= 0.7 for share in shares.values())
    assert json.loads(json.dumps(found.to_json()))["touched"] == found.touched
    for one in found.overlaps:
        assert runs[one.text] & runs[one.sample_id]


def test_the_places_of_what_is_shared_are_told() -> None:
    samples = [
        sample("a", "How is it done?", f"Listen: {FACT}, always."),
        sample("b", "Something else entirely", "and nothing to be found in it"),
        sample("c", f"Is it true that {FACT}?", "Yes.", split="test"),
    ]
    (found,) = find_contamination(samples).overlaps
    assert (found.text, found.sample_id) == ("c", "a")
    shared = " ".join(FACT.split()[:13])
    assert text_at(samples, "c", found.text_place) == shared
    assert text_at(samples, "a", found.sample_place) == shared


def test_the_sample_with_most_of_it_is_named() -> None:
    samples = [
        sample("a", "first", " ".join(FACT.split()[:14])),
        sample("b", "second", FACT),
        sample("c", FACT, split="validation"),
    ]
    found = find_contamination(samples)
    # Each run is known from the first sample that has it.
    assert found.overlaps[0].sample_id in ("a", "b")
    assert found.overlaps[0].share == 1
    assert (found.touched, found.contaminated, found.share) == (1, 1, 1.0)


def test_places_are_right_in_text_of_any_script() -> None:
    japanese = "このポンプは毎週一回、温かい水と柔らかい布で掃除してください。"
    german = "Die Straße ist für Fußgänger gesperrt, weil größere Bauarbeiten das Übliche stören würden, heißt es hier"
    ligature = "the ﬁrst ﬂoor is ﬁne for the oﬃce of the chief and all of his staﬀ at work"
    samples = [
        sample("a", japanese), sample("b", f"Also: {german}"), sample("c", f"So {ligature}"),
        sample("x", f"はい。{japanese}", split="test"), sample("y", german, split="test"),
        sample("z", ligature, split="test"),
    ]  # fmt: skip
    found = {one.text: one for one in find_contamination(samples).overlaps}
    assert text_at(samples, "a", found["x"].sample_place) == text_at(samples, "x", found["x"].text_place)
    assert text_at(samples, "b", found["y"].sample_place) == " ".join(german.split()[:13])
    assert text_at(samples, "c", found["z"].sample_place) == " ".join(ligature.split()[:13])


def test_what_spans_two_messages_is_told_from_one_to_the_other() -> None:
    first, second = "the pump is cleaned once a week", "with warm water and a soft cloth before use"
    samples = [sample("a", first, second), sample("b", f"{first} {second}", split="test")]
    assert find_contamination(samples).overlaps[0].sample_place == "message 2, character 0 to message 3, character 26"


def test_what_every_text_has_is_a_template() -> None:
    template = "Answer the following question about the handbook of the pump in one short sentence please:"
    samples = [sample(f"a{n}", f"{template} {n}?", f"Answer {n}.") for n in range(20)]
    samples += [sample(f"b{n}", f"{template} x{n}?", f"Reply {n}.", split="test") for n in range(20)]
    found = find_contamination(samples)
    assert found.template_runs == 3
    assert found.touched == 0
    leaked = sample("c", f"{template} x3?", "Reply 3.")
    assert [one.text for one in find_contamination([*samples, leaked]).overlaps] == ["b3"]


def test_nothing_is_shared_by_clean_splits_and_by_no_samples() -> None:
    clean = [sample(f"s{n}", f"Question {n} about w{n}?", split="train" if n % 2 else "test") for n in range(10)]
    assert find_contamination(clean).touched == 0
    assert find_contamination([]).share == 0


BENCHMARK = [
    {"id": 1, "question": "What is the capital of Norway?", "choices": ["Oslo", "Bergen"]},
    {"id": 2, "question": f"Is it so that {FACT}?", "answer": {"text": "Yes"}},
    {"id": 3, "question": "How many planets does the sun have in all?", "answer": "Eight"},
]
TRAIN = [
    sample("a", "what is the capital of norway", "Oslo."),
    sample("b", "Tell me", f"I know that {FACT}."),
    sample("c", "How many planets does the sun have", "Eight"),
]


def write_jsonl(folder: Path) -> Path:
    path = folder / "bench.jsonl"
    path.write_text("\n\n".join(json.dumps(record) for record in BENCHMARK), encoding="utf-8")
    return path


def write_csv(folder: Path) -> Path:
    path = folder / "bench.csv"
    rows = [f'{record["id"]},"{record["question"]}"' for record in BENCHMARK]
    path.write_text("\ufeffid,question\r\n" + "\r\n".join(rows), encoding="utf-8")
    return path


def write_txt(folder: Path) -> Path:
    path = folder / "bench.TXT"
    path.write_text("\n".join(str(record["question"]) for record in BENCHMARK), encoding="utf-8")
    return path


def places_of(found: Contamination) -> dict[str, tuple[str, str]]:
    return {one.text: (one.sample_id, one.text_place) for one in found.overlaps}


@pytest.mark.parametrize(
    ("write", "first", "second"),
    [
        (write_jsonl, ("line 1", "line 1, question"), ("line 3", "line 3, question")),
        (write_csv, ("row 2", "row 2, question"), ("row 3", "row 3, question")),
        (write_txt, ("line 1", "line 1"), ("line 2", "line 2")),
    ],
)
def test_benchmark_files_are_compared(tmp_path: Path, write, first, second) -> None:  # type: ignore[no-untyped-def]
    found = find_contamination(TRAIN, write(tmp_path))
    assert found.texts == 3
    assert places_of(found) == {
        first[0]: ("a", f"{first[1]}, characters 0 to 29"),
        second[0]: ("b", f"{second[1]}, characters 9 to 67"),
    }


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("bench.jsonl", b'{"a": "b"}\n{"a": ', "line 2: it is no JSON"),
        ("bench.jsonl", b'"' + b"[" * 100_000, "no JSON"),
        ("bench.jsonl", b"[" * 100_000, "no JSON"),
        ("bench.txt", b"\xff\xfe", "not UTF-8"),
        ("bench.csv", b'a\n"' + b"x" * ((1 << 20) + 1) + b'"', "cannot be read as CSV"),
        ("bench.parquet", b"", "one of .jsonl, .txt, .csv"),
        ("bench.txt", None, "cannot be read"),
    ],
)
def test_a_benchmark_file_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        find_contamination(TRAIN, tmp_path / name)


@pytest.mark.parametrize("n", [7, 14])
def test_other_lengths_are_refused(n: int) -> None:
    with pytest.raises(UsageError, match="use 8 to 13"):
        find_contamination([], n=n)


def test_samples_that_can_be_read_only_once_are_refused() -> None:
    with pytest.raises(UsageError, match="more than once"):
        find_contamination(iter(TRAIN))


def test_stored_samples_are_streamed_and_other_samples_compared(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "d.db") as store:
        stored = store.load_dataset(store.save_dataset(Dataset("d", "openai", "gpt-4.1", "create", TRAIN), {})).samples
        other = [sample("o", f"Well, {FACT}")]
        assert find_contamination(stored, other) == find_contamination(TRAIN, other)
        assert find_contamination(stored, other).overlaps[0].sample_id == "b"
        assert find_contamination(stored, other).against == "other samples"
