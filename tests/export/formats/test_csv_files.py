from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.export.formats.tabular.csv_lines import LineMaker
from src.export.formats.tabular.spreadsheet_cells import guard, unguard
from src.records import Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write

csv.field_size_limit(1 << 30)
TRIGGERS = "=+-@\t\r\n\0＝＋－＠"


def read(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def saying(question: str, answer: str = "Fine.") -> Sample:
    return replace(make_example(1), messages=(Message("user", question), Message("assistant", answer)))


def test_a_row_holds_the_whole_sample(tmp_path: Path) -> None:
    sample = make_example(1, keywords=("tax", "law"), tokens=42, split="validation")
    (path,), _ = write("csv", [sample], tmp_path, job_for([sample]))
    assert read(path) == [
        {
            "id": "s000001", "split": "validation", "system": "You help.", "user": "Question 1?",
            "assistant": "Answer 1.",
            "messages": '[{"role":"system","content":"You help."},{"role":"user","content":"Question 1?"},'
            '{"role":"assistant","content":"Answer 1."}]',
            "token_length": "42", "topic_keywords": '["tax","law"]', "source_file": "guide.pdf", "method": "created",
            "place": "page 2", "document_id": "dddddddd", "span": "[1,6]", "turn_spans": "[[[1,3]],[[3,5],[5,6]]]",
            "chunk_id": "", "prompt_id": "p1", "model": "m1", "call_id": "", "edited_from": "",
        }
    ]  # fmt: skip


def test_several_turns_stand_in_messages_alone(tmp_path: Path) -> None:
    sample = replace(make_example(1), messages=make_example(1).messages[1:] * 2)
    (path,), _ = write("csv", [sample], tmp_path, job_for([sample]))
    (row,) = read(path)
    assert (row["system"], row["user"], row["assistant"]) == ("", "", "")
    assert len(json.loads(row["messages"])) == 4


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", ["minimal", "all", "nonnumeric"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16"])
@pytest.mark.parametrize("neutralise", [True, False])
def test_awkward_texts_come_back_whatever_the_settings(
    tmp_path: Path, delimiter: str, quoting: str, encoding: str, neutralise: bool
) -> None:
    samples = awkward_samples(30)
    choices = {"delimiter": delimiter, "quoting": quoting, "encoding": encoding, "neutralise": neutralise}
    job = job_for(samples, csv=choices)
    files, _ = write("csv", samples, tmp_path, job)
    rows = {row["id"]: row for path in files for row in read(path, encoding, delimiter)}
    for sample in samples:
        texts = [message["content"] for message in json.loads(rows[sample.id]["messages"])]
        assert texts == [message.content for message in sample.messages]
        if sample.messages[-2:-1] == sample.messages[:1] and "\0" not in sample.messages[-1].content:
            cell = rows[sample.id]["assistant"]
            assert (unguard(cell) if neutralise else cell) == sample.messages[-1].content
    assert check("csv", samples, tmp_path, job).problems == ()


@pytest.mark.parametrize("trigger", TRIGGERS.replace("\0", ""))
@pytest.mark.parametrize("before", ["", " ", "  ", "\ufeff", "\u00a0"])
def test_no_cell_can_act_as_a_formula(tmp_path: Path, before: str, trigger: str) -> None:
    text = f"{before}{trigger}cmd|' /C calc'!A0"
    sample = replace(saying(text, text), id=text, origin=replace(make_example(1).origin, place=text, chunk_id=text))
    (path,), _ = write("csv", [sample], tmp_path, job_for([sample]))
    (row,) = read(path)
    for column in ("id", "user", "assistant", "place", "chunk_id"):
        assert row[column] == f"'{text}"
        assert unguard(row[column]) == text
    assert row["messages"].startswith("[")


@given(st.text())
def test_a_guard_can_be_taken_off_again(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "plain", "a=b", "1-2", "s-1", " spaced"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == text


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0")) | st.sampled_from(["12", "²", "a,b;c|d\te", 'q"', "\r"]),
        min_size=2,
    ),
    st.sampled_from(",;\t|"),
)
def test_lines_are_those_of_the_standard_library(cells: list[str], delimiter: str) -> None:
    for name, quoting in (("minimal", csv.QUOTE_MINIMAL), ("all", csv.QUOTE_ALL)):
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter, quoting=quoting).writerow(cells)
        assert LineMaker(delimiter, name).line(cells) == stream.getvalue()


def test_only_numbers_go_without_quotes_where_that_is_asked_for() -> None:
    assert LineMaker(",", "nonnumeric").line(["a", "12", "", "²"]) == '"a",12,"","²"\r\n'


def test_cells_that_spreadsheets_would_cut_are_counted(tmp_path: Path) -> None:
    samples = [saying("x" * 32_767), replace(saying("x" * 32_768), id="s2")]
    (path,), writer = write("csv", samples, tmp_path, job_for(samples))
    assert len(read(path)[1]["user"]) == 32_768
    # The second question, and the messages that hold it; the messages of the first.
    assert "3 cells have more than 32,767 characters" in str(writer.issues[0])


def test_a_nul_is_shown_and_kept_in_messages(tmp_path: Path) -> None:
    sample = saying("a\0b")
    (path,), writer = write("csv", [sample], tmp_path, job_for([sample]))
    assert b"\0" not in path.read_bytes()
    (row,) = read(path)
    assert row["user"] == "a\ufffdb"
    assert json.loads(row["messages"])[0]["content"] == "a\0b"
    assert "1 cells hold a NUL" in str(writer.issues[0])
    assert check("csv", [sample], tmp_path, job_for([sample])).problems == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Question 2?", "Question 9?"),
        ("id,split", "id,spilt"),
        (",10,[]", ",11,[]"),
        (",10,[]", ",ten,[]"),
        ('""role""', '""rule""'),
        ("s000002", "s000002,more"),
        ("Answer 2.,", '"Answer 2.,'),
    ],
)
def test_a_changed_cell_is_found(tmp_path: Path, old: str, new: str) -> None:
    samples = [make_example(n) for n in range(5)]
    (path,), _ = write("csv", samples, tmp_path, job_for(samples))
    content = path.read_text(encoding="utf-8-sig")
    assert old in content
    path.write_bytes(content.replace(old, new, 1).encode("utf-8-sig"))
    (problem,) = check("csv", samples, tmp_path, job_for(samples)).problems
    assert "train" in problem
