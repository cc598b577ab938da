"""OpenAI's batch API: a file of requests goes up, a file of answers and one of errors come down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from src.errors import MalformedAnswerError
from src.providers.clients.batch.job_files import read_lines, read_row, to_line
from src.providers.clients.batch.jobs import (
    CLOCK_SKEW,
    NAME_KEY,
    TRANSFER_SECONDS,
    BatchLimits,
    BatchRow,
    JobState,
    LostJob,
    RowError,
    RowResult,
)
from src.providers.clients.wire.sdk_client import SdkClient

_ENDPOINT = "/v1/chat/completions"
_RUNNING = ("validating", "in_progress", "finalizing", "cancelling")
# The organisation's queue is full: the one failure of a whole job that passes by itself.
_QUEUE_FULL = "token_limit_exceeded"
_STATUSES = {_QUEUE_FULL: 429, "model_not_found": 404}


class OpenAIJobs:
    """Jobs at OpenAI."""

    # openai 3.52, batches.create: 50,000 requests, 200 MB; files.create: files for batches expire after 30 days
    # (read 2026-11-21).
    limits = BatchLimits(requests=50_000, bytes=200_000_000, kept="30 days")

    def submit(self, client: SdkClient, name: str, rows: Sequence[BatchRow]) -> str:
        content = b"".join(
            to_line({"custom_id": row.custom_id, "method": "POST", "url": _ENDPOINT, "body": row.body}) for row in rows
        )

        def create() -> Any:
            sdk = client.sdk()
            file = sdk.files.create(file=(f"{name}.jsonl", content), purpose="batch", timeout=TRANSFER_SECONDS)
            return sdk.batches.create(
                input_file_id=file.id, endpoint=_ENDPOINT, completion_window="24h", metadata={NAME_KEY: name}
            )

        job_id = client.run(create).id
        if not job_id:
            raise client.host.error(MalformedAnswerError, "the new batch has no id")
        return str(job_id)

    def find(self, client: SdkClient, lost: LostJob) -> str | None:
        def search() -> str | None:
            for batch in client.sdk().batches.list(limit=100):  # the newest first; asks for further pages by itself
                if batch.created_at < lost.since - CLOCK_SKEW:
                    return None
                if (batch.metadata or {}).get(NAME_KEY) == lost.name:
                    return str(batch.id)
            return None

        return client.run(search)

    def poll(self, client: SdkClient, job_id: str) -> JobState:
        batch = self._batch(client, job_id)
        counts = batch.request_counts
        done, total = ((counts.completed or 0) + (counts.failed or 0), counts.total or 0) if counts else (0, 0)
        if batch.status in _RUNNING:
            return JobState("running", done, total)
        if batch.status == "failed":
            return JobState("failed", done, total, _why(batch))
        return JobState("ended", done, total)

    def results(self, client: SdkClient, job_id: str) -> Iterator[RowResult]:
        batch = self._batch(client, job_id)
        for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
            for record in read_lines(client.host, self._content(client, file_id)):
                yield read_row(record)

    def cancel(self, client: SdkClient, job_id: str) -> bool:
        client.run(lambda: client.sdk().batches.cancel(job_id))
        return self._batch(client, job_id).status in ("cancelling", "cancelled")

    def _batch(self, client: SdkClient, job_id: str) -> Any:
        return client.run(lambda: client.sdk().batches.retrieve(job_id))

    def _content(self, client: SdkClient, file_id: str) -> bytes:
        content: bytes = client.run(lambda: client.sdk().files.content(file_id, timeout=TRANSFER_SECONDS).content)
        return content


def _why(batch: Any) -> RowError:
    """The first errors of a job that the host did not take on."""
    errors = (batch.errors.data if batch.errors else None) or []
    lines = [f"line {error.line}: {error.message}" if error.line else str(error.message) for error in errors[:3]]
    code = str(errors[0].code or "") if errors else ""
    return RowError(_STATUSES.get(code, 400), "; ".join(lines) or "no reason given", code)
