"""Background jobs on the screen: what waits, what is at work and how far it is, what came of the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from src.cli.app import App
from src.persistence.jobs.job_records import Job


def draw_jobs(app: App, jobs: Sequence[Job]) -> None:
    if not jobs:
        app.screen.say("There are no background jobs.")
        return
    rows = [
        (job.id, job.order.title, job.order.priority, state_of(job), how_far(job), left(job), job.attempts, job.note)
        for job in jobs
    ]
    app.screen.table(("job", "what", "priority", "state", "how far", "left", "starts", "note"), rows)


def job_as_json(job: Job) -> dict[str, Any]:
    told = asdict(job)
    told.pop("memo")
    return {**told, "state": state_of(job), "eta_seconds": job.progress.eta}


def state_of(job: Job) -> str:
    """The state in words: what was asked of it, that its process has ended, when it is tried again."""
    if job.lost:
        return "interrupted"
    if job.state == "running" and job.wish in ("pause", "cancel"):
        return "pausing" if job.wish == "pause" else "cancelling"
    rest = job.due_at - time.time()
    if job.state == "waiting" and 0 < rest <= job.delay + 1:
        return f"waiting {rest:.0f} s"
    return job.state


def how_far(job: Job) -> str:
    """Like "Making samples 12 of 40, 3.1/s"."""
    progress = job.progress
    if not progress.stage or job.state in ("done", "cancelled"):
        return ""
    rate = f", {_figure(progress.rate)}/s" if progress.rate and job.state == "running" else ""
    return f"{progress.stage} {_figure(progress.done)} of {_figure(progress.total)}{rate}"


def left(job: Job) -> str:
    """How long the stage will take at this rate."""
    eta = job.progress.eta
    return duration(eta) if eta is not None and job.state == "running" and not job.lost else ""


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
