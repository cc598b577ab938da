"""A database of samples to export, its JSON as the product stores it: the same ones every time, no two alike."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

from src.persistence.models import SAMPLE_COLUMNS, SampleColumns, SampleRow
from src.records import Split

SEED = 20261121
_SYSTEMS = ("You are a patient teacher of Python.", "You answer customers of a small web shop, briefly and politely.")
_SPLITS: tuple[Split, ...] = ("train",) * 16 + ("validation",) * 3 + ("test",)
_OTHERS = ("Größe und Maß prüfen.", "请先检查网络连接。", "ご注文の商品は本日発送いたしました。", "🙂 merci !")


class DatabaseRows:
    """The samples of a SQLite file, read with one plain statement; `single_turn`: those of one question alone."""

    def __init__(self, path: Path, single_turn: bool = False) -> None:
        self.path = path
        self.chosen = "WHERE position % 5 <> 4" if single_turn else ""

    def row_batches(self, size: int) -> Iterator[Sequence[SampleRow]]:
        for rows in self.plain(size):
            yield list(map(SampleRow._make, rows))

    def column_batches(self, size: int) -> Iterator[SampleColumns]:
        """By columns, with JSON as bytes: as the product's store gives them."""
        columns = SAMPLE_COLUMNS.replace("content", "CAST(content AS BLOB)").replace("origin", "CAST(origin AS BLOB)")
        for rows in self.plain(size, columns):
            yield SampleColumns(*zip(*rows, strict=True))

    def plain(self, size: int, columns: str = SAMPLE_COLUMNS) -> Iterator[list[tuple[Any, ...]]]:
        """The rows as sqlite3 gives them."""
        connection = sqlite3.connect(self.path)
        found = connection.execute(f"SELECT {columns} FROM samples {self.chosen} ORDER BY position")
        while rows := found.fetchmany(size):
            yield rows
        connection.close()

    def count(self) -> dict[Split, int]:
        with sqlite3.connect(self.path) as connection:
            return dict(connection.execute(f"SELECT split, count(*) FROM samples {self.chosen} GROUP BY split"))


def write_database(path: Path, number: int) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 16384")  # the product's
    connection.execute(
        "CREATE TABLE samples (position INTEGER PRIMARY KEY, id TEXT, content TEXT, token_length INTEGER, "
        "topic_keywords TEXT, source_file TEXT, split TEXT, origin TEXT)"
    )
    rows = ((position, *row) for position, row in enumerate(islice(_rows(), number)))
    connection.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path


def _rows() -> Iterator[SampleRow]:
    """One sample in three has a system message, one in five two turns."""
    rng = random.Random(SEED)
    prose = _prose(rng)
    number = 0
    while True:
        number += 1
        messages = [{"role": "system", "content": rng.choice(_SYSTEMS)}] if number % 3 == 0 else []
        for _ in range(2 if number % 5 == 0 else 1):
            messages.append({"role": "user", "content": _cut(rng, prose, 30, 240)})
            messages.append({"role": "assistant", "content": _cut(rng, prose, 150, 1_200)})
        content = json.dumps(messages, ensure_ascii=False, separators=(",", ":"))
        source = f"manuals/part-{number % 40}.pdf"
        split = _SPLITS[number % 20]
        yield SampleRow(
            f"s{number:020x}", content, len(content) // 4, "python,shop", source, split, _origin(number, source)
        )


def _origin(number: int, source: str) -> str:
    return json.dumps(
        {
            "source_file": source,
            "method": "created",
            "document_id": f"{number % 40:064x}",
            "place": f"page {number % 300}",
            "span": [number % 1000, number % 1000 + 120],
            "turn_spans": [],
            "chunk_id": f"{number % 40:012x}:{number % 300}",
            "prompt_id": "create-3f2a91c0",
            "model": "gpt-4.1-mini",
            "call_id": f"{number:064x}",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _prose(rng: random.Random) -> str:
    """Words of Python's reference in any order, so that no compressor finds a text twice; some in other scripts."""
    words = re.findall(r"\S+", " ".join(topics.values())) + list(_OTHERS) * 150 + ["\n\n"] * 3_000
    return " ".join(rng.choices(words, k=2_000_000))


def _cut(rng: random.Random, prose: str, least: int, most: int) -> str:
    begin = rng.randrange(len(prose) - most)
    return prose[begin : begin + rng.randint(least, most)].strip()
