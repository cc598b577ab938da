"""What the dispatcher knows of a provider's batch API: rows in, a job that takes hours, rows out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from src.errors import LLMError, OverloadedError
from src.providers.clients.wire.http_errors import Host, status_error
from src.providers.clients.wire.sdk_client import SdkClient

# Hundreds of megabytes go up or come down in one request.
TRANSFER_SECONDS = 900.0
# A job may seem older than our record of it: the host's clock and ours differ.
CLOCK_SKEW = 3600.0
# Under this name a job carries its own in the host's metadata, so that it can be found again.
NAME_KEY = "dataset_builder_job"


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The largest job: how many `requests` and `bytes`; `kept` says how long the host keeps the results."""

    requests: int
    bytes: int
    kept: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One call in a job, as the JSON of a single chat call."""

    custom_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row, or a whole job, has no answer. `status` is the HTTP status, 0 where the row was never carried out."""

    status: int
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: the JSON of an answer, or an error. They come in no order."""

    custom_id: str
    body: Mapping[str, Any] | None = None
    error: RowError | None = None


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is. "ended" may have rows without an answer; "failed" means the host took none of it on."""

    name: Literal["running", "ended", "failed"]
    done: int = 0
    total: int = 0
    error: RowError | None = None


@dataclass(frozen=True, slots=True)
class LostJob:
    """A job that may have been submitted: its name, the custom ids of its rows, and when (seconds since 1970).

    `others` are the ids of jobs that are known to be others.
    """

    name: str
    keys: Collection[str]
    since: float
    others: Collection[str] = ()


class BatchJobs(Protocol):
    """One provider's batch API, through the client's SDK. Every method raises the LLMError that fits."""

    limits: BatchLimits

    def submit(self, client: SdkClient, name: str, rows: Sequence[BatchRow]) -> str:
        """Hand a job over; its id. After an error that says `maybe_billed` the job may exist all the same."""
        ...

    def find(self, client: SdkClient, lost: LostJob) -> str | None:
        """The id of a job whose submission was cut off; None when the host does not have it.

        A host without metadata is searched by size and time: only the results tell whether it was the right one.
        """
        ...

    def poll(self, client: SdkClient, job_id: str) -> JobState: ...

    def results(self, client: SdkClient, job_id: str) -> Iterable[RowResult]:
        """All rows of a job that is not running any more."""
        ...

    def cancel(self, client: SdkClient, job_id: str) -> bool:
        """Ask for the end of a job, then look: whether the host really is ending it. What is done stays billed."""
        ...


def row_failure(host: Host, error: RowError) -> LLMError:
    """Our error for a row or a job without an answer."""
    if error.status == 0:
        return host.error(OverloadedError, "the batch ended before this request was carried out", error.message)
    return status_error(host, error.status, error.message, {}, error.code)
