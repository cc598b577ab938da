"""A loopback host that speaks OpenAI's, Anthropic's, Gemini's and Mistral's chat formats and misbehaves as told.

    python -m benchmarks.generation.stub_server --port 0 --latency 0.2      prints {"port": ..., "url": ...}

POST /v1/chat/completions, /v1/messages, /v1beta/models/M:generateContent answer as the prompt deserves.
POST /config   knobs as JSON (see Knobs), on top of those of the command line; forgets the counts
POST /reset    forgets the counts, begins the random numbers anew
GET  /stats    the counts; /calls every call; /wait?answered=N&seconds=S comes back once N answers are out
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from benchmarks.generation.stub_answers import answer_to, cut, focus_of
from benchmarks.generation.stub_conduct import Conduct, Fate, Knobs, add_knobs, knobs_from
from benchmarks.generation.stub_tally import Call, Tally
from tests.providers.clients.wires import Asked, answer_body, error_body, limit_headers, read_request

LONGEST_HANG = 3600.0
MODELS = {"object": "list", "data": [{"id": "stub-model", "object": "model", "created": 1, "owned_by": "stub"}]}


class StubServer:
    """The host. One process, one thread: what it costs is taken from the program it measures."""

    def __init__(self, knobs: Knobs) -> None:
        self._defaults = knobs
        self._counter: Callable[[str], int] | None = None
        self._begin(knobs)

    def _begin(self, knobs: Knobs) -> None:
        self.conduct = Conduct(knobs)
        self.tally = Tally()
        if knobs.exact_tokens and self._counter is None:
            self._counter = _o200k()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "POST" and request.path not in ("/config", "/reset"):
            return await self._chat(request)
        if request.path == "/config":
            try:
                self._begin(self._defaults.changed(json.loads(await request.read())))
            except ValueError as error:
                return web.json_response({"error": str(error)}, status=400)
        elif request.path == "/reset":
            self._begin(self.conduct.knobs)
        elif request.path == "/wait":
            await self.tally.wait_for(int(request.query["answered"]), float(request.query.get("seconds", 60)))
        elif request.path == "/calls":
            return web.json_response([call.row() for call in self.tally.calls])
        elif request.path == "/v1/models":
            return web.json_response(MODELS)
        elif request.path != "/stats":
            return web.json_response({"error": f"no such path {request.path}"}, status=404)
        return web.json_response(self.tally.stats())

    async def _chat(self, request: web.BaseRequest) -> web.StreamResponse:
        arrived = time.time()
        try:
            raw = await request.read()
            asked = read_request(request.path, json.loads(raw))
        except ConnectionError:  # the client died while it was asking
            return web.Response()
        except ValueError as error:
            return web.json_response({"error": {"message": str(error)}}, status=404)
        focus, tally, conduct = focus_of(asked), self.tally, self.conduct
        call = Call(_digest(raw), _digest(focus.encode()), arrived)
        tally.opened(call, request.transport and request.transport.get_extra_info("peername"))
        try:
            fate, seconds = conduct.fate(arrived, tally.in_flight)
            return await self._meet(fate, seconds, request, asked, call, answer_to(asked, focus))
        finally:
            call.left = time.time()
            tally.closed(call)

    async def _meet(
        self, fate: Fate, seconds: float, request: web.BaseRequest, asked: Asked, call: Call, text: str
    ) -> web.StreamResponse:
        """Let the fate happen to the request."""
        if fate == "limited":
            message = "Rate limit reached for requests"
            body = error_body(asked.wire, 429, message, "rate_limit_exceeded" if asked.wire == "openai" else None)
            return await self._send(request, asked, call, 429, body, {"Retry-After": f"{seconds:g}"})
        if fate == "hang":
            return await _hang(request)
        await asyncio.sleep(seconds)
        if fate == "reset":
            return _reset(request)
        if fate == "fail":
            body = error_body(asked.wire, 500, "The server had an error while processing your request")
            return await self._send(request, asked, call, 500, body)
        text = text if fate == "answer" else cut(text)
        call.billed = self._bill(asked, text, fate)
        body = answer_body(asked, text, "length" if fate == "truncate" else "stop", *call.billed)
        return await self._send(request, asked, call, 200, body)

    async def _send(
        self,
        request: web.BaseRequest,
        asked: Asked,
        call: Call,
        status: int,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> web.StreamResponse:
        limits = self.conduct.limits(time.time())
        told = {**(limit_headers(asked.wire, *limits) if limits else {}), **(headers or {})}
        response = web.Response(
            body=json.dumps(body, ensure_ascii=False).encode(),
            status=status,
            content_type="application/json",
            headers=told,
        )
        call.status = status  # before it is sent: a host bills what it made, whether or not the client is there
        # The first write to a client that is gone succeeds: let the loop see its connection's end before. Once for it
        # to look, once to heed what it saw.
        for _ in range(2):
            await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
            call.delivered = request.transport is not None
        return response

    def _bill(self, asked: Asked, text: str, fate: Fate) -> tuple[int, int]:
        """Input and output tokens. An answer that met its limit took all the room it was given."""
        count = self._counter if self._counter and self.conduct.knobs.exact_tokens else _quarter
        # Three tokens around each message and three before the answer: OpenAI's cookbook, "How to count tokens with
        # tiktoken" (read 2026-11-21). That a schema is read, and so billed, as its text is our assumption.
        prompt = 3 + sum(3 + count(message["role"]) + count(message["content"]) for message in asked.messages)
        schema = count(json.dumps(asked.schema, separators=(",", ":"))) if asked.schema else 0
        full = asked.max_tokens if fate == "truncate" else None
        return prompt + schema, full or count(text)


async def _hang(request: web.BaseRequest) -> web.StreamResponse:
    """Say nothing until the client goes away."""
    end = time.time() + LONGEST_HANG
    while request.transport is not None and not request.transport.is_closing() and time.time() < end:
        await asyncio.sleep(0.05)
    return _reset(request)


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Close with a linger of 0 s, which sends RST: what a crashed proxy looks like."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _quarter(text: str) -> int:
    return len(text) // 4 + 1


def _o200k() -> Callable[[str], int]:
    from src.providers.token_counter import counter_for

    return counter_for("openai", "gpt-4.1-mini-2025-04-14").count_text


async def serve(port: int, knobs: Knobs) -> None:
    """Serve until the process ends; the port is printed once it accepts connections."""
    stub = StubServer(knobs)
    runner = web.ServerRunner(web.Server(stub.handle, access_log=None, keepalive_timeout=75))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    bound = runner.addresses[0][1]
    print(json.dumps({"port": bound, "url": f"http://127.0.0.1:{bound}"}), flush=True)
    await asyncio.Event().wait()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser(description="loopback LLM host for benchmarks")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument(
        "--until-eof", action="store_true", help="end with standard input, that is with whoever started it"
    )
    add_knobs(parser)
    arguments = parser.parse_args()
    if arguments.until_eof:
        threading.Thread(target=_end_with_input, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, knobs_from(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
