"""What the agents' tests share: documents, a workbench, a client that talks to the loopback server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from src.agents.base_agent import Workbench
from src.config.settings import AgentSettings
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.openai_client import OpenAIClient
from src.records import Block, Document, RunReport
from tests.providers.clients.stub_llm import Script, StubLLM

ROOT = Path(__file__).resolve().parents[2]
PROSE = (
    "The Harbour 200 pump moves ninety litres a minute through its main valve. "
    "Close the drain valve before you open the lid of the pump housing. "
    "The warranty covers the motor for five years from the day of purchase. "
    "Spare filters are sold in boxes of twelve by every registered dealer. "
    "A red lamp means that the intake filter is blocked and wants cleaning. "
    "Never run the pump dry for longer than thirty seconds at a time."
)
CHAT = "Q: Who repairs pumps?\nA: Every registered dealer.\n\nQ: Is there a manual?\nA: Yes, inside the lid."


def document(text: str, name: str = "a.txt") -> Document:
    return Document((name.encode().hex() * 64)[:64], name, (Block(text, "paragraph", "line 1", 0),))


def bench(client: OpenAIClient | None = None, **settings: Any) -> Workbench:
    return Workbench(
        report=RunReport(),
        settings=AgentSettings.model_validate(settings),
        prompts=ROOT / "prompts",
        count_tokens=lambda text: len(text.split()),
        dispatcher=Dispatcher(client, FlowLimits(concurrency=1, max_retries=0)) if client else None,
        passage_tokens=200,
    )


@contextmanager
def client_for(script: Script | list[Any] | None = None) -> Iterator[tuple[OpenAIClient, StubLLM]]:
    with StubLLM(script if script is not None else answer_about_focus) as stub:
        client = OpenAIClient("openai", "stub-model", "sk-canary-key-0001", stub.url, timeout=5)
        yield client, stub
        client.close()


@contextmanager
def journaled(folder: Path, client: OpenAIClient, **settings: Any) -> Iterator[tuple[Workbench, RunJournal]]:
    """A workbench whose calls are written down."""
    with RunJournal(folder / "x.journal.db") as journal:
        workbench = bench(client, **settings)
        records = CallRecords(journal, "r1", client.provider, client.model, None)
        workbench.dispatcher = Dispatcher(client, FlowLimits(concurrency=1, max_retries=0), records)
        yield workbench, journal
        workbench.dispatcher.close()


def text_in_journal(journal: RunJournal, call_id: str) -> str:
    """The answer that is kept under a key."""
    call = journal.find(call_id)
    assert call is not None
    return call.text


def focus_of(request: dict[str, Any]) -> str:
    found = re.search(r"^Ask about: (.*)$", request["messages"][-1]["content"], re.MULTILINE)
    assert found is not None
    return found[1]


def answer_about_focus(request: dict[str, Any]) -> str:
    """What a good model does: quote the sentence it is pointed to and answer with it."""
    focus = focus_of(request)
    words = " ".join(re.findall(r"\w+", focus)[:9])
    return json.dumps({"quote": focus, "question": f"What is true of {words}?", "answer": focus})
