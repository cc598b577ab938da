"""The checkers of the providers and trainers over files we write, and over faulty ones: `make verify-formats`.

Exits 1 unless every good file is accepted by every checker that reads its format and by our validator, and every faulty
one is refused by both for the same reason.

python -m benchmarks.verify_formats [--heavy] [--offline-ok] [--only NAME ...] [--all-lines] [--mutations]
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

from benchmarks.verify_formats.checkers import CHECKERS
from benchmarks.verify_formats.faults.all_faults import bad_bytes, bad_rows
from benchmarks.verify_formats.faults.fault import BadBytes, Fault
from benchmarks.verify_formats.files import LEAST_ROWS, ROWS, Row, left_out, plain_rows, write_good_files, write_rows
from benchmarks.verify_formats.mutations import compare_mutations
from benchmarks.verify_formats.table import Table
from benchmarks.verify_formats.verdicts import BadFile, ask, judge_bad, judge_good
from src.providers.formats.registry import FORMATS


def main() -> int:
    chosen = _arguments()
    logging.disable(logging.WARNING)
    checkers = [one for one in CHECKERS if not chosen.only or any(part in one.name for part in chosen.only)]
    table = Table(chosen.all_lines)
    table.say_left_out({name: left_out(form) for name, form in FORMATS.items()})
    with tempfile.TemporaryDirectory(prefix="verify-formats-") as name:
        folder = Path(name)
        good, bad = write_good_files(folder / "good"), _write_bad_files(folder / "bad")
        ours = judge_good(good) | judge_bad(bad)
        for checker in checkers:
            if checker.heavy and not chosen.heavy:
                table.not_asked(checker)
            else:
                table.add(checker, ask(checker, good, bad, ours, folder))
        table.add_ours_alone(bad, ours)
        if chosen.mutations:
            table.add_mutations(compare_mutations([c for c in checkers if chosen.heavy or not c.heavy], good, folder))
    return 0 if table.close(chosen.offline_ok) else 1


def _write_bad_files(folder: Path) -> list[BadFile]:
    return [
        *(BadFile(bad, write_rows(_place(folder, bad), [*_plain(bad), bad.row()])) for bad in bad_rows()),
        *(BadFile(bad, _write_bytes(_place(folder, bad), bad)) for bad in bad_bytes()),
    ]


def _place(folder: Path, bad: Fault) -> Path:
    return folder / bad.form / f"{bad.name.replace(' ', '-')}.jsonl"


def _plain(bad: Fault) -> list[Row]:
    return list(plain_rows(FORMATS[bad.form], LEAST_ROWS.get(bad.form, ROWS)))


def _write_bytes(path: Path, bad: BadBytes) -> Path:
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in _plain(bad)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bad.change(lines))
    return path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify_formats", description=__doc__)
    parser.add_argument("--heavy", action="store_true", help="the trainers' loaders too, which install torch")
    parser.add_argument("--offline-ok", action="store_true", help="a checker that cannot be installed is no failure")
    parser.add_argument("--only", nargs="+", default=[], help="only the checkers whose name holds this")
    parser.add_argument("--all-lines", action="store_true", help="print every verdict, not only a checker's count")
    parser.add_argument("--mutations", action="store_true", help="change every place of every good row as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
