from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from src.export.versions.content import read_content
from src.export.versions.difference import Difference, compare
from src.records import SPLITS
from tests.export.versions.example_exports import Line, lines_of, write_lineage


def difference(folder: Path, old: Sequence[Line], new: Sequence[Line]) -> Difference:
    paths = write_lineage(folder / "old.jsonl", old), write_lineage(folder / "new.jsonl", new)
    return compare(read_content(paths[0]), read_content(paths[1]))


def test_the_same_samples_in_another_order_are_no_difference(tmp_path: Path) -> None:
    found = difference(tmp_path, lines_of(40), lines_of(40)[::-1])
    assert found.is_empty
    assert found.unchanged == 40


def test_added_and_removed_samples_count_in_their_splits(tmp_path: Path) -> None:
    found = difference(tmp_path, lines_of(8), [line for line in lines_of(14) if line.id != "s000002"])
    assert found.added.by_split == {"train": 4, "validation": 1, "test": 1}
    assert found.added.examples == tuple(f"s{n:06d}" for n in range(8, 14))
    assert found.removed.by_split == {"train": 0, "validation": 1, "test": 0}
    assert found.removed.examples == ("s000002",)
    assert (found.changed.total, found.unchanged) == (0, 7)


def test_another_content_at_the_same_place_is_a_change_though_its_id_is_new(tmp_path: Path) -> None:
    old = lines_of(8)
    new = [*old[:3], replace(old[3], id="snew", text="Better"), *old[4:]]
    found = difference(tmp_path, old, new)
    assert found.changed.by_split == {"train": 0, "validation": 0, "test": 1}
    assert found.changed.examples == ("s000003, now snew",)
    assert (found.added.total, found.removed.total, found.moved) == (0, 0, 0)


def test_the_first_ten_changed_samples_are_named_in_the_order_of_the_new_version(tmp_path: Path) -> None:
    old = lines_of(30)
    found = difference(tmp_path, old[::-1], [replace(line, text="Better") for line in old])
    assert found.changed.total == 30
    assert found.changed.examples == tuple(f"s{n:06d}" for n in range(10))


def test_the_same_id_in_another_split_is_a_change(tmp_path: Path) -> None:
    old = lines_of(8)
    found = difference(tmp_path, old, [replace(old[0], split="test"), *old[1:]])
    assert found.changed.examples == ("s000000 (train to test)",)
    assert found.changed.by_split == {"train": 0, "validation": 0, "test": 1}
    assert (found.moved, found.unchanged) == (1, 7)


def test_a_created_sample_with_another_quote_stays_at_its_place_an_identified_one_does_not(tmp_path: Path) -> None:
    old = [Line("a", span=(1, 5)), Line("b", method="identified", span=(1, 5))]
    new = [Line("c", text="x", span=(2, 9)), Line("d", text="x", method="identified", span=(2, 9))]
    found = difference(tmp_path, old, new)
    assert found.changed.examples == ("a, now c",)
    assert (found.added.examples, found.removed.examples) == (("d",), ("b",))


def test_another_document_chunk_method_or_prompt_is_another_place(tmp_path: Path) -> None:
    old = Line("a")
    for change in ({"document": "e" * 64}, {"chunk": "c2"}, {"method": "free"}, {"prompt": "p2"}):
        found = difference(tmp_path, [old], [replace(old, id="b", text="x", **change)])  # type: ignore[arg-type]
        assert (found.added.total, found.removed.total, found.changed.total) == (1, 1, 0)


def test_samples_of_one_chunk_are_matched_one_to_one(tmp_path: Path) -> None:
    old = [Line(f"a{n}") for n in range(3)]
    new = [Line(f"b{n}", text="x") for n in range(5)]
    found = difference(tmp_path, old, new)
    assert found.changed.examples == ("a0, now b0", "a1, now b1", "a2, now b2")
    assert found.added.examples == ("b3", "b4")
    assert found.removed.total == 0


def test_samples_of_unknown_origin_are_never_taken_for_each_other(tmp_path: Path) -> None:
    found = difference(tmp_path, [Line("a", document="", chunk="")], [Line("b", document="", chunk="", text="x")])
    assert (found.added.total, found.removed.total, found.changed.total) == (1, 1, 0)


def test_an_id_that_stands_twice_is_matched_twice(tmp_path: Path) -> None:
    found = difference(tmp_path, [Line("a"), Line("a")], [Line("a"), Line("a"), Line("a")])
    assert (found.unchanged, found.added.total, found.removed.total) == (2, 1, 0)


SAMPLES = st.lists(
    st.builds(
        Line,
        id=st.sampled_from([f"s{n}" for n in range(12)]),
        split=st.sampled_from(SPLITS),
        text=st.sampled_from(["x", "y"]),
        chunk=st.sampled_from(["c1", "c2", "c3"]),
    ),
    max_size=10,
    unique_by=lambda line: line.id,
)


@given(SAMPLES, SAMPLES)
@settings(max_examples=150, deadline=None)
def test_every_sample_has_one_fate_as_a_plain_comparison_tells_it(old: list[Line], new: list[Line]) -> None:
    with TemporaryDirectory() as folder:
        found = difference(Path(folder), old, new)
    before, after = {line.id: line for line in old}, {line.id: line for line in new}
    both = before.keys() & after.keys()
    edited = [i for i in both if (before[i].text, before[i].split) != (after[i].text, after[i].split)]
    gone = Counter(before[i].chunk for i in before.keys() - both)
    come = Counter(after[i].chunk for i in after.keys() - both)
    remade = (gone & come).total()
    assert found.changed.total == len(edited) + remade
    assert found.removed.total == gone.total() - remade
    assert found.added.total == come.total() - remade
    assert found.unchanged == len(both) - len(edited)
    assert found.added.total + found.changed.total + found.unchanged == len(new)
    assert found.removed.total + found.changed.total + found.unchanged == len(old)
