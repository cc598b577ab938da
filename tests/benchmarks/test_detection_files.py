"""The labelled files of bench-detection really hold their gold, and the same seed writes the same files."""

from __future__ import annotations

import csv
import email
import email.policy
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.detection.families import Family, families
from benchmarks.detection.forms import pages
from benchmarks.detection.gold import without_hyphens
from benchmarks.detection.natural import riddles
from benchmarks.detection.negatives import GENUINE
from benchmarks.detection.talks import Scribe, topics

PLAIN = (".txt", ".md", ".vtt", ".srt", ".eml")
LETTERS = re.compile(r"[\w?？]+")


def words(text: str) -> list[str]:
    return LETTERS.findall(text)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def values(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [text for value in tree.values() for text in values(value)]
    if isinstance(tree, list):
        return [text for value in tree for text in values(value)]
    return [str(tree)]


def text_of(path: Path) -> str:
    """All words of a file, read with the plain libraries."""
    from docx import Document
    from openpyxl import load_workbook
    from pptx import Presentation

    if path.suffix == ".eml":
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        return str(message.get_content())
    if path.suffix in (".json", ".jsonl"):
        lines = [path.read_text("utf-8")] if path.suffix == ".json" else path.read_text("utf-8").splitlines()
        return "\n".join(text for line in lines for text in values(json.loads(line)))
    if path.suffix == ".html":
        parser = _Text()
        parser.feed(path.read_text("utf-8"))
        return " ".join(parser.parts)
    if path.suffix == ".docx":
        document = Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    if path.suffix == ".xlsx":
        rows = (row for sheet in load_workbook(path) for row in sheet.iter_rows(values_only=True))
        return "\n".join(str(value) for row in rows for value in row if value is not None)
    if path.suffix == ".pptx":
        shapes = [shape for slide in Presentation(str(path)).slides for shape in slide.shapes]
        tables = [cell.text for s in shapes if s.has_table for row in s.table.rows for cell in row.cells]
        return "\n".join([*(s.text_frame.text for s in shapes if s.has_text_frame), *tables])
    if path.suffix == ".pdf":
        import pypdfium2

        with pypdfium2.PdfDocument(path) as pdf:
            return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    if path.suffix == ".csv":
        text = path.read_text("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        return "\n".join(value for row in csv.reader(text.splitlines(True), delimiter=delimiter) for value in row)
    return path.read_text("utf-8")


def is_subsequence(wanted: list[str], there: list[str]) -> bool:
    rest = iter(there)
    return all(word in rest for word in wanted)


def write(family: Family, folder: Path, seed: int = 7) -> tuple[Path, list[Any]]:
    path = folder / f"file{family.suffix}"
    return path, family.write(path, Scribe(f"{seed} {family.name} 0", family.latin_only))


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_the_file_holds_every_word_of_its_gold(family: Family, tmp_path: Path) -> None:
    path, gold = write(family, tmp_path)
    text = text_of(path)
    there = words(without_hyphens(text)) if family.suffix == ".pdf" else words(text)
    assert gold
    for turn in (turn for conversation in gold for turn in conversation):
        wanted = words(without_hyphens(turn.text)) if family.suffix == ".pdf" else words(turn.text)
        assert is_subsequence(wanted, there), turn


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_gold_conversations_are_alternating_turns_of_both_roles(family: Family, tmp_path: Path) -> None:
    _, gold = write(family, tmp_path)
    for conversation in gold:
        roles = [turn.role for turn in conversation if turn.role != "system"]
        assert {"user", "assistant"} <= set(roles) and len(roles) >= 2
        assert all(a != b for a, b in pairwise(roles))
        assert all(turn.text.strip() for turn in conversation)


def test_the_same_seed_gives_the_same_files_and_another_seed_gives_others(tmp_path: Path) -> None:
    for family in families():
        if family.suffix in PLAIN:
            path, gold = write(family, tmp_path)
            first = path.read_bytes()
            assert write(family, tmp_path)[1] == gold and path.read_bytes() == first
            assert write(family, tmp_path, seed=8)[1] != gold


def test_the_set_is_large_and_diverse() -> None:
    talks = [Scribe(f"set {number}").talk() for number in range(300)]
    assert len(set(talks)) > 290
    assert {talk.language for talk in talks} == {"en", "de", "fr", "es", "ja"}
    assert {2, 14} <= {len(talk.said) for talk in talks} and max(len(talk.said) for talk in talks) <= 14
    assert sum(len(topic.exchanges) for topic in topics()) > 100


def test_forms_are_as_long_as_asked_and_hold_the_known_traps() -> None:
    text = "\n".join(pages(Scribe("forms"), 300_000))
    assert len(text) >= 300_000
    assert all(trap in text for trap in ("Note: ", "Package: ", "Return type: ", "A. ", "Customer: yes [ ]", "INFO"))


def test_genuine_questions_and_letters_are_left_out_by_name() -> None:
    assert all(GENUINE.search(name) for name in ("man-db/FAQ", "git/howto/x.txt", "python3/mailing-lists.txt"))
    assert not GENUINE.search("bash/changelog.gz")


def test_riddles_are_the_entries_of_one_question_and_one_answer(tmp_path: Path) -> None:
    source = tmp_path / "riddles"
    source.write_text("Q:\tWhat?\nA:\tThat.\n%\nA:\tFirst.\nQ:\tThen?\n%\nA proverb.\n", "utf-8")
    found = riddles(source)
    assert found is not None
    text, gold = found
    assert [[turn.text for turn in one] for one in gold] == [["What?", "That."]]
    assert "Then?" not in text and "A proverb." in text
    assert riddles(tmp_path / "nothing") is None
