"""Every verdict on every file, and which of them are not as they must be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError
from benchmarks.verify_formats.faults.fault import Fault
from benchmarks.verify_formats.files import GoodFile
from benchmarks.verify_formats.ours import file_findings
from benchmarks.verify_formats.running import Answers, NotRunError, Skipped, run_checker


@dataclass(frozen=True)
class Verdict:
    """One line of the table. `trouble` says what is not as it must be, "" when all is well."""

    checker: str
    file: str
    theirs: str
    ours: str
    trouble: str = ""


@dataclass(frozen=True)
class BadFile:
    """A file with one fault: a faulty row after good ones, or faulty bytes."""

    bad: Fault
    path: Path


def judge_good(files: Sequence[GoodFile]) -> dict[Path, str]:
    """Our verdict on each good file: "accepted", or the first rule it is refused by."""
    return {file.path: next((e.rule for e in file_findings(file.path, file.form)), "accepted") for file in files}


def judge_bad(files: Sequence[BadFile]) -> dict[Path, str]:
    """Our verdict on each bad file: the rules of its errors (or warnings, where one is due), "accepted" without any."""
    return {file.path: _rules(file) or "accepted" for file in files}


def _rules(file: BadFile) -> str:
    bad = file.bad
    return ", ".join(sorted({finding.rule for finding in file_findings(file.path, bad.form, bad.severity)}))


def ask(
    checker: Checker, good: Sequence[GoodFile], bad: Sequence[BadFile], ours: dict[Path, str], folder: Path
) -> list[Verdict] | Skipped:
    """The verdicts of one checker beside ours, on the files that it reads."""
    read = [file for file in good if checker.reads(file.form, file.kind)]
    refused = [file for file in bad if checker.name in file.bad.refused_by]
    if not read and not refused:
        return []
    jobs = [(file.path, file.form) for file in read] + [(file.path, file.bad.form) for file in refused]
    try:
        answers = run_checker(checker, jobs, [], folder)
    except (NotInstalledError, NotRunError) as error:
        return Skipped(checker.name, str(error))
    return [*_good_verdicts(checker, read, answers, ours), *_bad_verdicts(checker, refused, answers, len(read), ours)]


def _good_verdicts(
    checker: Checker, files: Sequence[GoodFile], answers: Answers, ours: dict[Path, str]
) -> list[Verdict]:
    verdicts = []
    for file, objections in zip(files, answers.files, strict=False):
        troubles = [f"refused: {objections[0]}"] if objections else []
        troubles += [] if ours[file.path] == "accepted" else [f"we refuse it: {ours[file.path]}"]
        theirs = "refused" if objections else "accepted"
        name = f"good  {file.form}: {file.kind}"
        verdicts.append(Verdict(checker.name, name, theirs, ours[file.path], "; ".join(troubles)))
    return verdicts


def _bad_verdicts(
    checker: Checker, files: Sequence[BadFile], answers: Answers, start: int, ours: dict[Path, str]
) -> list[Verdict]:
    verdicts = []
    for file, objections in zip(files, answers.files[start:], strict=True):
        name = f"bad   {file.bad.form}: {file.bad.name}"
        trouble = their_fault(file.bad, checker.name, objections) or our_fault(file.bad, ours[file.path])
        shown = short(objections[0]) if objections else "accepted"
        verdicts.append(Verdict(checker.name, name, shown, ours[file.path], trouble))
    return verdicts


def their_fault(bad: Fault, checker: str, objections: Sequence[str]) -> str:
    """Why the checker's refusal is not the one that was expected."""
    pattern = bad.refused_by[checker]
    if not objections:
        return "the checker accepts it"
    if not any(re.search(pattern, objection) for objection in objections):
        return f"the checker refuses it for another reason: {objections[0]}"
    return ""


def our_fault(bad: Fault, ours: str) -> str:
    """Why our refusal is not the one that was expected."""
    if ours == "accepted":
        return f"we accept it; expected {bad.rule}"
    return "" if bad.rule in ours.split(", ") else f"we refuse it for {ours}, not {bad.rule}"


def short(objection: str) -> str:
    """The telling part of an objection, on one line."""
    text = " ".join(objection.split())
    text = re.sub(r"^line \d+: ", "", text)
    return text if len(text) <= 60 else text[:57] + "..."
