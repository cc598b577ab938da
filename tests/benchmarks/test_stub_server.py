"""The stub of the benchmarks: what it measures the product against must itself be right."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message as Headers
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generation.corpus import SENTENCES_PER_SECTION, write_corpus
from benchmarks.generation.stub_handle import Stub, running_stub
from src.agents.grounding import find_quote, rejection
from src.agents.prompt_library import fenced, load_prompt
from src.ingestion.chunker import chunk_document
from src.providers.token_counter import counter_for
from src.records import RunReport
from tests.ingestion.support import read_folder

PASSAGE = "Pump 4711 moves 90 litres a minute. Close valve 12 before you open lid 3 of it."
FOCUS = "Close valve 12 before you open lid 3 of it."
PROMPT = Path(__file__).resolve().parents[2] / "prompts" / "system" / "create_mode.txt"
SCHEMA = {"type": "object", "properties": {name: {"type": "string"} for name in ("quote", "question", "answer")}}


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def stub(server: Stub) -> Stub:
    server.configure(latency=0)
    return server


def openai_body(focus: str = FOCUS) -> dict[str, Any]:
    values = {"passage": fenced(PASSAGE), "focus": focus, "style": "a plain fact", "asked": ""}
    messages = [{"role": m.role, "content": m.content} for m in load_prompt(PROMPT).messages(values)]
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    return {"model": "m", "messages": messages, "response_format": schema, "max_tokens": 400}


def post(stub: Stub, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any], Headers]:
    request = urllib.request.Request(stub.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


def ask(stub: Stub, focus: str = FOCUS) -> tuple[int, dict[str, Any], Headers]:
    return post(stub, "/v1/chat/completions", openai_body(focus))


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0]["message"]["content"])


def test_answer_passes_the_gates_of_create_mode(stub: Stub) -> None:
    reply = json.loads(text_of(ask(stub)[1]))
    assert find_quote(reply["quote"], PASSAGE) is not None
    assert rejection(reply["question"], reply["answer"], PASSAGE) == ""


def test_anthropic_and_gemini_get_the_same_answer_in_their_own_format(stub: Stub) -> None:
    expected = text_of(ask(stub)[1])
    system, user = (message["content"] for message in openai_body()["messages"])
    tool = {"name": "t", "input_schema": SCHEMA}
    claude = {"model": "m", "max_tokens": 400, "system": system, "messages": [{"role": "user", "content": user}]}
    forced = {"tools": [tool], "tool_choice": {"type": "tool", "name": "t"}}
    _, answer, _ = post(stub, "/v1/messages", {**claude, **forced})
    assert answer["content"][0]["input"] == json.loads(expected)
    gemini = {
        "systemInstruction": {"parts": [{"text": system}]},
        "contents": [{"role": "user", "parts": [{"text": user}]}],
        "generationConfig": {"responseSchema": {"type": "OBJECT", "properties": {}}},
    }
    _, answer, _ = post(stub, "/v1beta/models/gemini-x:generateContent", gemini)
    assert answer["candidates"][0]["content"]["parts"][0]["text"] == expected


def test_answer_paid_twice_is_counted(stub: Stub) -> None:
    first, again = ask(stub), ask(stub)
    assert first[1] == again[1]
    ask(stub, "Pump 4711 moves 90 litres a minute.")
    stats = stub.stats()
    assert (stats["requests"], stats["answered"], stats["distinct_prompts"]) == (3, 3, 2)
    assert stats["prompts_answered_again"] == 1
    assert stats["input_tokens"] > 2 * first[1]["usage"]["prompt_tokens"]
    assert stats["in_flight"] == 0


def test_rate_limit_tells_the_truth_and_refuses_what_exceeds_the_burst(stub: Stub) -> None:
    stub.configure(latency=0, rpm=6, burst=2)
    told = [(code, headers) for code, _, headers in (ask(stub) for _ in range(3))]
    assert [code for code, _ in told] == [200, 200, 429]
    assert [headers["x-ratelimit-remaining-requests"] for _, headers in told] == ["1", "0", "0"]
    assert told[0][1]["x-ratelimit-limit-requests"] == "6"
    assert 5 < float(told[2][1]["Retry-After"]) <= 10


def test_cut_answer_claims_to_be_whole_and_truncated_one_does_not(stub: Stub) -> None:
    for knob, reason in (("pcut", "stop"), ("ptruncate", "length")):
        stub.configure(latency=0, **{knob: 1.0})
        _, answer, _ = ask(stub)
        assert answer["choices"][0]["finish_reason"] == reason
        with pytest.raises(json.JSONDecodeError):
            json.loads(text_of(answer))
    assert answer["usage"]["completion_tokens"] == 400


def test_failures_and_resets_are_not_billed(stub: Stub) -> None:
    stub.configure(latency=0, p500=1.0)
    assert ask(stub)[0] == 500
    assert stub.stats()["input_tokens"] == 0
    stub.configure(latency=0, preset=1.0)
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        ask(stub)
    assert stub.stats()["answered"] == 0


def test_same_seed_gives_the_same_fates(stub: Stub) -> None:
    fates = []
    for _ in range(2):
        stub.configure(latency=0, p429=0.3, p500=0.3, seed=5)
        fates.append([ask(stub)[0] for _ in range(12)])
    assert fates[0] == fates[1]
    assert set(fates[0]) == {200, 429, 500}


def test_unknown_knob_is_refused(stub: Stub) -> None:
    status, answer, _ = post(stub, "/config", {"latncy": 1})
    assert status == 400
    assert "latncy" in answer["error"]


def test_every_section_of_the_corpus_is_one_passage(tmp_path: Path) -> None:
    corpus, report = write_corpus(tmp_path, 100), RunReport()
    count = counter_for("openai", "gpt-4.1-mini-2025-04-14").count_text
    documents = [document for document in read_folder(tmp_path, tmp_path.with_name("kept"), report) if document]
    passages = [chunk for document in documents for chunk in chunk_document(document, 600, count)]
    assert len(passages) * SENTENCES_PER_SECTION == len(corpus.sentences) >= 100
    assert all(sum(sentence in passage.text for sentence in corpus.sentences) == 24 for passage in passages)
