"""What reading sheets takes: XLSX beside python-calamine, a sheet of 1,048,576 rows, a gigabyte of CSV, lost cells.

python -m benchmarks.ingestion.sheets [MB of CSV [FOLDER ...]]     1,024 MB unless told; exits 1 when a bar is missed

Ours gives every row as a Piece with named cells and values as shown; python-calamine (compiled Rust) gives the raw
values; csv.reader gives bare fields. Seconds are CPU seconds of this process or of a child (memory is the child's own
peak), medians of rounds in which the readers take turns. Workbooks are written as Excel (shared strings) and openpyxl
(inline strings) write them; FOLDERs with more workbooks take part in the search for lost cells.
"""

from __future__ import annotations

import csv
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.generation.figures import Figure, say_where, show, tell
from benchmarks.ingestion.sheet_files import cells_by_row, some_text, write_openpyxl_way, write_workbooks
from src.ingestion.isolation.confinement import collect_seldom

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "context_files" / "samples"
SHARED = ROOT.parent / "shared" / "corpus" / "documents"
BAR_BESIDE = 1.25  # our CPU seconds for each of python-calamine's: 0.8 of its throughput
BAR_MILLION_S = 10
BAR_MILLION_MB = 500
BAR_CSV_MB = 64
MILLION = 1_048_576
ROUNDS = 5
MB = 1 << 20


def main() -> int:
    collect_seldom()  # as the processes that read do
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], Path(sys.argv[3]))
        return 0
    size = int(sys.argv[1]) if sys.argv[1:] else 1024
    say_where()
    with tempfile.TemporaryDirectory() as folder:
        books = write_workbooks(Path(folder))
        met = [measure_workbooks(books), measure_million(Path(folder) / "million.xlsx")]
        more = [path for place in map(Path, sys.argv[2:]) for path in sorted(place.rglob("*.xlsx"))]
        met.append(
            measure_fidelity([*books[:6], *sorted(SAMPLES.glob("*.xlsx")), *sorted(SHARED.glob("*.xlsx")), *more])
        )
        met.append(measure_csv(Path(folder) / "large.csv", size))
    return 0 if all(met) else 1


# XLSX beside python-calamine


def measure_workbooks(books: list[Path]) -> bool:
    """The bar: all generated workbooks. For information: each of them, small real ones, and openpyxl on one."""
    remarks, totals = [], [0.0, 0.0]
    for path in books:
        ours, theirs, rows = beside(path)
        totals = [totals[0] + ours, totals[1] + theirs]
        remarks.append(_line(path, ours, theirs, rows))
    openpyxl = statistics.median(seconds(lambda: read_with_openpyxl(books[0])) for _ in range(3))
    remarks.append(f"{books[0].name}: openpyxl read_only {1000 * openpyxl:.0f} ms")
    remarks += [_line(path, *beside(path)) for path in sorted(SAMPLES.glob("*.xlsx"))]
    figure = Figure(
        "XLSX, CPU beside python-calamine", totals[0] / totals[1], BAR_BESIDE, "times",
        note=f"{totals[1] / totals[0]:.2f} of its throughput over {len(books)} workbooks",
    )  # fmt: skip
    return show("XLSX: pieces of all rows beside python-calamine's raw rows", [figure], remarks)


def _line(path: Path, ours: float, theirs: float, rows: int) -> str:
    size = sum(entry.file_size for entry in zipfile.ZipFile(path).infolist()) / MB
    return (
        f"{path.name:<28} {rows:>9,} rows  ours {1000 * ours:8.1f} ms ({size / ours:4.0f} MB/s, "
        f"{rows / ours:9,.0f} rows/s)  calamine {1000 * theirs:8.1f} ms  {theirs / ours:.2f} of its throughput"
    )


def beside(path: Path) -> tuple[float, float, int]:
    """Our median CPU seconds, python-calamine's, and the number of our pieces."""
    rounds = ROUNDS if path.stat().st_size > 200_000 else 5 * ROUNDS
    rows = drain("xlsx", path)
    read_with_calamine(path)
    pairs = [(seconds(lambda: drain("xlsx", path)), seconds(lambda: read_with_calamine(path))) for _ in range(rounds)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return ours, theirs, rows


def drain(kind: str, path: Path) -> int:
    """Read the whole file with our reader and keep nothing; how many pieces it gave."""
    from src.ingestion.office.xlsx_reader import read as read_xlsx
    from src.ingestion.pieces import ReadOptions, Remarks
    from src.ingestion.text.csv_reader import read as read_csv

    reader = read_xlsx if kind == "xlsx" else read_csv
    return sum(1 for _ in reader(path, ReadOptions(), Remarks()))


def read_with_calamine(path: Path) -> int:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    return sum(1 for name in book.sheet_names for _ in book.get_sheet_by_name(name).iter_rows())


def read_with_openpyxl(path: Path) -> int:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    return sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))


def measure_million(path: Path) -> bool:
    """The bars: CPU seconds and peak memory for the longest sheet Excel can hold."""
    write_openpyxl_way(path, ([n, f"question {n}?", f"answer text number {n}", n * 1.5] for n in range(1, MILLION + 1)))
    ours, rss, pieces = in_child("xlsx", path)
    theirs, their_rss, _ = in_child("calamine", path)
    path.unlink()
    figures = [
        Figure(f"XLSX of {MILLION:,} rows x 4", ours, BAR_MILLION_S, "s", note=f"calamine {theirs:.1f} s"),
        Figure("its peak memory", rss, BAR_MILLION_MB, "MB", note=f"calamine {their_rss:.0f} MB"),
        Figure("its rows (and the heading)", pieces, MILLION + 1, exactly=True),
    ]
    return show("The longest sheet", figures)


def in_child(what: str, path: Path) -> tuple[float, float, int]:
    """CPU seconds, peak memory in MB, and rows of a process that reads one file."""
    command = [sys.executable, "-m", "benchmarks.ingestion.sheets", "--child", what, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    spent, rss, rows = done.stdout.split()
    return float(spent), float(rss), int(rows)


def _child(what: str, path: Path) -> None:
    from src.ingestion.isolation.confinement import peak_mb

    began = time.process_time()
    if what == "calamine":
        rows = read_with_calamine(path)
    elif what == "csv.reader":
        rows = read_with_csv(path)
    else:
        rows = drain(what, path)
    print(time.process_time() - began, peak_mb(), rows)


def seconds(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


# CSV


def measure_csv(path: Path, size: int) -> bool:
    """The bar: peak memory. For information: the rate beside csv.reader's bare fields."""
    free = shutil.disk_usage(path.parent).free // MB
    size = min(size, free // 2)
    rows = write_csv(path, size)
    ours, rss, pieces = in_child("csv", path)
    theirs, their_rss, _ = in_child("csv.reader", path)
    path.unlink()
    figures = [
        Figure(f"peak memory, {size:,} MB of CSV", rss, BAR_CSV_MB, "MB", note=f"csv.reader {their_rss:.0f} MB"),
        Figure("rows read of those written", pieces, rows, exactly=True),
    ]
    rates = [
        f"{name} {size / spent:.0f} MB/s, {rows / spent:,.0f} rows/s"
        for name, spent in (("ours", ours), ("csv.reader", theirs))
    ]
    return show("CSV", figures, rates)


def read_with_csv(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file))


def write_csv(path: Path, size: int) -> int:
    """A table of quoted questions and answers over several lines; how many rows it has below its header."""
    chance = random.Random(5)
    unit = [
        [some_text(chance, 8) + "?", f'{some_text(chance, 12)},\n"{some_text(chance, 9)}" café', some_text(chance, 1)]
        for _ in range(5000)
    ]
    rows = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer", "category"])
        while file.tell() < size * MB:
            writer.writerows(unit)
            rows += len(unit)
    return rows


# Lost cells


def measure_fidelity(books: Iterable[Path]) -> bool:
    """The bar: no cell with something in it is missing from the pieces of its workbook."""
    lost: list[str] = []
    cells = workbooks = 0
    for path in books:
        try:
            found = cells_by_row(path)
        except (zipfile.BadZipFile, ElementTree.ParseError) as error:
            print(f"{path.name}: left out, it is damaged ({error})")
            continue
        workbooks += 1
        cells += sum(len(values) for values in found.values())
        lost += _lost(path, found)
    figure = Figure("cells lost", len(lost), 0, exactly=True, note=f"of {cells:,} in {workbooks} workbooks")
    tell(lost)
    return show("Fidelity: every cell of the raw XML is in a piece", [figure])


def _lost(path: Path, found: dict[tuple[str, int], list[str]]) -> Iterator[str]:
    from src.ingestion.office.xlsx_reader import read
    from src.ingestion.pieces import ReadOptions, Remarks

    given: Counter[tuple[str, int]] = Counter()
    text: list[str] = []
    remarks = Remarks()
    for piece in read(path, ReadOptions(hidden_sheets=True), remarks):
        text.append(piece.text)
        if piece.kind == "row":
            sheet, _, place = piece.place.rpartition("!")
            given[sheet, int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))] += len(piece.cells)
    whole = "\n".join([*text, *remarks.notes])  # a column without values is named in a note
    for (sheet, row), values in found.items():
        if given[sheet, row] >= len(values):
            continue
        # A header, whose words are names of cells.
        missing = [value for value in values if " ".join(value.split()) not in whole and value not in whole]
        if missing:
            yield f"{path.name}: {sheet}, row {row}: {missing or values}"


if __name__ == "__main__":
    sys.exit(main())
