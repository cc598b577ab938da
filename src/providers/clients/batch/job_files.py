"""The JSON lines that OpenAI's and Mistral's batch jobs are made of and answered with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from src.errors import ConnectionFailedError
from src.providers.clients.batch.jobs import RowError, RowResult
from src.providers.clients.wire.http_errors import Host, read_error

# What OpenAI writes for rows it never ran, and for one whose model took too long
# (https://platform.openai.com/docs/api-reference/batch/request-output, a copy read 2026-11-21).
_NEVER_RUN = ("batch_expired", "batch_cancelled")
_TOO_LONG = "request_timeout"


def to_line(record: Mapping[str, Any]) -> bytes:
    """One line. Escaped to ASCII: half characters have no UTF-8, and some readers break lines at U+2028."""
    return json.dumps(record).encode() + b"\n"


def read_lines(host: Host, content: bytes) -> Iterator[dict[str, Any]]:
    """The objects in a file of results. Raises ConnectionFailedError when it was cut off."""
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise host.error(ConnectionFailedError, "the results of the batch did not come whole") from error
        if isinstance(record, dict):
            yield record


def read_row(record: Mapping[str, Any]) -> RowResult:
    """One line of an output or error file."""
    custom_id, response = str(record.get("custom_id")), record.get("response")
    response = response if isinstance(response, dict) else {}
    status, body = response.get("status_code") or 0, _object(response.get("body"))
    if record.get("error"):
        return RowResult(custom_id, error=_line_error(record["error"], status))
    if body is None or status >= 300:
        said, code = read_error(json.dumps(response.get("body")))
        return RowResult(custom_id, error=RowError(status if status >= 300 else 500, said, code))
    return RowResult(custom_id, body)


def _line_error(error: object, status: int) -> RowError:
    said, code = read_error(json.dumps(error))
    if any(word in code for word in _NEVER_RUN):
        return RowError(0, said, code)
    if _TOO_LONG in code:
        return RowError(408, said, code)
    return RowError(status if status >= 300 else 500, said, code)


def _object(body: object) -> dict[str, Any] | None:
    """A response's body; some hosts put it there as text."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    return body if isinstance(body, dict) else None
