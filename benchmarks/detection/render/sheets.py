"""XLSX and CSV: columns of questions and answers, and one row for each thing said."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of, pairs_of
from benchmarks.detection.talks import Scribe

Rows = list[list[str]]
PAIR_COLUMNS = (
    ("question", "answer"), ("Question", "Answer"), ("prompt", "completion"), ("instruction", "response"),
    ("Customer message", "Agent reply"), ("user", "assistant"), ("query", "response"),
)  # fmt: skip
SPOKEN_COLUMNS = (("speaker", "utterance"), ("Speaker", "Text"), ("role", "content"), ("sender", "message"))


def question_rows(scribe: Scribe) -> tuple[Rows, list[Gold]]:
    """Each row is a conversation of its own; other columns stand before and after."""
    pairs = [pair for _ in range(3) for pair in pairs_of(scribe.questions(2))]
    first, second = scribe.rng.choice(PAIR_COLUMNS)
    swap, more = scribe.chance(0.2), scribe.chance(0.5)
    rows: Rows = [_row("id", first, second, "source", swap, more)]
    rows += [_row(str(n), q.text, a.text, scribe.heading(), swap, more) for n, (q, a) in enumerate(pairs, start=1)]
    return rows, pairs


def _row(first: str, question: str, answer: str, last: str, swap: bool, more: bool) -> list[str]:
    middle = [answer, question] if swap else [question, answer]
    return [first, *middle, last] if more else middle


def spoken_rows(scribe: Scribe) -> tuple[Rows, list[Gold]]:
    """A row for each turn, the conversations told apart by an id."""
    who, what = scribe.rng.choice(SPOKEN_COLUMNS)
    key = scribe.rng.choice(("conversation_id", "dialogue_id", "Chat ID"))
    rows: Rows = [[key, who, what]]
    gold: list[Gold] = []
    for number in range(1, 5):
        talk = scribe.talk()
        words = ("user", "assistant") if who == "role" else talk.names
        rows += [[f"c{number:03}", words[0] if said.asks else words[1], said.text] for said in talk.said]
        gold.append(gold_of(talk, first_is_user=who != "role"))
    return rows, gold


def one_dialogue(scribe: Scribe) -> tuple[Rows, list[Gold]]:
    """A row for each turn with its time, no id: the sheet is one conversation."""
    talk = scribe.talk()
    rows: Rows = [["time", "speaker", "text"]]
    rows += [[f"10:{n:02}:00", talk.name_of(said), said.text] for n, said in enumerate(talk.said)]
    return rows, [gold_of(talk, first_is_user=True)]


Table = Callable[[Scribe], tuple[Rows, list[Gold]]]


def workbook(table: Table, path: Path, scribe: Scribe) -> list[Gold]:
    """The table on a sheet, now and then below a title, with a sheet of figures beside it."""
    from openpyxl import Workbook

    rows, gold = table(scribe)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if scribe.chance(0.3):
        sheet.append([scribe.heading()])
        sheet.append([])
    for row in rows:
        sheet.append(row)
    figures = book.create_sheet("Figures")
    for line in [("Month", "Parcels"), ("May", 410), ("June", 388), ("July", 402)]:
        figures.append(line)
    book.save(path)
    return gold


def comma_separated(table: Table, path: Path, scribe: Scribe) -> list[Gold]:
    rows, gold = table(scribe)
    with path.open("w", encoding=scribe.rng.choice(("utf-8", "utf-8-sig")), newline="") as file:
        writer = csv.writer(file, delimiter=scribe.rng.choice((",", ";", "\t")))
        writer.writerows(rows)
    return gold
