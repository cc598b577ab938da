"""Read a CSV or TSV file: each record is a row block with named cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pieces import NEW_BLOCK, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.tables import LOOKAHEAD, RowWriter, column_names, header_at
from src.ingestion.text.plain_text import cleaned
from src.ingestion.text.text_decoding import text_blocks

DELIMITERS = ",;\t|"
# The csv module refuses fields over 128 KiB; answers pasted into a cell can be longer.
MAX_FIELD = 10_000_000
MAX_LINE = 16_000_000
MAX_COLUMNS = 16_384  # as many as a sheet of Excel has
_SAMPLE = 1 << 16
_END = "\x1aend"  # fed behind the last line; cleaned text holds no control character, so it is none of the file's
_UNCLOSED = "a quotation mark is never closed; from row {} on quotation marks were read as plain text. Check the file."

_Row = tuple[str, tuple[str, ...]]  # the row's number, its values


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """One block per record: "header: value" lines, place "row N" counted with the first line as row 1.

    The header is the first record that names two or more columns; lines of one value above it are paragraphs.
    Columns without a header are named "column 1", "column 2", ... An unclosed quotation mark would swallow the
    rest of the file: from its record on the quotes are read as plain characters, with a warning.
    """
    with damage_refused(path, "CSV", csv.Error):
        csv.field_size_limit(MAX_FIELD)
        blocks = cleaned(map(_one_line_cells, text_blocks(path, remarks)), remarks)
        sample = _sample(blocks)
        lines = _lines(path, chain([sample], blocks))
        records = _records(lines, find_delimiter(sample[:_SAMPLE]), remarks)
        yield from _pieces(records, remarks)


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


def _one_line_cells(block: str) -> str:
    # Line breaks of text, but not of a record; as such they would cut it in two.
    return block.replace("\v", " ").replace("\f", " ")


def _sample(blocks: Iterator[str]) -> str:
    sample = ""
    for block in blocks:
        sample += block
        if len(sample) >= _SAMPLE:
            break
    return sample


def _lines(path: Path, blocks: Iterable[str]) -> Iterator[str]:
    rest = ""
    for block in blocks:
        text = rest + block
        cut = text.rfind("\n") + 1
        yield from StringIO(text[:cut])
        rest = text[cut:]
        if len(rest) > MAX_LINE:
            message = f"{path.name} has a line of more than {MAX_LINE:,} characters, which no table needs; split it."
            raise IngestionError(message, "refused")
    if rest:
        yield rest


def _records(lines: Iterator[str], delimiter: str, remarks: Remarks) -> Iterator[list[str]]:
    """The records, a broken one and those behind it read without regard to quotes."""
    taken: list[str] = []

    def fed() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line
        yield _END

    read = 0
    reader = csv.reader(fed(), delimiter=delimiter)
    try:
        for record in reader:
            if record and record[-1].endswith(_END):
                break
            read += 1
            taken.clear()
            yield record
    except csv.Error:
        pass  # a field larger than any: its quotation mark is closed nowhere near
    if taken:
        remarks.warn(_UNCLOSED.format(f"{read + 1:,}"))
        yield from csv.reader(chain(taken, lines), delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _pieces(records: Iterator[list[str]], remarks: Remarks) -> Iterator[Piece]:
    rows = _rows(records, remarks)
    head = list(islice(rows, LOOKAHEAD))
    if head and head[0][1][0].lower() == "sep=":
        head = head[1:]
    at = header_at([values for _, values in head])
    names = column_names(head[at][1]) if at is not None else []
    for number, values in head[: at or 0]:
        yield Piece("\n".join(filter(None, values)), "paragraph", f"row {number}")
    behind = chain(head[at + 1 :] if at is not None else head, rows)
    width = len(names) or Counter(len(values) for _, values in head).most_common(1)[0][0] if head else 0
    writer = RowWriter(names, ["row "])
    yield from writer.pieces(_counted(behind, width, remarks), NEW_BLOCK)
    empty = [name for at, name in enumerate(names) if at not in writer.filled and name != f"column {at + 1}"]
    if empty:
        remarks.note(f"columns without values: {', '.join(empty)}")


def _rows(records: Iterator[list[str]], remarks: Remarks) -> Iterator[_Row]:
    """The records that are not blank, numbered as the file's rows, their values stripped."""
    cut = 0
    for number, record in enumerate(records, start=1):
        values = tuple(map(str.strip, record))
        if len(values) > MAX_COLUMNS:
            values = values[:MAX_COLUMNS]
            cut += 1
        if any(values):
            yield str(number), values
    if cut:
        remarks.warn(f"{cut:,} rows have more than {MAX_COLUMNS:,} columns; what is beyond was left out.")


def _counted(rows: Iterable[_Row], width: int, remarks: Remarks) -> Iterator[_Row]:
    """The rows as they are; at the end a warning tells how many have other columns than the table."""
    total = ragged = 0
    for row in rows:
        total += 1
        ragged += len(row[1]) != width
        yield row
    if ragged:
        remarks.warn(
            f"{ragged:,} of {total:,} rows have more or fewer values than the table's {width:,} columns; all were "
            "read, but a value may stand under a wrong name. Check the file."
        )
