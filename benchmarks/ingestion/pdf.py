"""What reading PDFs takes beside pypdfium2 and pdfplumber, and what is lost on the way. Exits 1 when a bar is missed.

python -m benchmarks.ingestion.pdf [rounds]       3 rounds unless told; pdfplumber takes most of the time

All libraries read the same files in one run, in turn, each in child processes; times are CPU seconds, medians of the
rounds (of each round the best of some passes, pdfplumber's only one).
pypdfium2 is its own get_text_range page by page, pdfplumber its default extract_text with page.close(). "Text alone"
is our reader without tables: lines, reading order, paragraphs, headings, furniture, hyphens.
Fidelity: 5-grams of words after NFKC, hyphens at line ends mended on both sides.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.ingestion import pdf_files
from src.errors import IngestionError
from src.ingestion.isolation.confinement import collect_seldom
from src.ingestion.pdf.pdf_reader import read, read_without_tables
from src.ingestion.pieces import Reader, ReadOptions, Remarks

BAR_TEXT = 1 / 0.8  # of pypdfium2's CPU time
BAR_TABLES = 1 / 10  # of pdfplumber's
BAR_LOST = 0.01  # of pypdfium2's 5-grams
BAR_ORDER = 0.15  # of 5-grams that are not in the gold text
MB = 1 << 20
PASSES = 4
# Where the columns of multicolumn.pdf part on its pages, read off an image of them: title, left and right column and
# page number as left, bottom, right, top in points.
MULTICOLUMN = {
    0: [(60, 620, 560, 720), (60, 172, 303, 620), (303, 172, 560, 620), (60, 100, 560, 172)],
    1: [(60, 172, 303, 720), (303, 172, 560, 720), (60, 100, 560, 172)],
}


def main(rounds: int) -> int:
    say_where()
    if not pdf_files.SHARED.is_dir():
        print(f"{pdf_files.SHARED} is not there: measured without the real documents in it\n")
    with tempfile.TemporaryDirectory() as folder:
        groups = {"real documents": pdf_files.real_files(), **generated(Path(folder))}
        met = [measure_speed(groups, rounds), measure_fidelity([f for files in groups.values() for f in files])]
        met.append(measure_order(Path(folder)))
    return 0 if all(met) else 1


def generated(folder: Path) -> dict[str, list[Path]]:
    prose, tables, columns = folder / "prose.pdf", folder / "tables.pdf", folder / "columns.pdf"
    pdf_files.write_prose(prose, 1800)
    pdf_files.write_tables(tables, 100)
    pdf_files.write_two_columns(columns, 1000)
    return {"prose": [prose], "tables": [tables], "two columns": [columns]}


def with_pdfium(path: Path) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for page in document:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    count = len(document)
    document.close()
    return count


def with_pdfplumber(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as document:
        for page in document.pages:
            page.extract_text()
            page.close()
        return len(document.pages)


def drained(reader: Reader) -> Callable[[Path], int]:
    def run(path: Path) -> int:
        try:
            for _ in reader(path, ReadOptions(), Remarks()):
                pass
        except IngestionError as error:
            if error.status != "needs_ocr":
                raise
        return 0

    return run


ENGINES: dict[str, Callable[[Path], int]] = {
    "pypdfium2": with_pdfium,
    "text alone": drained(read_without_tables),
    "with tables": drained(read),
    "pdfplumber": with_pdfplumber,
}


def measure_speed(groups: dict[str, list[Path]], rounds: int) -> bool:
    seconds: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds):
        for group, files in groups.items():
            for name in list(ENGINES)[:: 1 if number % 2 else -1]:
                seconds.setdefault((group, name), []).append(in_child(name, files))
    medians = {key: statistics.median(values) for key, values in seconds.items()}
    total = {name: sum(medians[group, name] for group in groups) for name in ENGINES}
    text, routed = total["text alone"] / total["pypdfium2"], total["with tables"] / total["pdfplumber"]
    figures = [
        Figure("text alone, CPU time of pypdfium2's", text, BAR_TEXT, note=f"{1 / text:.2f} x its rate"),
        Figure("with tables, CPU time of pdfplumber's", routed, BAR_TABLES, note=f"{1 / routed:.1f} x its rate"),
    ]
    return show("Speed", figures, rates(groups, medians))


def in_child(engine: str, files: Sequence[Path]) -> float:
    """CPU seconds for one pass, in a process that holds no other library."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingestion.pdf", "--child", engine, *map(str, files)],
        cwd=pdf_files.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def child(engine: str, files: Sequence[Path]) -> float:
    collect_seldom()  # as the processes that read do
    took = []
    for _ in range(1 if engine == "pdfplumber" else PASSES):
        began = time.process_time()
        for path in files:
            ENGINES[engine](path)
        took.append(time.process_time() - began)
    return min(took)


def rates(groups: dict[str, list[Path]], medians: dict[tuple[str, str], float]) -> Iterator[str]:
    yield f"{'pages/CPU-s (MB/CPU-s)':<24}" + "".join(f"{name:>20}" for name in ENGINES)
    for group, files in groups.items():
        pages = sum(map(with_pdfium, files))
        size = sum(path.stat().st_size for path in files) / MB
        cells = (f"{pages / medians[group, n]:,.0f} ({size / medians[group, n]:.2f})" for n in ENGINES)
        rate = medians[group, "pypdfium2"] / medians[group, "text alone"]
        yield f"{group:<24}" + "".join(f"{cell:>20}" for cell in cells) + f"   text alone {rate:.2f} x pypdfium2"


def measure_fidelity(files: Sequence[Path]) -> bool:
    """How many of pypdfium2's 5-grams are missing; headers and footers are kept, for they are left out on purpose."""
    lost: dict[str, float] = {}
    for path in files:
        gold = fives(text_of_pdfium(path))
        if gold:
            lost[path.name] = 1 - (gold & fives(text_of(path))).total() / gold.total()
    worst = max(lost, key=lambda name: lost[name])
    figures = [Figure(f"5-grams lost, worst of {len(lost)} files", lost[worst], BAR_LOST, note=worst)]
    return show("Nothing lost", figures, [f"mean over the files: {statistics.mean(lost.values()):.5f}"])


def measure_order(folder: Path) -> bool:
    """How many 5-grams of pages with columns are not in the text the page was made from."""
    wrong: dict[str, float] = {}
    beside: dict[str, float] = {}
    for shape, widths, gutter, figure in (
        ("two columns", (230, 230), 20, False),
        ("with a figure", (230, 230), 20, True),
        ("narrow gutter", (235, 235), 11, False),
        ("unequal columns", (150, 310), 20, False),
        ("three columns", (145, 145, 145), 20, False),
    ):
        for by_rows in (False, True):
            path = folder / "gold.pdf"
            gold = pdf_files.write_gold_columns(path, widths, gutter, by_rows=by_rows, figure=figure)
            name = f"{shape}, drawn by {'rows' if by_rows else 'columns'}"
            wrong[name], beside[name] = share_wrong(text_of(path), gold), share_wrong(text_of_pdfium(path), gold)
    real = pdf_files.SHARED / "multicolumn.pdf"
    if real.exists():
        gold = "\n".join(map("\n".join, columns_of(real)))
        wrong["multicolumn.pdf"] = share_wrong(text_of(real, pages=("page 1", "page 2")), gold)
        beside["multicolumn.pdf"] = share_wrong(text_of_pdfium(real, list(MULTICOLUMN)), gold)
    figures = [
        Figure(f"wrong 5-grams, {name}", value, BAR_ORDER, note=f"pypdfium2 {beside[name]:.2f}")
        for name, value in wrong.items()
    ]
    return show("Reading order", figures)


def share_wrong(text: str, gold: str) -> float:
    found = fives(text)
    return 1 - (found & fives(gold)).total() / max(1, found.total())


def columns_of(path: Path) -> Iterator[list[str]]:
    """The text of the places given for multicolumn.pdf, in the order of reading."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number, boxes in MULTICOLUMN.items():
        text_page = document[number].get_textpage()
        yield [text_page.get_text_bounded(*box) for box in boxes]
    document.close()


def text_of(path: Path, pages: Sequence[str] = ()) -> str:
    try:
        pieces = list(read(path, ReadOptions(headers_footers=True), Remarks()))
    except IngestionError:
        return ""
    return "\n".join(piece.text for piece in pieces if not pages or piece.place in pages)


def text_of_pdfium(path: Path, numbers: Sequence[int] = ()) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    chosen = numbers or range(len(document))
    text = "\n".join(document[number].get_textpage().get_text_range() for number in chosen)
    document.close()
    return text


def fives(text: str) -> Counter[tuple[str, ...]]:
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n"))
    text = re.sub(r"(\w)(?:[\x02\ufffe]\n?|-\n)(?=\w)", r"\1", text).replace("-", "")
    words = re.findall(r"\w+", text.lower())
    return Counter(zip(*(words[n:] for n in range(5)), strict=False))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(child(sys.argv[2], [Path(name) for name in sys.argv[3:]]))
        sys.exit(0)
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 3))
