"""Anthropic's Message Batches: the requests go up in one call, the results come down as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from src.errors import MalformedAnswerError
from src.providers.clients.batch.job_files import read_lines
from src.providers.clients.batch.jobs import (
    CLOCK_SKEW,
    TRANSFER_SECONDS,
    BatchLimits,
    BatchRow,
    JobState,
    LostJob,
    RowError,
    RowResult,
)
from src.providers.clients.wire.http_errors import read_error
from src.providers.clients.wire.sdk_client import SdkClient

# https://platform.claude.com/docs/en/api/errors (a copy read 2026-11-21): rows name the type only.
_STATUSES = {
    "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500,
    "timeout_error": 504, "overloaded_error": 529,
}  # fmt: skip


class AnthropicJobs:
    """Jobs at Anthropic. They carry no name: a lost one is known by its time, its size, and at last its rows."""

    # https://platform.claude.com/docs/en/build-with-claude/batch-processing (a copy read 2026-11-21): 100,000
    # requests or 256 MB; results for 29 days; custom ids of 64 letters, digits, - and _.
    limits = BatchLimits(requests=100_000, bytes=256_000_000, kept="29 days")

    def submit(self, client: SdkClient, name: str, rows: Sequence[BatchRow]) -> str:
        requests = [{"custom_id": row.custom_id, "params": row.body} for row in rows]
        batch = client.run(
            lambda: client.sdk().messages.batches.create(requests=requests, timeout=TRANSFER_SECONDS),
        )
        if not batch.id:
            raise client.host.error(MalformedAnswerError, "the new batch has no id")
        return str(batch.id)

    def find(self, client: SdkClient, lost: LostJob) -> str | None:
        running, keys = [], set(lost.keys)
        for batch in client.run(lambda: self._recent(client, lost)):
            if batch.processing_status != "ended":
                running.append((abs(batch.created_at.timestamp() - lost.since), str(batch.id)))
            elif any(row.custom_id in keys for row in self.results(client, batch.id)):
                return str(batch.id)
        return min(running)[1] if running else None

    def poll(self, client: SdkClient, job_id: str) -> JobState:
        batch = self._batch(client, job_id)
        total, waiting = _size(batch), batch.request_counts.processing or 0
        return JobState("ended" if batch.processing_status == "ended" else "running", total - waiting, total)

    def results(self, client: SdkClient, job_id: str) -> Iterator[RowResult]:
        import httpx2

        # Not the SDK's results(): it sends the key wherever the host's `results_url` points, past a gateway.
        path = f"/v1/messages/batches/{job_id}/results"
        options = {"timeout": TRANSFER_SECONDS, "headers": {"accept": "application/binary"}}
        response = client.run(lambda: client.sdk().get(path, cast_to=httpx2.Response, options=options))
        for record in read_lines(client.host, response.content):
            yield _row(record)

    def cancel(self, client: SdkClient, job_id: str) -> bool:
        client.run(lambda: client.sdk().messages.batches.cancel(job_id))
        batch = self._batch(client, job_id)
        return batch.processing_status == "canceling" or batch.cancel_initiated_at is not None

    def _batch(self, client: SdkClient, job_id: str) -> Any:
        return client.run(lambda: client.sdk().messages.batches.retrieve(job_id))

    def _recent(self, client: SdkClient, lost: LostJob) -> list[Any]:
        """The jobs that may be the lost one, the newest first."""
        found = []
        for batch in client.sdk().messages.batches.list(limit=100):  # asks for further pages by itself
            if batch.created_at.timestamp() < lost.since - CLOCK_SKEW:
                break
            if _size(batch) == len(lost.keys) and batch.archived_at is None and batch.id not in lost.others:
                found.append(batch)
        return found


def _size(batch: Any) -> int:
    counts = batch.request_counts
    parts = (counts.processing, counts.succeeded, counts.errored, counts.canceled, counts.expired)
    return sum(part or 0 for part in parts)


def _row(record: Mapping[str, Any]) -> RowResult:
    custom_id, result = str(record.get("custom_id")), record.get("result") or {}
    kind = result.get("type")
    if kind == "succeeded":
        return RowResult(custom_id, result.get("message") or {})
    if kind != "errored":  # expired, canceled: not carried out, not billed
        return RowResult(custom_id, error=RowError(0, str(kind)))
    said, code = read_error(json.dumps(result.get("error") or {}))
    status = next((status for name, status in _STATUSES.items() if name in code.split()), 500)
    return RowResult(custom_id, error=RowError(status, said, code))
