"""A loopback server that speaks the chat formats of wires.py and answers as a test tells it to.

with StubLLM() as stub:                                   # sensible answers that fit the schema asked for
    client = OpenAIClient("openai", "m", "key", stub.url)
    client = AnthropicClient("anthropic", "m", "key", stub.root)
with StubLLM(lambda request: Reply(status=503)) as stub:  # or whatever a request should get
with StubLLM([Reply(status=429), "text"]) as stub:        # one after the other, then sensible answers
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.providers.clients.wires import Asked, answer_body, error_body, read_request

_PASSAGE = re.compile(r"<<<PASSAGE (\w+)\n(.*?)\nPASSAGE \1>>>", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n]{12,}(?:[.!?](?=\s|$)|(?=\n)|$)")


@dataclass(frozen=True)
class Reply:
    """One answer. `body` replaces the whole JSON; `error` is merged into the error object; `text` None means None.

    `finish_reason` is "stop", "length", "refused" or the wire's own word.
    """

    text: str | None = ""
    status: int = 200
    finish_reason: str = "stop"
    refusal: str | None = None
    error: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    reset: bool = False


Script = Callable[[dict[str, Any]], "Reply | str"]


class StubLLM:
    """The server. `requests` are the bodies it got, `headers` and `paths` what came with them.

    A script sees every wire's request in OpenAI's shape.
    """

    def __init__(self, answers: Script | Iterable[Reply | str] | None = None) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self._script = answers if callable(answers) else None
        self._queue = [] if answers is None or callable(answers) else list(answers)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def __enter__(self) -> StubLLM:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply_to(self, asked: Asked, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Reply:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            self.paths.append(path)
            scripted = self._queue.pop(0) if self._queue else None
        request = body if asked.wire == "openai" else _in_openai_shape(asked)
        reply = self._script(request) if self._script else scripted
        if reply is None:
            reply = sensible_answer(request)
        return Reply(reply) if isinstance(reply, str) else reply


def _in_openai_shape(asked: Asked) -> dict[str, Any]:
    wanted = {"type": "json_schema", "json_schema": {"schema": asked.schema}}
    shape = {"model": asked.model, "messages": asked.messages, "max_tokens": asked.max_tokens}
    return shape | ({"response_format": wanted} if asked.schema else {})


def sensible_answer(request: Mapping[str, Any]) -> str:
    """Text, or an instance of the schema asked for. "quote" and "answer" are a sentence of the passage, "question"
    asks for it; the n-th item of a list takes the n-th sentence."""
    schema = (request.get("response_format") or {}).get("json_schema", {}).get("schema")
    sentences = _sentences(_passage(request))
    if schema is None:
        return sentences[0]
    return json.dumps(_instance(schema, "", sentences, 0), ensure_ascii=False)


def _passage(request: Mapping[str, Any]) -> str:
    texts = [str(message["content"]) for message in request.get("messages", [])]
    fenced = [match[2] for text in texts for match in _PASSAGE.finditer(text)]
    return max(fenced or texts, key=len, default="")


def _sentences(passage: str) -> list[str]:
    found = [match[0].strip() for match in _SENTENCE.finditer(passage)]
    return found or [passage.strip() or "The stub has nothing to say."]


def _instance(schema: Mapping[str, Any], key: str, sentences: list[str], number: int) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        return {name: _instance(part, name, sentences, number) for name, part in schema["properties"].items()}
    if kind == "array":
        many = range(schema.get("minItems", min(1, schema.get("maxItems", 1))))
        return [_instance(schema["items"], key, sentences, number + place) for place in many]
    if kind in ("integer", "number"):
        return schema.get("minimum", min(1, schema.get("maximum", 1)))
    if kind == "boolean":
        return True
    return _string(schema, key, sentences[number % len(sentences)])


def _string(schema: Mapping[str, Any], key: str, sentence: str) -> str:
    if "question" in key or key.startswith("user"):
        words = re.findall(r"[^\W_]+", sentence)
        sentence = f"What is known about {' '.join(words[:6])}?"
    text = sentence[: schema.get("maxLength", len(sentence))]
    return text.ljust(schema.get("minLength", 0), ".")


def _handler(stub: StubLLM) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                asked = read_request(self.path, body)
            except ValueError:
                self._send(Reply(status=404), b'{"error": {"message": "no such path"}}')
                return
            reply = stub.reply_to(asked, self.path, body, headers)
            if reply.delay and stub.closing.wait(reply.delay):
                return
            if reply.reset:
                # Closing with a linger of 0 s sends RST: what a crashed proxy looks like.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self._send(reply, _body(reply, asked))

        def _send(self, reply: Reply, body: bytes) -> None:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keeps the test's screen clean."""

    return Handler


def _body(reply: Reply, asked: Asked) -> bytes:
    if reply.body is not None:
        return reply.body
    if reply.error is not None or reply.status != 200:
        body = error_body(asked.wire, reply.status, f"stub says {reply.status}")
        body["error"] |= reply.error or {}
    else:
        body = answer_body(asked, reply.text, reply.finish_reason, refusal=reply.refusal)
    return json.dumps(body, ensure_ascii=False).encode()
