from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write


def test_each_split_is_one_array_of_full_samples(tmp_path: Path) -> None:
    samples = awkward_samples()
    files, _ = write("json", samples, tmp_path, job_for(samples))
    assert [path.name for path in files] == ["train.json", "validation.json", "test.json"]
    for path in files:
        rows = json.loads(path.read_text(encoding="utf-8"))
        own = [sample for sample in samples if sample.split == path.stem]
        assert [row["id"] for row in rows] == [sample.id for sample in own]
        assert [row["messages"][-1]["content"] for row in rows] == [sample.messages[-1].content for sample in own]
    assert check("json", samples, tmp_path, job_for(samples)).problems == ()


def test_a_sample_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(120)]
    (path,), _ = write("json", samples, tmp_path, job_for(samples))
    first, *lines, last = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert (first, last, len(lines)) == ("[", "]", 120)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("[\n", "{\n", 1), r"does not begin with \["),
        (lambda text: text[:-1], "has no end"),
        (lambda text: text[:-3] + "\n", r"does not end with \]"),
        (lambda text: text + "[]\n", r"goes on after the \]"),
        (lambda text: text.replace("},\n{", "}\n{", 1), "a comma is missing"),
        (lambda text: text.replace('},\n{"id":"s000002"', '},\n{"id":"s000002",', 1), "is not JSON"),
        (lambda text: text.replace('"s000002"', '"s000009"'), r"row 3 .* of sample s000002"),
        (lambda text: text[: text.index(',\n{"id":"s000003')] + "\n]\n", r"end before row 4 \(sample s000003\)"),
    ],
)
def test_an_array_that_was_damaged_is_found(tmp_path: Path, change: object, told: str) -> None:
    samples = [make_example(n) for n in range(5)]
    (path,), _ = write("json", samples, tmp_path, job_for(samples))
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())  # type: ignore[operator]
    (problem,) = check("json", samples, tmp_path, job_for(samples)).problems
    assert re.search(told, problem)
