"""A job of ours at a provider, from the moment we decide to submit it until its results are in the journal."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from src.providers.clients.batch.jobs import JobState, LostJob
from src.providers.clients.flow.call_journal import OpenBatch
from src.providers.clients.wire.sdk_client import Dialect

# Under such an id the journal holds a job that is about to be submitted. When a crash leaves it there, the job is
# looked for at the provider by its name.
_PENDING = "submitting:"


@dataclass(slots=True, eq=False)
class OpenJob:
    """`job_id` is "" as long as the provider has not told it: then the job may or may not exist.

    A `fresh` one is of an earlier session, so it may be done already. `keys` are the calls of all its rows, `open`
    those that still want an answer. `since` and `lost_at` (when we last heard of it) are in seconds since 1970.
    `dialect` is how its requests were written.
    """

    keys: tuple[str, ...]
    since: float
    dialect: Dialect
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    job_id: str = ""
    own: bool = True
    open: set[str] = field(default_factory=set)
    state: JobState | None = None
    fresh: bool = False
    booked: bool = False
    lost_at: float = 0.0
    times_unknown: int = 0

    @property
    def pending_id(self) -> str:
        return _PENDING + self.name

    @property
    def journal_id(self) -> str:
        """The id in the journal. A job that was found again keeps the first one: a guess may be wrong."""
        return self.job_id if self.booked else self.pending_id

    def as_lost(self, others: Collection[str]) -> LostJob:
        return LostJob(self.name, self.keys, self.since, others)

    @property
    def done(self) -> int:
        return self.state.done if self.state else 0


def adopted(batch: OpenBatch, open_keys: set[str], dialect: Dialect) -> OpenJob | None:
    """A job of an earlier session. None for another run's that never got its id: that run may be at it right now."""
    job = OpenJob(batch.keys, batch.submitted_at, dialect, own=batch.own, open=open_keys)
    job.lost_at, job.fresh = batch.submitted_at, True
    if not batch.job_id.startswith(_PENDING):
        job.job_id, job.booked = batch.job_id, True
    elif batch.own:
        job.name = batch.job_id.removeprefix(_PENDING)
    else:
        return None
    return job
