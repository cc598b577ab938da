from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src.errors import ContextTooLongError, ModelUnavailableError
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.local.local_client import LocalClient, thread_count
from src.records import Message

ROOT = Path(__file__).resolve().parents[3]
HELLO = ChatRequest((Message("user", "Say hello."),), None, 0.0, 8)
SCHEMA = {
    "type": "object",
    "properties": {
        "capital": {"type": "string", "minLength": 2, "maxLength": 20},
        "population": {"type": "integer", "minimum": 1},
    },
    "required": ["capital", "population"],
    "additionalProperties": False,
}
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc are POSIX")


@pytest.fixture
def client(small_model: Path) -> Iterator[LocalClient]:
    client = LocalClient(small_model, "small")
    yield client
    client.close()


def child_of(client: LocalClient) -> int:
    assert client.child_id is not None
    return client.child_id


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def is_gone_soon(process: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not is_running(process):
            return True
        time.sleep(0.05)
    return False


def test_a_file_that_is_no_model_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF and then nothing")
    client = LocalClient(tmp_path / "bad.gguf", "bad")
    with pytest.raises(ModelUnavailableError, match=r"bad could not be started \(exit code 1\).*bad\.gguf"):
        client.complete(HELLO)
    client.close()


def test_no_server_runs_before_the_first_request_and_close_may_be_repeated(tmp_path: Path) -> None:
    client = LocalClient(tmp_path / "none.gguf", "none")
    assert client.child_id is None
    client.close()
    client.close()


def test_threads_are_at_least_one_and_at_most_the_cores() -> None:
    assert 1 <= thread_count() <= (os.cpu_count() or 1)


@pytest.mark.slow
def test_the_model_answers_in_the_schema_asked_for(client: LocalClient) -> None:
    question = (Message("system", "Answer as JSON."), Message("user", "Capital of France and its population?"))
    answer = client.complete(ChatRequest(question, SCHEMA, 0.0, 60, 1))
    value = json.loads(answer.text)
    assert set(value) == {"capital", "population"} and isinstance(value["population"], int)
    assert (answer.finish_reason, answer.model, client.provider) == ("stop", "small", "local")
    assert answer.usage.output_tokens
    child = child_of(client)
    client.close()
    assert is_gone_soon(child)


@pytest.mark.slow
def test_a_cut_off_answer_and_a_long_request_are_told(client: LocalClient) -> None:
    assert client.complete(HELLO).finish_reason in ("stop", "length")
    long_answer = ChatRequest((Message("user", "Count from one to a thousand in words."),), None, 0.0, 5)
    assert client.complete(long_answer).finish_reason == "length"
    with pytest.raises(ContextTooLongError):
        client.complete(ChatRequest((Message("user", "word " * 6000),), None, 0.0, 5))


@pytest.mark.slow
@posix_only
def test_a_server_that_died_is_started_again(client: LocalClient) -> None:
    client.complete(HELLO)
    first = child_of(client)
    os.kill(first, signal.SIGKILL)
    assert client.complete(HELLO).text
    assert child_of(client) != first


@pytest.mark.slow
def test_several_threads_share_one_server(client: LocalClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.complete(HELLO), range(4)))
    assert all(answer.text for answer in answers)


@pytest.mark.slow
@posix_only
def test_no_key_and_no_proxy_reach_the_server(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = LocalClient(small_model, "small")
    assert client.complete(HELLO).text
    environ = Path(f"/proc/{child_of(client)}/environ")
    if environ.exists():
        assert b"canary" not in environ.read_bytes() and b"HTTP_PROXY" not in environ.read_bytes()
    client.close()


PARENT = """
    import sys, time
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from src.providers.clients.chat_client import ChatRequest
    from src.providers.clients.local.local_client import LocalClient
    from src.records import Message
    client = LocalClient(Path({model!r}), "small")
    client.complete(ChatRequest((Message("user", "Say hello."),), None, 0.0, 4))
    print(client.child_id, flush=True)
    {then}
"""


def start_parent(model: Path, folder: Path, then: str) -> tuple[subprocess.Popen[str], int]:
    """A program that has asked the model once, and the process of its server. It runs in another folder."""
    code = textwrap.dedent(PARENT).format(root=str(ROOT), model=str(model), then=then)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=folder)
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_when_its_parent_is_killed(sent: signal.Signals, small_model: Path, tmp_path: Path) -> None:
    parent, child = start_parent(small_model, tmp_path, "time.sleep(60)")
    assert is_running(child)
    with parent:
        parent.send_signal(sent)
    assert is_gone_soon(child)


@pytest.mark.slow
@posix_only
def test_the_server_ends_with_a_program_that_forgot_to_close_it(small_model: Path, tmp_path: Path) -> None:
    parent, child = start_parent(small_model, tmp_path, "sys.exit(3)")
    with parent:
        assert parent.wait(30) == 3
    assert is_gone_soon(child)


@pytest.mark.slow
@posix_only
def test_ctrl_c_does_not_stop_the_server(client: LocalClient) -> None:
    client.complete(HELLO)
    child = child_of(client)
    os.kill(child, signal.SIGINT)
    time.sleep(0.3)
    assert is_running(child) and client.complete(HELLO).text and child_of(client) == child
