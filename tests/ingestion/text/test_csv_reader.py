"""The CSV reader: delimiters, encodings, quoting, and row numbers a person finds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import IngestionError
from src.ingestion.pieces import lay_out
from src.ingestion.text import csv_reader
from src.records import Document
from tests.ingestion.support import Reading, reading


def read(path: Path) -> Reading:
    return reading(csv_reader.read, path)


def read_document(path: Path, root: Path) -> Document:
    return Document("id", path.relative_to(root).as_posix(), lay_out(read(path).pieces))


def rows_of(document: Document) -> list[dict[str, str]]:
    return [{cell.name: block.text[cell.start : cell.end] for cell in block.cells} for block in document.blocks]


def write(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


FAQ = [
    ["id", "question", "answer"],
    ["1", "Is it heavy, or light?", 'Light: "3 kg"; one hand\nis enough'],
    ["2", "Is it blue?", "No; it is red | green"],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_cells_come_back_whole_for_each_delimiter(delimiter: str, tmp_path: Path) -> None:
    document = read_document(write(tmp_path / "a.csv", FAQ, delimiter), tmp_path)

    assert rows_of(document) == [dict(zip(FAQ[0], row, strict=True)) for row in FAQ[1:]]
    assert [block.place for block in document.blocks] == ["row 2", "row 3"]
    assert document.blocks[1].text == "id: 2\nquestion: Is it blue?\nanswer: No; it is red | green"
    assert document.blocks[1].start == document.blocks[0].end + 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_spreadsheet_programs_are_read(encoding: str, tmp_path: Path) -> None:
    rows = [["Frage", "Antwort"], ["Größe?", "Fünf Meter für die Öffnung"], ["Länge?", "Über zwölf Füße"]]

    document = read_document(write(tmp_path / "a.csv", rows, ";", encoding), tmp_path)

    assert rows_of(document)[0] == {"Frage": "Größe?", "Antwort": "Fünf Meter für die Öffnung"}


def test_blank_records_count_but_give_no_block(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,town\n\nAda,London\n,\nBob,Leeds\n")

    blocks = read_document(tmp_path / "a.csv", tmp_path).blocks

    assert [block.place for block in blocks] == ["row 3", "row 5"]


def test_a_table_without_header_gets_numbered_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("12,3.5\n13,4.5\n")

    blocks = read_document(tmp_path / "a.csv", tmp_path).blocks

    assert [block.text for block in blocks] == ["column 1: 12\ncolumn 2: 3.5", "column 1: 13\ncolumn 2: 4.5"]


def test_chat_lines_are_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("user,Hello there\nassistant,How can I help\nuser,Bye\n")

    assert len(read_document(tmp_path / "a.csv", tmp_path).blocks) == 3


def test_more_cells_than_names_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,,\nAda,London,extra,more\nBob,Leeds,x\n".replace("name,,", "name,town,"))

    assert rows_of(read_document(tmp_path / "a.csv", tmp_path))[0] == {
        "name": "Ada", "town": "London", "column 3": "extra", "column 4": "more",
    }  # fmt: skip


def test_an_unclosed_quotation_mark_does_not_swallow_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('question,answer\n"Open?,yes\nB?,no\nC?,maybe\n')

    found = read(tmp_path / "a.csv")

    assert len(found.pieces) == 3
    assert "never closed" in found.warnings[0]


def test_cells_longer_than_the_modules_own_limit_are_read(tmp_path: Path) -> None:
    rows = [["question", "answer"], ["Why?", "x" * 200_000], ["How?", "y"]]

    document = read_document(write(tmp_path / "a.csv", rows), tmp_path)

    assert rows_of(document)[0]["answer"] == "x" * 200_000


def test_nul_bytes_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name,town\nA\x00da,London\nBob,Leeds and a few more words\n")

    assert rows_of(read_document(tmp_path / "a.csv", tmp_path))[0] == {"name": "Ada", "town": "London"}


def test_the_separator_line_of_excel_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nname;town\nAda;London\nBob;Leeds\n")

    blocks = read_document(tmp_path / "a.csv", tmp_path).blocks

    assert (blocks[0].place, blocks[0].text) == ("row 3", "name: Ada\ntown: London")


def test_rows_before_an_unclosed_quotation_mark_keep_their_quotes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('question,answer\n"One, two?","a\nb"\nThree?,"open\nFour?,x\n')

    found = read(tmp_path / "a.csv")

    assert found.pieces[0].text == "question: One, two?\nanswer: a\nb"
    assert [piece.text for piece in found.pieces[1:]] == [
        'question: Three?\nanswer: "open', "question: Four?\nanswer: x",
    ]  # fmt: skip
    assert "from row 3 on" in found.warnings[0]


def test_a_closed_quotation_mark_in_the_last_line_is_no_unclosed_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('question,answer\nWhy?,"So, because"')

    found = read(tmp_path / "a.csv")

    assert found.pieces[0].text == "question: Why?\nanswer: So, because"
    assert not found.warnings


def test_a_title_above_the_header_is_a_paragraph(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Support export,,\n\nid,question,answer\n1,Why?,So.\n2,How?,Thus.\n")

    title, first, _ = read(tmp_path / "a.csv").pieces

    assert (title.text, title.kind, title.place) == ("Support export", "paragraph", "row 1")
    assert (first.text, first.place) == ("id: 1\nquestion: Why?\nanswer: So.", "row 4")


def test_ragged_rows_are_counted_in_one_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,answer\na,b,c,d\ne\n\nf,g\n")

    found = read(tmp_path / "a.csv")

    assert len(found.pieces) == 3
    assert "2 of 3 rows" in found.warnings[0]


def test_control_characters_go_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'name,note\r\nAda,"one\x07\r\ntwo\vthree"\r\nBob,x\x00y\xc2\x85\r\n')

    found = read(tmp_path / "a.csv")

    assert [piece.text for piece in found.pieces] == ["name: Ada\nnote: one\ntwo three", "name: Bob\nnote: xy"]
    assert found.notes == ("3 control characters left out",)


def test_columns_beyond_all_measure_are_cut_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text((",".join(f"c{n}" for n in range(20_000)) + "\n") * 3)

    found = read(tmp_path / "a.csv")

    assert all(len(piece.cells) == csv_reader.MAX_COLUMNS for piece in found.pieces)
    assert "3 rows have more than 16,384 columns" in found.warnings[0]


def test_a_line_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,answer\n" + "a,b," * 5_000_000)

    with pytest.raises(IngestionError, match="line of more than") as caught:
        read(tmp_path / "a.csv")
    assert caught.value.status == "refused"


def test_dialogue_tables_name_speaker_and_utterance(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("dialogue_id\tspeaker\tutterance\nd1\tuser\tHi\nd1\tagent\tHello\n")

    assert rows_of(read_document(tmp_path / "a.tsv", tmp_path))[1] == {
        "dialogue_id": "d1", "speaker": "agent", "utterance": "Hello",
    }  # fmt: skip


VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20).filter(str.strip)


@given(rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_csv_module_writes_is_what_is_read(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    # Numbers in front keep the delimiter certain: every record has three columns.
    table = [["number", "question", "answer"], *([str(n), *row] for n, row in enumerate(rows))]

    document = read_document(write(tmp_path / "a.csv", table), tmp_path)

    assert [(row["question"], row["answer"]) for row in rows_of(document)] == [
        (question.strip(), answer.strip()) for question, answer in rows
    ]
