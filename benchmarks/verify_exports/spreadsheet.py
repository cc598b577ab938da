"""CSV in front of LibreOffice: opened as a spreadsheet, saved as XLSX, and every cell compared."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_LIMIT = 32_767
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def installed() -> str:
    """LibreOffice's version; "" where there is none."""
    program = shutil.which("soffice")
    if program is None:
        return ""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=120)
    found = re.search(r"LibreOffice ([\d.]+)", done.stdout)
    return found[1] if found else ""


def compare(path: Path, folder: Path) -> tuple[int, list[str], int]:
    """The rows found, what differs, and how many cells were too long for a spreadsheet."""
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        expected = list(csv.reader(stream))
    found = list(_cells(_converted(path, folder)))
    differences, long = [], 0
    for row, (wanted, got) in enumerate(zip(expected, found, strict=False), start=1):
        for column, (text, cell) in enumerate(zip(wanted, got, strict=False)):
            long += len(text) > _LIMIT
            if _shown(text) != cell:
                differences.append(f"row {row}, {expected[0][column]}: {cell[:60]!r}, not {text[:60]!r}")
    if len(found) != len(expected):
        differences.append(f"{len(found)} rows, not {len(expected)}")
    return len(found) - 1, differences, long


def _shown(text: str) -> str:
    """What a spreadsheet can show of a text: with its own line ends, and no more than fits."""
    return text[:_LIMIT].replace("\r\n", "\n").replace("\r", "\n")


def _converted(path: Path, folder: Path) -> Path:
    # 44 comma, 34 quotation mark, 76 UTF-8, every column as text (2): as the import dialog offers.
    columns = "/".join(f"{number}/2" for number in range(1, 30))
    command = [
        "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        f"--infilter=CSV:44,34,76,1,{columns}", "--convert-to", "xlsx", "--outdir", str(folder), str(path),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=600)
    return folder / f"{path.stem}.xlsx"


def _cells(path: Path) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    for row in load_workbook(path, read_only=True).active.iter_rows(values_only=True):
        yield ["" if cell is None else _ESCAPED.sub(lambda m: chr(int(m[1], 16)), str(cell)) for cell in row]
