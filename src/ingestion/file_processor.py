"""Find the files of a folder and read them, each in a process of its own kind; one bad file becomes an Issue."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.document_reader import display_name, stays_inside
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.extract_file import Contents, read_contents
from src.ingestion.extracts.shelf import Extract
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome
from src.ingestion.isolation.reader_pool import ReaderPool, default_workers
from src.ingestion.pieces import ReadOptions
from src.ingestion.sniff import SUFFIX_KINDS, detect_kind
from src.records import RunReport

# What systems and programs leave behind in a folder; everything else that is hidden is told.
_LITTER = {".gitkeep", ".gitignore", ".DS_Store"}


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How files are read: what each may take, by how many processes (0: one a core), and what the user decided.

    `passwords` are by name below the input folder, or by the file's name alone.
    """

    limits: Limits = field(default_factory=Limits)
    workers: int = 0
    options: ReadOptions = field(default_factory=ReadOptions)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)

    def options_for(self, where: str) -> ReadOptions:
        password = self.passwords.get(where) or self.passwords.get(where.rpartition("/")[2], "")
        return replace(self.options, password=password) if password else self.options


# Gives one outcome for each job, in order.
ReadJobs = Callable[[Sequence[ReadJob], ReadingPlan], Generator[ReadOutcome, None, None]]


def read_here(jobs: Sequence[ReadJob], plan: ReadingPlan) -> Generator[ReadOutcome, None, None]:
    """One outcome for each job, in order, from processes of this machine that are started only when needed."""
    with ReaderPool(max(1, min(plan.workers or default_workers(), len(jobs))), plan.limits) as pool:
        yield from pool.read(jobs)


def find_files(folder: Path, report: RunReport) -> list[Path]:
    """The readable-looking files below `folder`, sorted by name; what is skipped gets an Issue.

    Links that lead outside the folder are refused. Linked folders are not entered.
    """
    found: list[Path] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in folders:
            if (Path(base) / name).is_symlink():
                report.note(display_name(Path(base) / name, folder), "is a link to a folder and was not entered")
        found += [Path(base) / name for name in names if _is_wanted(Path(base) / name, folder, report)]
    return sorted(found)


def read_files(
    paths: Sequence[Path],
    root: Path,
    report: RunReport,
    cache: ExtractCache,
    plan: ReadingPlan | None = None,
    read: ReadJobs = read_here,
) -> Iterator[Extract | None]:
    """One item per path, in order: its Extract, or None where an Issue was recorded instead.

    A file that was read before and has not changed is taken from the cache. A file with the same bytes as an earlier
    one is skipped with a warning. Counts "files read", "files from the cache", "files skipped", "files failed" and,
    by status, "files failed: timeout" and so on. Raises IngestionError when no process can be started.
    """
    seen: dict[str, str] = {}
    for path, (outcome, known) in zip(paths, _outcomes(paths, root, cache, plan or ReadingPlan(), read), strict=True):
        where, contents = display_name(path, root), outcome.contents
        if contents is None:
            _tell_failure(outcome, path, where, report)
            yield None
        elif contents.document_id in seen:
            report.warn(where, f"has the same content as {seen[contents.document_id]} and was skipped")
            report.count("files skipped")
            yield None
        else:
            seen[contents.document_id] = where
            _tell(contents, where, report)
            report.count("files read")
            if known:
                report.count("files from the cache")
            yield _kept(Extract(where, cache.folder / outcome.extract, contents), path, cache)
    cache.save()


def _outcomes(
    paths: Sequence[Path], root: Path, cache: ExtractCache, plan: ReadingPlan, read: ReadJobs
) -> Iterator[tuple[ReadOutcome, bool]]:
    """The outcome for each path in order, and whether it was known before."""
    known = [_from_cache(path, root, cache, plan) for path in paths]
    jobs = [_job(path, root, cache.folder, plan) for path, outcome in zip(paths, known, strict=True) if outcome is None]
    with closing(read(jobs, plan)) as fresh:
        for outcome in known:
            yield (outcome, True) if outcome is not None else (next(fresh), False)
        next(fresh, None)  # who reads may tidy up behind the last one


def _from_cache(path: Path, root: Path, cache: ExtractCache, plan: ReadingPlan) -> ReadOutcome | None:
    extract = cache.known(path, plan.options)
    contents = read_contents(extract) if extract is not None else None
    if extract is None or contents is None or not stays_inside(path, root):
        return None
    return ReadOutcome("ok", extract=extract.name, contents=contents)


def _job(path: Path, root: Path, cache: Path, plan: ReadingPlan) -> ReadJob:
    try:
        size = path.stat().st_size
    except OSError:  # the process that reads it says what is wrong
        size = 0
    options = plan.options_for(display_name(path, root)) if plan.passwords else plan.options
    return ReadJob(path, root, cache, options, plan.limits.seconds_for(size), size)


def _kept(extract: Extract, path: Path, cache: ExtractCache) -> Extract:
    cache.used(extract.path)
    cache.remember(path, extract.contents.document_id)
    return extract


def _tell_failure(outcome: ReadOutcome, path: Path, where: str, report: RunReport) -> None:
    status = outcome.status if outcome.status != "ok" else "unreadable"
    message = outcome.message or "its text could not be kept; check the free space of the disk and run again"
    report.error(where, _reason(message, path))
    report.count("files failed")
    report.count(f"files failed: {status}")


def _tell(contents: Contents, where: str, report: RunReport) -> None:
    for warning in contents.warnings:
        report.warn(where, warning)
    for note in contents.notes:
        report.note(where, note)
    if len(contents.parts) > 1:
        report.note(where, f"is large and was read in {len(contents.parts)} parts; nothing is taken across their seams")


def _reason(message: str, path: Path) -> str:
    """The message without the file's name, which the Issue already says."""
    return message.removeprefix(path.name).lstrip(": ")


def _is_wanted(path: Path, root: Path, report: RunReport) -> bool:
    where = display_name(path, root)
    if _is_hidden(path.name):
        if path.name not in _LITTER:
            report.note(where, "is a hidden or temporary file and was skipped")
        return False
    if not stays_inside(path, root):
        report.warn(where, "is a link that leads outside the folder and was skipped; put a copy of the file here")
        return False
    if path.suffix.lower() in SUFFIX_KINDS:
        return True
    return _is_readable(path, where, report)


def _is_readable(path: Path, where: str, report: RunReport) -> bool:
    """Whether a file with an unknown ending is a document all the same; if not, say so."""
    try:
        detect_kind(path)
    except IngestionError as error:
        report.warn(where, _reason(str(error), path))
        return False
    return True


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))
