"""Print the verdicts, checker by checker, and say at the end whether all is as it must be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.mutations import Comparison
from benchmarks.verify_formats.running import Skipped
from benchmarks.verify_formats.verdicts import BadFile, Verdict, our_fault

COLUMNS = "  {:<9} {:<27} {:<48} {:<62} {}"
SHOWN = 12


class Table:
    """Verdicts as they come; `close` prints the sum and says whether every bar is met."""

    def __init__(self, all_lines: bool) -> None:
        self.all_lines = all_lines
        self.files = 0
        self.troubles: list[str] = []
        self.skipped: list[Skipped] = []

    def say_left_out(self, reasons: Mapping[str, Mapping[str, str]]) -> None:
        """Which kinds of example a format cannot express, so that their absence below is no riddle."""
        print("what a format cannot express is left out of its files, by the rule named:")
        for form, kinds in reasons.items():
            if kinds:
                print(f"  {form}: {', '.join(f'{kind} [{rule}]' for kind, rule in kinds.items())}")
        print("\n" + COLUMNS.format("", "checker", "file", "the checker says", "our validator says"))

    def not_asked(self, checker: Checker) -> None:
        print(f"  left out  {checker.name}: it installs torch; --heavy asks it")

    def add(self, checker: Checker, found: Sequence[Verdict] | Skipped) -> None:
        if isinstance(found, Skipped):
            self.skipped.append(found)
            print(f"  not run   {found.checker}: {found.why}", flush=True)
            return
        for verdict in found:
            self._line(verdict)
        good = [one for one in found if one.file.startswith("good")]
        as_wanted = sum(not one.trouble for one in found)
        restated = " (restated)" if checker.restated else ""
        print(
            f"  {checker.name}{restated}: {len(good)} good files, {len(found) - len(good)} faulty ones, "
            f"{as_wanted} of {len(found)} as they must be",
            flush=True,
        )

    def add_ours_alone(self, files: Sequence[BadFile], ours: Mapping[Path, str]) -> None:
        """Faulty files that no checker was named for: our validator must refuse them all the same."""
        for file in files:
            if not file.bad.refused_by:
                name = f"bad   {file.bad.form}: {file.bad.name}"
                self._line(Verdict("no checker", name, "", ours[file.path], our_fault(file.bad, ours[file.path])))

    def add_mutations(self, comparisons: Sequence[Comparison | Skipped]) -> None:
        print("\ngood rows with one place changed:")
        for found in comparisons:
            if isinstance(found, Skipped):
                self.skipped.append(found)
                continue
            missed, fallen = found.accepted_by_us, found.crashes
            print(
                f"  {found.checker}: {found.rows} rows; both refuse {found.both_refuse}, we alone "
                f"{sum(found.refused_by_us_alone.values())}, it alone {len(missed)}, we fall over {len(fallen)}"
            )
            for form, row, why in (missed + fallen)[: None if self.all_lines else SHOWN]:
                print(f"    {form}: {why[:160]!r}\n      {json.dumps(row, ensure_ascii=False)[:600]}")
            if missed or fallen:
                trouble = f"{len(missed)} changed rows that it refuses and we accept, {len(fallen)} that we fall over"
                self.troubles.append(f"{found.checker}: {trouble}")

    def close(self, offline_ok: bool) -> bool:
        print(
            f"\n{self.files} verdicts, {len(self.troubles)} not as they must be, {len(self.skipped)} checkers not run"
        )
        for trouble in self.troubles:
            print(f"  MISSED  {trouble}")
        for skipped in self.skipped:
            print(f"  NOT RUN {skipped.checker}: {skipped.why}")
        return not self.troubles and (offline_ok or not self.skipped)

    def _line(self, verdict: Verdict) -> None:
        self.files += 1
        if verdict.trouble:
            self.troubles.append(f"{verdict.checker} | {verdict.file} | {verdict.trouble}")
        if verdict.trouble or self.all_lines:
            mark = "MISSED" if verdict.trouble else "ok"
            print(COLUMNS.format(mark, verdict.checker, verdict.file, verdict.theirs, verdict.ours).rstrip())
