"""Mistral's batch API: files like OpenAI's, one model for a whole job."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
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
_RUNNING = ("QUEUED", "RUNNING", "CANCELLATION_REQUESTED")
_PAGE = 100
_TRANSFER_MS = int(TRANSFER_SECONDS * 1000)


class MistralJobs:
    """Jobs at Mistral."""

    # https://docs.mistral.ai/resources/known-limitations (a copy read 2026-11-21): 100,000 requests, 512 MB; an
    # older copy of docs.mistral.ai/capabilities/batch says a million. The lower figure holds in both.
    limits = BatchLimits(requests=100_000, bytes=512_000_000, kept="24 hours after the job's end")

    def submit(self, client: SdkClient, name: str, rows: Sequence[BatchRow]) -> str:
        content = b"".join(to_line({"custom_id": row.custom_id, "body": _without_model(row)}) for row in rows)

        def upload() -> Any:
            file = {"file_name": f"{name}.jsonl", "content": content}
            return client.sdk().files.upload(file=file, purpose="batch", timeout_ms=_TRANSFER_MS)

        file_id = self._json(client, upload).get("id")
        job = self._json(
            client,
            lambda: client.sdk().batch.jobs.create(
                input_files=[file_id], endpoint=_ENDPOINT, model=client.model, metadata={NAME_KEY: name}
            ),
        )
        if not job.get("id"):
            raise client.host.error(MalformedAnswerError, "the new batch has no id")
        return str(job["id"])

    def find(self, client: SdkClient, lost: LostJob) -> str | None:
        page = 0
        while True:
            jobs = self._page(client, page)
            for job in jobs:  # the newest first
                if job.get("created_at", 0) < lost.since - CLOCK_SKEW:
                    return None
                if (job.get("metadata") or {}).get(NAME_KEY) == lost.name:
                    return str(job["id"])
            if len(jobs) < _PAGE:
                return None
            page += 1

    def poll(self, client: SdkClient, job_id: str) -> JobState:
        job = self._job(client, job_id)
        done, total = job.get("completed_requests") or 0, job.get("total_requests") or 0
        if job.get("status") in _RUNNING:
            return JobState("running", done, total)
        if job.get("status") == "FAILED":
            return JobState("failed", done, total, _why(job))
        return JobState("ended", done, total)

    def results(self, client: SdkClient, job_id: str) -> Iterator[RowResult]:
        job = self._job(client, job_id)
        for file_id in filter(None, (job.get("output_file"), job.get("error_file"))):
            for record in read_lines(client.host, self._content(client, str(file_id))):
                yield read_row(record)

    def cancel(self, client: SdkClient, job_id: str) -> bool:
        self._json(client, lambda: client.sdk().batch.jobs.cancel(job_id=job_id))
        return self._job(client, job_id).get("status") in ("CANCELLATION_REQUESTED", "CANCELLED")

    def _job(self, client: SdkClient, job_id: str) -> dict[str, Any]:
        return self._json(client, lambda: client.sdk().batch.jobs.get(job_id=job_id))

    def _page(self, client: SdkClient, page: int) -> list[dict[str, Any]]:
        # The SDK spells a metadata filter as if each key were a parameter of its own, so all jobs are looked through.
        listed = self._json(client, lambda: client.sdk().batch.jobs.list(page=page, page_size=_PAGE))
        return listed.get("data") or []

    def _content(self, client: SdkClient, file_id: str) -> bytes:
        def download() -> bytes:
            response = client.sdk().files.download(file_id=file_id, timeout_ms=_TRANSFER_MS)
            content: bytes = response.read()
            return content

        return client.run(download)

    def _json(self, client: SdkClient, action: Callable[[], Any]) -> dict[str, Any]:
        """What the host said. The SDK refuses a 200 that its typed model does not like, a job that exists included."""
        from mistralai.client.errors import MistralError

        def ask() -> dict[str, Any]:
            try:
                said: dict[str, Any] = action().model_dump(mode="json")
            except MistralError as error:
                if error.status_code != 200:
                    raise
                said = _object(error.body)
            return said

        return client.run(ask)


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _without_model(row: BatchRow) -> dict[str, Any]:
    # The job names it (docs.mistral.ai/studio-api/batch-processing, a copy read 2026-11-21).
    return {name: value for name, value in row.body.items() if name != "model"}


def _why(job: dict[str, Any]) -> RowError:
    messages = [str(error.get("message")) for error in (job.get("errors") or [])[:3]]
    return RowError(400, "; ".join(messages)) if messages else RowError(500, "no reason given")
