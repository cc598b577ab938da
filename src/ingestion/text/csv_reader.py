"""Read a CSV or TSV file: each record is a row block with named cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.tables import column_names, is_header, row_piece
from src.ingestion.text.text_decoding import encoding_note, find_encoding

DELIMITERS = ",;\t|"
# The csv module refuses fields over 128 KiB; answers pasted into a cell can be longer.
MAX_FIELD = 10_000_000
_LOOKAHEAD = 20
_SAMPLE = 1 << 16


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """One block per record: "header: value" lines, place "row N" counted with the header as row 1.

    Columns without a header row are named "column 1", "column 2", ... An unclosed quotation mark, which
    would swallow the rest of the file, makes the quotes be read as plain characters, with a warning.
    """
    with damage_refused(path, "CSV", csv.Error):
        encoding = find_encoding(path)
        csv.field_size_limit(MAX_FIELD)
        delimiter = find_delimiter(_sample(path, encoding.codec))
        quoting = _quoting(path, encoding.codec, delimiter)
        if quoting == csv.QUOTE_NONE:
            remarks.warn("a quotation mark is never closed; quotation marks were read as plain text. Check the file.")
        records = _records(path, encoding.codec, delimiter, quoting)
        for note in encoding_note(encoding):
            remarks.note(note)
        yield from _rows(records)


def find_delimiter(sample: str) -> str:
    """The delimiter of Excel's "sep=;" line, else the one that most often gives the same number of columns."""
    if sample[:4].lower() == "sep=" and sample[4:5] in tuple(DELIMITERS):
        return sample[4]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    widths = column_counts(sample, delimiter)
    if not widths:
        return 0.0, 0
    width, records = Counter(widths).most_common(1)[0]
    return (records / len(widths), width) if width > 1 else (0.0, 0)


def column_counts(sample: str, delimiter: str) -> list[int]:
    """How many columns each of the first records has."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(sample) >= _SAMPLE else lines
    try:
        records = list(islice(csv.reader(whole, delimiter=delimiter), 50))
    except csv.Error:
        return []
    return [len(record) for record in records if record]


def _sample(path: Path, codec: str) -> str:
    with path.open(encoding=codec, newline="") as file:
        return file.read(_SAMPLE).replace("\0", "")


def _quoting(path: Path, codec: str, delimiter: str) -> int:
    with path.open(encoding=codec, newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        try:
            # Only the strict reader tells that the file ended inside quotes.
            for _ in csv.reader(lines, delimiter=delimiter, strict=True):
                pass
        except csv.Error as error:
            unclosed = "unexpected end" in str(error) or "field larger" in str(error)
            return csv.QUOTE_NONE if unclosed else csv.QUOTE_MINIMAL
    return csv.QUOTE_MINIMAL


def _records(path: Path, codec: str, delimiter: str, quoting: int) -> Iterator[list[str]]:
    with path.open(encoding=codec, newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        if quoting == csv.QUOTE_NONE:
            yield from csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        else:
            yield from csv.reader(lines, delimiter=delimiter)


def _rows(records: Iterator[list[str]]) -> Iterator[Piece]:
    numbered = ((n, record) for n, record in enumerate(records, start=1) if any(map(str.strip, record)))
    head = list(islice(numbered, _LOOKAHEAD))
    if head and head[0][1][0].lower() == "sep=":
        head = head[1:]
    names, gap = _names([record for _, record in head]), NEW_BLOCK
    for number, record in chain(head[1:] if names else head, numbered):
        yield row_piece(names, record, f"row {number}", gap)
        gap = SAME_TABLE


def _names(head: Sequence[Sequence[str]]) -> list[str]:
    """The first record as column names; a single column is a header when its first word is short."""
    if not head:
        return []
    single = len(head[0]) == 1 and len(head) > 1 and len(head[0][0].split()) <= 2
    return column_names(head[0]) if single or is_header(head[0], head[1:]) else []
