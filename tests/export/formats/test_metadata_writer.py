from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.export.formats import MetadataWriter
from src.export.formats.metadata_writer import COLUMNS, preview
from src.export.formats.tabular.spreadsheet_cells import neutralise
from src.records import Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import batches

TRIGGERS = "=+-@\t\r\n\0＝＋－＠"


def write_metadata(samples: list[Sample], folder: Path) -> Path:
    (folder / "metadata.csv").unlink(missing_ok=True)
    writer = MetadataWriter(folder)
    for batch in batches(samples):
        writer.write(batch)
    (path,) = writer.close()
    return path


def read_back(samples: list[Sample], folder: Path) -> list[dict[str, str]]:
    with write_metadata(samples, folder).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_row_holds_exactly_the_promised_columns(tmp_path: Path) -> None:
    sample = replace(make_example(1, keywords=("tax", "law"), tokens=42, split="validation"), topic_keywords=("ä", "b"))
    (row,) = read_back([sample], tmp_path)
    assert tuple(row) == COLUMNS
    assert list(row.values()) == [
        "s000001",
        "user: Question 1? assistant: Answer 1.",
        "42",
        "ä, b",
        "guide.pdf",
        "validation",
    ]


def test_every_sample_has_its_row(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(120)]
    assert [row["sample_id"] for row in read_back(samples, tmp_path)] == [sample.id for sample in samples]


def test_the_file_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    content = write_metadata([make_example(1)], tmp_path).read_bytes()
    assert content.startswith(b"\xef\xbb\xbfsample_id,")
    assert content.count(b"\n") == content.count(b"\r\n") == 2


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("before", ["", " ", "  ", "\ufeff", "\u00a0"])
def test_no_text_cell_can_act_as_a_formula(tmp_path: Path, before: str, trigger: str) -> None:
    text = f"{before}{trigger}cmd|' /C calc'!A0"
    if trigger == "\0":
        assert neutralise(text) == f"'{text}"
        return  # Python 3.10's csv module cannot read it back
    sample = replace(make_example(1, source=text, keywords=(text,)), id=text)
    (row,) = read_back([sample], tmp_path)
    for column in ("sample_id", "topic_keywords", "source_file"):
        assert row[column] == f"'{text}"


@pytest.mark.parametrize("text", ["plain", "a=b", "1-2", "'quoted", "", "s-1"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_a_number_stays_a_number(tmp_path: Path) -> None:
    (row,) = read_back([make_example(1, tokens=-1)], tmp_path)
    assert row["token_length"] == "-1"


def test_a_keyword_keeps_its_comma(tmp_path: Path) -> None:
    (row,) = read_back([make_example(1, keywords=("a,b", "c"))], tmp_path)
    assert row["topic_keywords"] == "a,b, c"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_a_preview_is_one_short_line(tmp_path: Path, texts: list[str]) -> None:
    shown = preview([{"role": "user", "content": text} for text in texts])
    assert len(shown) <= 120
    assert len(shown.splitlines()) == 1
    sample = replace(make_example(1), messages=tuple(Message("user", text) for text in texts))
    (row,) = read_back([sample], tmp_path)
    assert row["content_preview"] == shown


def test_a_preview_starts_with_the_question_not_with_the_instructions() -> None:
    messages = [{"role": one.role, "content": one.content} for one in make_example(5).messages]
    assert preview(messages) == "user: Question 5? assistant: Answer 5."


def test_a_file_name_that_is_no_text_is_written_readably(tmp_path: Path) -> None:
    (row,) = read_back([make_example(1, source=os.fsdecode(b"caf\xe9.txt"))], tmp_path)
    assert row["source_file"] == "caf\\udce9.txt"
