"""Menu 2, background jobs: what is at work, and what the user wants of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from src.cli.app import App
from src.cli.prompts import Option
from src.cli.tables.jobs_table import draw_jobs, how_far, left, state_of
from src.cli.verbs.jobs.actions import add_job, log_of, start
from src.persistence.jobs.job_files import JobFiles
from src.persistence.jobs.job_records import UNFINISHED, Job
from src.persistence.jobs.job_steering import cancel, clear, pause, resume

_NEW = Option("new", "New run", "the jobs go on meanwhile")
_LOOK = Option("look", "Look at the jobs", "progress, log; pause, resume, cancel; more jobs")
_GO_ON = Option("go on", "Let them go on", "in the background; nothing is paid for twice")


def offer(app: App) -> None:
    """Where there are unfinished jobs, show them and ask; comes back when the user wants to start something new."""
    jobs = unfinished(app)
    while jobs:
        app.screen.say()
        draw_jobs(app, jobs)
        idle = nobody_works(app) and any(job.lost or job.state == "waiting" for job in jobs)
        options = (_GO_ON, _LOOK, _NEW) if idle else (_LOOK, _NEW)
        if idle:
            app.screen.warning("Nobody works on them: the program or the machine was stopped.")
        choice = app.asker.choose("Background jobs", options, options[0].value if idle else "new")
        if choice == "new":
            return
        if choice == "look":
            look(app)
        else:
            start(app)
            app.screen.say("They go on in the background.")
        jobs = unfinished(app)


def look(app: App) -> None:
    """Every job, and what can be done with it; Back leaves."""
    while True:
        with app.jobs() as queue:
            jobs = queue.list_jobs()
        app.screen.say()
        draw_jobs(app, jobs)
        options = [Option(name, label, hint) for name, (label, hint, _) in _ACTIONS.items() if jobs or name in _ADDING]
        _ACTIONS[app.asker.choose("Jobs (b: back)", options, options[0].value)][2](app)


def unfinished(app: App) -> list[Job]:
    """The jobs that are not over; [] without making a queue."""
    if not JobFiles(app.database).queue.is_file():
        return []
    with app.jobs() as queue:
        return queue.list_jobs(UNFINISHED)


def nobody_works(app: App) -> bool:
    from src.config.file_lock import is_locked

    lock = JobFiles(app.database).workers_lock
    return not (lock.exists() and is_locked(lock))


def runs_of_jobs(app: App) -> set[str]:
    """The runs that jobs will go on with: they are not offered a second time."""
    return {job.run_id for job in unfinished(app)}


def run_in_background(app: App, arguments: Sequence[str], title: str) -> None:
    job = add_job(app, arguments[0], arguments[1:], title=title)
    start(app)
    app.screen.success(f"\nJob {job.id} ({title}) runs in the background, also when this program ends.")
    app.screen.say("Menu 2 and `python -m src.main jobs` show how far it is.")


def _choose(app: App, title: str, states: Sequence[str]) -> Job | None:
    with app.jobs() as queue:
        jobs = [job for job in queue.list_jobs() if job.state in states]
    if not jobs:
        app.screen.warning("There is none.")
        return None
    labels = {job.id: f"{state_of(job)} {how_far(job)} {left(job)}".strip() for job in jobs}
    return app.asker.choose(title, [Option(job, f"{job.id} {job.order.title}", labels[job.id]) for job in jobs])


def _refresh(app: App) -> None:
    """Draw the table again."""


def _pause(app: App) -> None:
    job = _choose(app, "Pause which job?", ("waiting", "running"))
    if job is not None:
        with app.jobs() as queue:
            pause(queue, job.id)


def _resume(app: App) -> None:
    job = _choose(app, "Let which job go on?", ("paused", "failed", "cancelled", "running"))
    if job is not None:
        with app.jobs() as queue:
            resume(queue, job.id)
        start(app)


def _cancel(app: App) -> None:
    job = _choose(app, "Cancel which job?", UNFINISHED)
    if job is not None and app.asker.yes_no(f"Cancel {job.order.title}?", default=False):
        with app.jobs() as queue:
            cancel(queue, job.id)


def _log(app: App) -> None:
    job = _choose(app, "The log of which job?", ("waiting", "running", "paused", "done", "failed", "cancelled"))
    for line in log_of(app, job) if job is not None else ():
        app.screen.say(f"  {line}")


def _clear(app: App) -> None:
    with app.jobs() as queue:
        app.screen.say(f"Forgot {len(clear(queue)):,} job(s) that were over.")


def _add_export(app: App) -> None:
    name = _stored_name(app)
    run_in_background(app, ["export", name], f"export {name}")


def _add_qa(app: App) -> None:
    name = _stored_name(app)
    run_in_background(app, ["qa", name], f"qa {name}")


def _add_pack(app: App) -> None:
    from src.cli.screens.packing_screen import choose_source

    source: Path = choose_source(app)
    run_in_background(app, ["pack", str(source), "--validate"], f"pack {source.name}")


def _stored_name(app: App) -> str:
    from src.cli.dataset_questions import choose_dataset

    stored, _ = choose_dataset(app, "Which dataset?")
    return stored.id


_ADDING = ("export", "qa", "pack")
_ACTIONS: dict[str, tuple[str, str, Callable[[App], None]]] = {
    "refresh": ("Refresh", "how far they are now", _refresh),
    "pause": ("Pause", "finish what is under way and wait", _pause),
    "resume": ("Resume", "paused, failed or cancelled jobs", _resume),
    "cancel": ("Cancel", "for good; what was paid for stays in the journal", _cancel),
    "log": ("Log", "what a job said", _log),
    "clear": ("Clear", "forget jobs that are over", _clear),
    "export": ("Add an export", "of a stored dataset, in the formats of config.yaml", _add_export),
    "qa": ("Add a QA report", "of a stored dataset", _add_qa),
    "pack": ("Add packing", "JSONL to a compressed, indexed dataset", _add_pack),
}
