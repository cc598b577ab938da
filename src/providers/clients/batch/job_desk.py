"""Submit calls as jobs, find lost jobs again, fetch results: what happens to jobs, and when the journal is told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable

from src.errors import (
    BadRequestError,
    ContextTooLongError,
    LLMError,
    ModelUnavailableError,
    PermissionDeniedError,
    RateLimitedError,
    RunPausedError,
)
from src.providers.clients.batch.harvest import NO_ROW, Harvest, Harvester, unasked
from src.providers.clients.batch.jobs import BatchJobs, BatchRow, JobState, row_failure
from src.providers.clients.batch.open_job import OpenJob, adopted
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import BatchJournal, Call
from src.providers.clients.flow.flow_records import FlowStats
from src.providers.clients.wire.sdk_client import SdkClient

# What stands around a request's body in a job, in bytes: its id, the method, the path.
ROW_OVERHEAD = 300
# A job whose submission was cut off may appear a moment later; then it is taken as never made.
SECONDS_TO_APPEAR = 60.0
# So often in a row must the host say that it does not know a job before the job is given up.
TIMES_UNKNOWN = 3
# What a host says to a job it does not have, or not for this key, or whose id means nothing to it.
_NOT_FOR_US = (ModelUnavailableError, PermissionDeniedError, BadRequestError)


class JobDesk:
    """The calls that are `ready`, the `open_jobs`, and the calls in them that somebody `asked` for, by key.

    Whatever fails raises the LLMError that fits, and leaves everything so that the same can be tried again.
    """

    def __init__(
        self,
        client: SdkClient,
        journal: BatchJournal,
        budget: Budget,
        jobs: BatchJobs,
        stats: FlowStats,
        max_retries: int,
        clock: Callable[[], float],
    ) -> None:
        self.jobs = jobs
        self.ready: deque[Call] = deque()
        self.asked: dict[str, Call] = {}
        self._client, self._journal, self._budget, self._stats = client, journal, budget, stats
        self._clock = clock
        self._harvester = Harvester(client, journal, budget, stats, max_retries)
        self._most_rows = jobs.limits.requests
        self.open_jobs = self._adopt()

    def collect(self, call: Call, first: bool) -> None:
        """Take a call in. One that is in a job of an earlier session waits for that job's results."""
        if any(call.key in job.open for job in self.open_jobs):
            self._budget.reserve(call)
            self.asked[call.key] = call
        elif first:
            self.ready.appendleft(call)
        else:
            self.ready.append(call)

    def submit_next(self) -> bool:
        """Submit one job of what is ready; False when there is nothing, or no room for it now."""
        # After a job was too much for the account's queue, one goes after the other.
        if self._most_rows < self.jobs.limits.requests and self.open_jobs:
            return False
        rows = self._take()
        if rows:
            self._submit(rows)
        return bool(rows)

    def look_for(self, job: OpenJob) -> None:
        """Find a job whose submission was cut off, by a crash or by the network: it may exist all the same."""
        try:
            found = self.jobs.find(self._client, job.as_lost([other.job_id for other in self.open_jobs]))
        except _NOT_FOR_US:
            self._journal.close_batch(job.pending_id, "unknown")
            self._give_up(job)
            return
        if found is not None:
            job.job_id, job.fresh = found, True
        elif self._clock() - job.lost_at >= SECONDS_TO_APPEAR:
            self._take_back(job, "never submitted")

    def poll(self, job: OpenJob) -> Harvest | None:
        """Look how far a job is; its results once it has ended."""
        job.fresh = False
        try:
            state = self.jobs.poll(self._client, job.job_id)
            rows = [] if state.name == "running" else list(self.jobs.results(self._client, job.job_id))
        except _NOT_FOR_US:
            self._unknown(job)
            return None
        job.state, job.times_unknown = state, 0
        if state.name == "running":
            return None
        if not job.booked and rows and not any(row.custom_id in job.keys for row in rows):
            job.job_id, job.state = "", None  # somebody else's of the same size, from a host without names
            return None
        if state.error is not None and state.error.status == 429:
            self._queue_is_full(job, row_failure(self._client.host, state.error))
            return None
        harvest = self._harvester.bring_in(job, rows, state.error or NO_ROW, self.asked, self._clock())
        self._harvested(job, state, harvest)
        return harvest

    # --- submitting -----------------------------------------------------------------------------------------------

    def _adopt(self) -> list[OpenJob]:
        """The jobs of earlier sessions; one whose calls were all answered since is closed."""
        jobs = []
        for batch in self._journal.open_batches():
            open_keys = {key for key in batch.keys if self._journal.find(key) is None}
            job = adopted(batch, open_keys, self._client.dialect)
            if not open_keys:
                self._journal.close_batch(batch.job_id, "answered elsewhere")
            elif job is not None:
                jobs.append(job)
        return jobs

    def _take(self) -> dict[str, tuple[Call, BatchRow]]:
        """As many calls as one job and the budget have room for; their worst case is set aside."""
        taken: dict[str, tuple[Call, BatchRow]] = {}
        room = self.jobs.limits.bytes
        while self.ready and len(taken) < self._most_rows and self._budget.fits(self.ready[0]):
            row = BatchRow(self.ready[0].key, self._client.body(self.ready[0].request))
            room -= len(json.dumps(row.body)) + ROW_OVERHEAD
            if taken and room < 0:
                break
            self._budget.reserve(self.ready[0])
            taken[row.custom_id] = (self.ready.popleft(), row)
        return taken

    def _submit(self, taken: dict[str, tuple[Call, BatchRow]]) -> None:
        """The journal knows of the job before the provider does: a crash in between loses and repeats nothing."""
        job = OpenJob(tuple(taken), self._clock(), self._client.dialect, open=set(taken))
        self.open_jobs.append(job)
        self.asked |= {key: call for key, (call, _) in taken.items()}
        receipts = [self._journal.sent(call) for call, _ in taken.values()]
        self._journal.save_batch(job.pending_id, job.keys)
        for receipt in receipts:
            receipt.wait()
        try:
            job.job_id = self.jobs.submit(self._client, job.name, [row for _, row in taken.values()])
        except LLMError as error:
            job.lost_at = self._clock()
            if not error.maybe_billed:
                self._refused(job, error)
            raise
        self._journal.save_batch(job.job_id, job.keys)
        self._journal.close_batch(job.pending_id, "submitted")
        job.booked = True

    def _refused(self, job: OpenJob, error: LLMError) -> None:
        """The provider did not take the job on. Raises an error that says more, where we know more."""
        self._take_back(job, "refused")
        if isinstance(error, ContextTooLongError) and len(job.keys) > 1:
            self._most_rows = len(job.keys) // 2
            raise RateLimitedError(str(error)) from error
        if isinstance(error, ModelUnavailableError):
            hint = "If this host has no batch API, set system.batch to false."
            raise ModelUnavailableError(str(error), hint=hint) from error

    # --- when it goes wrong ---------------------------------------------------------------------------------------

    def _take_back(self, job: OpenJob, state: str) -> None:
        """A job that came to nothing: its calls were not billed and are ready for the next one."""
        for receipt in [self._journal.not_billed(unasked(key)) for key in job.keys if key in job.open]:
            receipt.wait()
        self._journal.close_batch(job.journal_id, state)
        for call in self._freed(job):
            self._budget.release(call)

    def _give_up(self, job: OpenJob) -> None:
        """Nothing more is to be learned of a job: its calls may have been billed, and are made again."""
        self._stats.possibly_billed += len(job.open) if job.own else 0
        for call in self._freed(job):
            if job.own:
                self._budget.forfeit(call)
            else:
                self._budget.release(call)

    def _freed(self, job: OpenJob) -> list[Call]:
        """The job is none of ours any more; its calls stand before all that are ready."""
        self.open_jobs.remove(job)
        calls = [self.asked.pop(key) for key in job.keys if key in job.open and key in self.asked]
        self.ready.extendleft(reversed(calls))
        return calls

    def _unknown(self, job: OpenJob) -> None:
        """It stays open in the journal: perhaps only the key or the address is another one now."""
        job.times_unknown += 1
        if job.times_unknown >= TIMES_UNKNOWN:
            self._give_up(job)

    def _queue_is_full(self, job: OpenJob, error: LLMError) -> None:
        """The account has a bound on what waits in its jobs: smaller ones, one after the other, may fit."""
        self._take_back(job, "queue full")
        rows = min(self._most_rows, len(job.keys))
        self._most_rows = rows if self.open_jobs else max(1, rows // 2)
        if rows == 1 and not self.open_jobs:
            raise RunPausedError(str(error), hint="What is done is kept; resume when other batches are done.")

    # --- when it goes well ----------------------------------------------------------------------------------------

    def _harvested(self, job: OpenJob, state: JobState, harvest: Harvest) -> None:
        self._journal.close_batch(job.journal_id, state.name)
        self.open_jobs.remove(job)
        self.ready.extendleft(reversed(harvest.again))
        for key, _ in harvest.answers:
            for other in self.open_jobs:
                other.open.discard(key)
        if harvest.answers:
            self._most_rows = min(self.jobs.limits.requests, 2 * self._most_rows)
