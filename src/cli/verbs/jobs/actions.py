"""The verb `jobs`: other verbs in the background, which go on when this program has ended."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.verbs.result import DONE, INTERRUPTED, Result
from src.errors import UsageError

if TYPE_CHECKING:
    from src.persistence.jobs.job_records import Job, JobLimits
    from src.pipeline.jobs.attempt import Attempt

# What takes long enough to be left alone with.
BACKGROUND = (
    "run", "export", "pack", "unpack", "qa", "duplicates", "validate", "convert", "push", "pull", "web-actions",
)  # fmt: skip
_LOG_LINES = 40


def jobs(app: App, arguments: argparse.Namespace) -> Result:
    return _ACTIONS[arguments.action or "list"](app, arguments)


def add_job(app: App, verb: str, rest: Sequence[str], *, title: str = "", priority: int = 0) -> Job:
    """Queue a verb. Raises UsageError for one that cannot run so; wrong arguments end the program, as always."""
    from src.cli.arguments import build_parser
    from src.persistence.jobs.job_records import JobOrder

    if verb not in BACKGROUND:
        raise UsageError(f"'{verb}' does not run as a background job; use {', '.join(BACKGROUND)}.")
    parsed = build_parser().parse_args([verb, *rest])
    if getattr(parsed, "resume", None):
        raise UsageError("--resume: a job resumes itself; an unfinished run is resumed by `run --resume` or menu 2.")
    attempts = app.settings().jobs.attempts
    order = JobOrder(verb, tuple(rest), title or _title(verb, rest), "", "", priority, attempts)
    with app.jobs() as queue:
        return queue.add(order, app.config_path)


def start(app: App) -> bool:
    """Have the queue's jobs done by a process of its own; False when there is one already."""
    from src.pipeline.jobs.starting import start_in_background

    return start_in_background(app.database, app.config_path)


def limits_of(app: App) -> JobLimits:
    from src.persistence.jobs.job_records import JobLimits

    settings = app.settings().jobs
    return JobLimits(settings.at_once, settings.generation_at_once, settings.retry_after)


def log_of(app: App, job: Job, lines: int | None = _LOG_LINES) -> list[str]:
    """The end of what the job said, [] when it has not begun."""
    with app.jobs() as queue:
        path = queue.files.log(job.id)
    if not path.is_file():
        return []
    said = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return said if lines is None else said[-lines:]


def _list(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.jobs_table import draw_jobs, job_as_json

    with app.jobs() as queue:
        found = queue.list_jobs()
    draw_jobs(app, found)
    if any(job.lost or job.state == "waiting" for job in found) and not _is_worked_on(app):
        app.screen.say("Nobody works on them now; `jobs run --background` starts that.")
    return DONE, {"jobs": [job_as_json(job) for job in found]}


def _add(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.jobs_table import job_as_json

    job = add_job(app, arguments.job_verb, arguments.rest, title=arguments.title or "", priority=arguments.priority)
    app.screen.success(f"Added job {job.id}: {job.order.title}.")
    if not arguments.later:
        start(app)
        app.screen.say("It runs in the background; `jobs` shows how far it is.")
    return DONE, job_as_json(job)


def _steer(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.jobs_table import job_as_json, state_of
    from src.persistence.jobs import job_steering

    ask = {"pause": job_steering.pause, "cancel": job_steering.cancel, "resume": job_steering.resume}
    with app.jobs() as queue:
        job = ask[arguments.action](queue, arguments.job)
    app.screen.say(f"{job.id} ({job.order.title}) is {state_of(job)}.")
    if arguments.action == "resume" and not arguments.later:
        start(app)
    return DONE, job_as_json(job)


def _log(app: App, arguments: argparse.Namespace) -> Result:
    with app.jobs() as queue:
        job = queue.find(arguments.job)
    said = log_of(app, job, None if arguments.all else _LOG_LINES)
    for line in said:
        app.screen.say(line)
    return DONE, {"job": job.id, "log": said}


def _clear(app: App, arguments: argparse.Namespace) -> Result:
    from src.persistence.jobs.job_steering import clear

    with app.jobs() as queue:
        gone = clear(queue, arguments.older_than)
    app.screen.say(f"Forgot {len(gone):,} job(s) that were over.")
    return DONE, {"cleared": gone}


def _run(app: App, arguments: argparse.Namespace) -> Result:
    """Work on the queue until nothing waits: here, or in the background."""
    from src.pipeline.interruption import first_signal_calls
    from src.pipeline.jobs.starting import start_worker
    from src.pipeline.jobs.supervisor import Stop, run_jobs

    if arguments.background:
        began = start(app)
        app.screen.say("Working in the background." if began else "A process works on the jobs already.")
        return DONE, {"started": began}
    _go_to(arguments.folder)
    stop = Stop()
    with first_signal_calls(stop, stop):
        mine = run_jobs(app.database, limits_of(app), lambda: start_worker(app.database, app.config_path), stop)
    if not mine:
        raise UsageError("Another process works on the jobs of this database already.")
    return INTERRUPTED if stop.times else DONE, _list(app, arguments)[1]


def _work(app: App, arguments: argparse.Namespace) -> Result:
    """Do one job in this process: what `run` starts for each."""
    from src.pipeline.jobs.attempt import work_on

    _go_to(arguments.folder)
    limits = limits_of(app)
    with app.jobs() as queue:
        claimed = queue.claim(limits)
        if claimed is None:
            return DONE, {"job": None}
        job, lease = claimed
        _speak_into(queue.files.log(job.id))
    outcome = work_on(job, lease, lambda attempt: _carry_out(app, attempt), limits.retry_after)
    return DONE, {"job": job.id, "state": outcome.state}


def _carry_out(app: App, attempt: Attempt) -> tuple[int, dict[str, Any]]:
    from src.cli.arguments import build_parser

    job = attempt.job
    said = " ".join((job.order.verb, *job.order.arguments))
    app.screen.title(f"[{_now()}] job {job.id}: {said} (start {job.attempts})")
    _go_to(Path(job.order.folder))
    arguments = build_parser().parse_args([job.order.verb, *job.order.arguments])
    own = App(app.screen, app.asker, job=attempt)
    arguments.config = Path(job.order.config) if job.order.config else arguments.config
    arguments.db, arguments.yes, arguments.json = app.database, True, False
    own.take(arguments)
    assert app.carry_out is not None
    return app.carry_out(own, arguments)


def _title(verb: str, rest: Sequence[str]) -> str:
    names = [part for part in rest if not part.startswith("-")]
    name = rest[rest.index("--name") + 1] if "--name" in rest[:-1] else next(iter(names), "")
    return f"{verb} {name}".strip()[:60]


def _is_worked_on(app: App) -> bool:
    from src.config.file_lock import is_locked
    from src.persistence.jobs.job_files import JobFiles

    path = JobFiles(app.database).workers_lock
    return path.exists() and is_locked(path)


def _go_to(folder: Path | None) -> None:
    """Relative paths are meant as they were where the job was added. Raises UsageError when that folder has gone."""
    if folder is None:
        return
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; the job was added there and needs its files.") from error


def _speak_into(log: Path) -> None:
    """From now on whatever this process and its libraries say goes to the job's log."""
    sys.stdout.flush()
    sys.stderr.flush()
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


def _now() -> str:
    from src.persistence.jobs.job_queue import now_text

    return f"{now_text()[:19]} UTC"


_ACTIONS = {
    "list": _list, "add": _add, "pause": _steer, "resume": _steer, "cancel": _steer, "log": _log, "clear": _clear,
    "run": _run, "work": _work,
}  # fmt: skip
