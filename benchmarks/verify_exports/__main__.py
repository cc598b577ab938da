"""One export in every format, opened by the libraries that users have: `make verify-exports`. Writes docs/formats.md.

Each library is installed into an environment of its own, kept in the cache. Exits 1 when a row or a hash differs.

python -m benchmarks.verify_exports [--light] [--no-docs] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.verify_exports import spreadsheet
from benchmarks.verify_exports.example_export import (
    Expected,
    example_samples,
    expected_of,
    output_settings,
    whole_hash,
    write_export,
)
from benchmarks.verify_exports.readers import READERS, Reader
from benchmarks.verify_exports.table import Line, write_table
from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError, python_for
from benchmarks.verify_formats.running import QUIET
from src.export.exporter import ExportResult
from src.export.formats import EXPORT_FORMATS

SCRIPTS = Path(__file__).parent / "scripts"
SECONDS = 900


def main() -> int:
    chosen = _arguments()
    logging.disable(logging.WARNING)
    samples = example_samples()
    with tempfile.TemporaryDirectory(prefix="verify-exports-") as name:
        folder = Path(name)
        output = output_settings(folder)
        result = write_export(samples, output, folder / "exports")
        expected = {form: expected_of(form, samples, output) for form in EXPORT_FORMATS}
        lines = _read_by_us(result, expected)
        for reader in READERS:
            if _is_wanted(reader, chosen):
                lines += _read_by(reader, result.folder, expected, folder)
        if not chosen.only:
            lines += _by_spreadsheet(result.folder, folder) + _by_mlcroissant(result.folder)
    for line in lines:
        print(line.shown())
    if not (chosen.only or chosen.no_docs):
        write_table(lines, len(samples))
    return 0 if all(line.good or line.skipped for line in lines) else 1


def _is_wanted(reader: Reader, chosen: argparse.Namespace) -> bool:
    if reader.heavy and chosen.light:
        return False
    return not chosen.only or any(part in reader.name for part in chosen.only)


def _read_by_us(result: ExportResult, expected: dict[str, Expected]) -> list[Line]:
    checks = {check.format: check for check in result.checks}
    lines = []
    for name, wanted in expected.items():
        why = result.failed.get(name, "")
        rows = checks[name].rows if name in checks else {}
        equal = {split: rows.get(split, 0) for split in wanted.rows} == wanted.rows
        # The validator has compared every row's bytes.
        lines.append(Line(name, "this program", sum(rows.values()), equal, not why, whole_hash(wanted.sha256), why))
    return lines


def _read_by(reader: Reader, export: Path, expected: dict[str, Expected], folder: Path) -> list[Line]:
    try:
        found = _run(reader, export, folder)
    except NotInstalledError as error:
        return [Line(name, reader.name, 0, False, False, "", str(error), skipped=True) for name in reader.formats]
    opened_by = f"{reader.name.removesuffix(' 3')} ({', '.join(f'{n} {v}' for n, v in found['versions'].items())})"
    lines = []
    for name in reader.formats:
        one, wanted = found["formats"][name], expected[name]
        if "error" in one:
            lines.append(Line(name, opened_by, 0, False, False, "", one["error"]))
            continue
        rows, sha256 = one["rows"], one["sha256"]
        total = sum(rows.values())
        lines.append(Line(name, opened_by, total, rows == wanted.rows, sha256 == wanted.sha256, whole_hash(sha256)))
    return lines


def _run(reader: Reader, export: Path, folder: Path) -> dict[str, Any]:
    checker = Checker(reader.name, reader.script, (), reader.requirements)
    python = python_for(checker)
    job, found = folder / "job.json", folder / "found.json"
    found.unlink(missing_ok=True)
    job.write_text(json.dumps({"folder": str(export), "formats": reader.formats}), "utf-8")
    script = SCRIPTS / f"read_{reader.script}.py"
    # A home of its own: what a library keeps there is none of this run's business.
    env = {**os.environ, **QUIET, "HF_HOME": str(folder / "hf"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([python, script, job, found], capture_output=True, text=True, timeout=SECONDS, env=env)
    if not found.exists():
        raise NotInstalledError(f"the script failed: {done.stderr.strip().splitlines()[-1:]}")
    return dict(json.loads(found.read_text("utf-8")))


def _by_spreadsheet(export: Path, folder: Path) -> list[Line]:
    version = spreadsheet.installed()
    if not version:
        return [Line("csv", "LibreOffice", 0, False, False, "", "it is not installed", skipped=True)]
    rows, differences, long = 0, [], 0
    for path in sorted((export / "csv").glob("*.csv")):
        own, differing, too_long = spreadsheet.compare(path, folder)
        rows, differences, long = rows + own, differences + differing, long + too_long
    remark = f"every cell compared; {long} are longer than a spreadsheet's 32,767 characters and were cut by it"
    why = differences[0] if differences else remark
    return [Line("csv", f"LibreOffice {version}", rows, not differences, not differences, "cells", why)]


def _by_mlcroissant(export: Path) -> list[Line]:
    checker = Checker("mlcroissant 1.1.1", "mlcroissant", (), ("mlcroissant==1.1.1", "pyarrow==26.0.1"))
    try:
        python = python_for(checker)
    except NotInstalledError as error:
        return [Line("croissant.json", checker.name, 0, False, False, "", str(error), skipped=True)]
    command = [python, SCRIPTS / "check_croissant.py", export]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env={**os.environ, **QUIET})
    told = (done.stdout + done.stderr).strip().splitlines()
    records = sum(int(line.split(" records")[0].split(": ")[1]) for line in told if " records, " in line)
    good = done.returncode == 0
    why = "records of all formats it describes, each value compared" if good else "; ".join(told[-3:])
    return [Line("croissant.json", checker.name, records, good, good, "values", why)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify_exports", description=__doc__)
    parser.add_argument("--light", action="store_true", help="without torch and TensorFlow")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/formats.md as it is")
    parser.add_argument("--only", nargs="+", default=[], help="only the libraries whose name holds this; no table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
