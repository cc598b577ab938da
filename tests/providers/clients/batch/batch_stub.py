"""A loopback server that speaks the batch APIs of OpenAI, Anthropic and Mistral and answers as a test tells it to.

with BatchStub() as stub:                        # sensible answers
with BatchStub(lambda row: Row("text")) as stub: # or whatever a row should get; row.attempt counts from 0
"""

from __future__ import annotations

import email
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.providers.clients.stub_llm import sensible_answer
from tests.providers.clients.wires import answer_body, error_body, read_request

ANTHROPIC, MISTRAL = "/v1/messages/batches", "/v1/batch/jobs"
RESET = "reset"


@dataclass(frozen=True)
class Row:
    """What a row gets. `status` other than 200 is an error; `end` is "expired", "missing" or "" for carried out."""

    text: str | None = "Fine."
    finish: str = "stop"
    status: int = 200
    message: str = "stub says so"
    code: str = ""
    end: str = ""


@dataclass(frozen=True)
class Asked:
    custom_id: str
    request: dict[str, Any]
    attempt: int


@dataclass
class Job:
    id: str
    wire: str
    rows: list[Asked]
    metadata: Mapping[str, str] = field(default_factory=dict)
    looks: int = 0
    cancelled: bool = False
    created: float = field(default_factory=time.time)
    failure: tuple[str, str] | None = None

    @property
    def ids(self) -> list[str]:
        return [row.custom_id for row in self.rows]


class BatchStub:
    """`looks` is how often a job is looked at before it has ended. `jobs` are those that were submitted.

    `before(method, path)` may give (status, message) or RESET instead of an answer; `cut_after_create` resets the
    connection although the job was made; `failures` are (code, message) of the next jobs, None for a good one.
    """

    def __init__(self, answer: Callable[[Asked], Row] | None = None, looks: int = 0) -> None:
        self.answer = answer or (lambda row: Row(sensible_answer(row.request)))
        self.looks = looks
        self.jobs: list[Job] = []
        self.calls: list[tuple[str, str]] = []
        self.headers: list[str] = []
        self.before: Callable[[str, str], tuple[int, str] | str | None] = lambda method, path: None
        self.cut_after_create = 0
        self.cut_results = 0
        self.failures: list[tuple[str, str] | None] = []
        self._files: dict[str, bytes] = {}
        self._seen: Counter[str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> BatchStub:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, method: str, path: str, kind: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        path = path.partition("?")[0]
        self.calls.append((method, path))
        if path == "/v1/files":
            return _json(self._keep_file(kind, body))
        if path.endswith("/content"):
            return 200, self._files[path.split("/")[-2]]
        wire = next((wire for wire in (ANTHROPIC, MISTRAL) if path.startswith(wire)), "/v1/batches")
        rest = path.removeprefix(wire).strip("/").split("/")
        if method == "POST" and rest == [""]:
            return _json(self._show(self._create(wire, json.loads(body))))
        if rest == [""]:
            shown = [self._show(job) for job in reversed(self.jobs) if job.wire == wire]
            return _json({"object": "list", "data": shown, "has_more": False, "total": len(shown)})
        job = next((job for job in self.jobs if job.id == rest[0]), None)
        if job is None:
            return 404, json.dumps(error_body("openai", 404, "no such batch")).encode()
        if rest[-1] == "cancel":
            job.cancelled = True
        elif rest[-1] == "results":
            return 200, self._cut(self._anthropic_results(job))
        elif method == "GET":
            job.looks += 1
        return _json(self._show(job))

    def _keep_file(self, kind: str, body: bytes) -> dict[str, Any]:
        parts = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        content = next(part.get_payload(decode=True) for part in parts if part.get_filename())
        file_id = f"file-{len(self._files)}"
        self._files[file_id] = content
        return {
            "id": file_id, "object": "file", "bytes": len(content), "created_at": 1, "filename": "x.jsonl",
            "purpose": "batch", "sample_type": "batch_request", "source": "upload",
        }  # fmt: skip

    def _create(self, wire: str, body: dict[str, Any]) -> Job:
        if wire == ANTHROPIC:
            rows = [(row["custom_id"], row["params"]) for row in body["requests"]]
        else:
            file_id = body["input_file_id"] if "input_file_id" in body else body["input_files"][0]
            lines = [json.loads(line) for line in self._files[file_id].splitlines()]
            rows = [(line["custom_id"], {"model": body.get("model"), **line["body"]}) for line in lines]
        asked = [Asked(custom_id, request, self._seen[custom_id]) for custom_id, request in rows]
        self._seen.update(custom_id for custom_id, _ in rows)
        job = Job(f"job-{len(self.jobs)}", wire, asked, body.get("metadata") or {})
        job.failure = self.failures.pop(0) if self.failures else None
        self.jobs.append(job)
        return job

    def _show(self, job: Job) -> dict[str, Any]:
        ended = job.looks > self.looks
        shape = {ANTHROPIC: self._anthropic_job, MISTRAL: self._mistral_job}.get(job.wire, self._openai_job)
        return shape(job, ended)

    # --- the wires ------------------------------------------------------------------------------------------------

    def _openai_job(self, job: Job, ended: bool) -> dict[str, Any]:
        status = "completed" if ended else "in_progress"
        if ended and any(self.answer(row).end == "expired" for row in job.rows):
            status = "expired"
        shown: dict[str, Any] = {
            "id": job.id, "object": "batch", "endpoint": "/v1/chat/completions", "input_file_id": "f", "errors": None,
            "completion_window": "24h", "status": "cancelling" if job.cancelled else status, "metadata": job.metadata,
            "created_at": int(job.created), "request_counts": self._counts(job, ended),
        }  # fmt: skip
        if job.failure:
            code, message = job.failure
            errors = {"object": "list", "data": [{"code": code, "message": message, "line": 1}]}
            return shown | {"status": "failed", "errors": errors}
        if ended:
            shown |= dict(zip(("output_file_id", "error_file_id"), self._result_files(job), strict=True))
        return shown

    def _mistral_job(self, job: Job, ended: bool) -> dict[str, Any]:
        status = "SUCCESS" if ended else "RUNNING"
        if ended and any(self.answer(row).end for row in job.rows):
            status = "TIMEOUT_EXCEEDED"
        counts = self._counts(job, ended)
        shown: dict[str, Any] = {
            "id": job.id, "object": "batch", "input_files": ["f"], "endpoint": "/v1/chat/completions", "errors": [],
            "status": "CANCELLATION_REQUESTED" if job.cancelled else status, "created_at": int(job.created),
            "metadata": job.metadata, "total_requests": counts["total"], "succeeded_requests": counts["completed"],
            "completed_requests": counts["completed"] + counts["failed"], "failed_requests": counts["failed"],
        }  # fmt: skip
        if job.failure:
            return shown | {"status": "FAILED", "errors": [{"message": job.failure[1], "count": 1}]}
        if ended:
            shown |= dict(zip(("output_file", "error_file"), self._result_files(job), strict=True))
        return shown

    def _anthropic_job(self, job: Job, ended: bool) -> dict[str, Any]:
        moment = datetime.fromtimestamp(job.created, timezone.utc).isoformat()
        size = len(job.rows)
        status = "ended" if ended else "in_progress"
        return {
            "id": job.id, "type": "message_batch", "processing_status": "canceling" if job.cancelled else status,
            "request_counts": {
                "processing": 0 if ended else size, "succeeded": size if ended else 0, "errored": 0, "canceled": 0,
                "expired": 0,
            },
            "created_at": moment, "expires_at": moment, "ended_at": None, "archived_at": None,
            "cancel_initiated_at": moment if job.cancelled else None,
            "results_url": "http://elsewhere.invalid/results" if ended else None,
        }  # fmt: skip

    def _counts(self, job: Job, ended: bool) -> dict[str, int]:
        bad = sum(self.answer(row).status != 200 or bool(self.answer(row).end) for row in job.rows)
        done = len(job.rows) if ended else 0
        return {"total": len(job.rows), "completed": max(0, done - bad), "failed": bad if ended else 0}

    def _result_files(self, job: Job) -> tuple[str | None, str | None]:
        good, bad = [], []
        for row in job.rows:
            said = self.answer(row)
            line: dict[str, Any] = {"id": "x", "custom_id": row.custom_id, "response": None, "error": None}
            if said.end == "missing" or (said.end == "expired" and job.wire == MISTRAL):
                continue
            if said.end == "expired":
                bad.append(line | {"error": {"code": "batch_expired", "message": "It could not be executed."}})
                continue
            body = _body("/v1/chat/completions", row, said)
            (good if said.status == 200 else bad).append(
                line | {"response": {"status_code": said.status, "request_id": "r", "body": body}}
            )
        return self._new_file(good, f"{job.id}-good"), self._new_file(bad, f"{job.id}-bad")

    def _new_file(self, lines: list[dict[str, Any]], file_id: str) -> str | None:
        content = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in reversed(lines))
        if lines and file_id not in self._files:
            self._files[file_id] = content
        elif lines and self.cut_results:
            self._files[file_id] = self._cut(content)
        elif lines:
            self._files[file_id] = content
        return file_id if lines else None

    def _cut(self, content: bytes) -> bytes:
        if not self.cut_results:
            return content
        self.cut_results -= 1
        return content[:-20]

    def _anthropic_results(self, job: Job) -> bytes:
        lines = []
        for row in job.rows:
            said = self.answer(row)
            result: dict[str, Any] = {"type": "expired"}
            if said.end == "missing":
                continue
            if not said.end and said.status == 200:
                result = {"type": "succeeded", "message": _body("/v1/messages", row, said)}
            elif not said.end:
                result = {"type": "errored", "error": _body("/v1/messages", row, said)}
            lines.append(json.dumps({"custom_id": row.custom_id, "result": result}, ensure_ascii=False))
        return "\n".join(reversed(lines)).encode()


def _body(path: str, row: Asked, said: Row) -> dict[str, Any]:
    asked = read_request(path, row.request)
    if said.status != 200:
        return error_body(asked.wire, said.status, said.message, said.code)
    return answer_body(asked, said.text, said.finish, prompt_tokens=100, output_tokens=20)


def _json(body: dict[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps(body).encode()


def _handler(stub: BatchStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self._answer("POST")

        def do_GET(self) -> None:
            self._answer("GET")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            stub.headers.append(str(self.headers))
            instead = stub.before(method, self.path)
            if instead == RESET:
                return self._reset()
            if instead is not None:
                return self._send(int(instead[0]), json.dumps(error_body("openai", 400, str(instead[1]))).encode())
            jobs = len(stub.jobs)
            status, content = stub.reply(method, self.path, str(self.headers.get("Content-Type")), body)
            if len(stub.jobs) > jobs and stub.cut_after_create:
                stub.cut_after_create -= 1
                return self._reset()
            return self._send(status, content)

        def _reset(self) -> None:
            # Closing with a linger of 0 s sends RST: what a crashed proxy looks like.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def _send(self, status: int, content: bytes) -> None:
            raw = "/content" in self.path or "/results" in self.path
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream" if raw else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keeps the test's screen clean."""

    return Handler
