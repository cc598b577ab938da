from __future__ import annotations

import json
from dataclasses import replace

import pytest

from src.dataset.fields import SPLIT_FIELDS, fields_of, fields_of_row, folder_of, length_class
from src.persistence.models import SampleRow, sample_to_row
from src.records import Sample
from tests.dataset.example_samples import make_example


@pytest.mark.parametrize(
    "sample",
    [
        make_example(1, source="a/b.pdf", method="identified", keywords=("tax, law", "b"), tokens=7, split="test"),
        make_example(2),
        replace(make_example(3), messages=()),
    ],
)
def test_a_stored_sample_has_the_fields_it_had_before(sample: Sample) -> None:
    row = SampleRow(*sample_to_row(sample))
    assert fields_of_row(row, json.loads(row.content), json.loads(row.origin)) == fields_of(sample)


def test_a_row_without_an_origin_has_the_fields_of_its_columns() -> None:
    row = SampleRow("s1", '[{"role": "user", "content": "Hi"}]', 3, "a,b", "x.txt", None, "")
    found = fields_of_row(row, json.loads(row.content), {})
    assert (found.keywords, found.source_file, found.method, found.turns) == (("a", "b"), "x.txt", "", 1)
    assert (found.topic, found.folder, found.complexity) == ("a", ".", "low")


def test_folders_are_those_below_the_input_folder() -> None:
    assert [folder_of(file) for file in ("a.pdf", "x/a.pdf", "x/y/a.pdf", "x\\a.pdf")] == [".", "x", "x/y", "x"]


def test_length_classes_hold_the_length() -> None:
    assert [length_class(tokens) for tokens in (0, 1, 2, 3, 4, 300)] == ["0", "1-1", "2-3", "2-3", "4-7", "256-511"]


def test_every_split_field_gives_a_text() -> None:
    assert all(isinstance(value(make_example(1)), str) for value in SPLIT_FIELDS.values())
