"""What all agents have: documents in, samples out, one client, a report of what was left out."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from src.agents.reply_parser import parse_object
from src.config.settings import AgentSettings
from src.errors import (
    BadRequestError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    MalformedAnswerError,
    ModelUnavailableError,
    TruncatedAnswerError,
)
from src.ingestion.chunker import Chunk, chunk_document
from src.providers.clients.chat_client import ChatAnswer, ChatClient, ChatRequest
from src.records import Document, Message, RunReport, Sample, Span

# How many calls may be made for each sample asked for before a run says that the material is exhausted.
CALLS_PER_SAMPLE = 3
# A host that failed so often in a row, each time after retries, is down; what was made until then is kept.
MOST_FAILURES_IN_A_ROW = 5
# A passage with fewer words hardly holds a fact worth asking for.
LEAST_PASSAGE_WORDS = 20


@dataclass(slots=True)
class Workbench:
    """What an agent works with. `client` is None when no LLM is to be used.

    `passage_tokens` is the size of the passages sent to the LLM, counted by `count_tokens`. `small_model` asks
    for simpler prompts and stricter checks.
    """

    report: RunReport
    settings: AgentSettings
    prompts: Path
    count_tokens: Callable[[str], int]
    client: ChatClient | None = None
    passage_tokens: int = 600
    seed: int = 42
    instructions: str = ""
    llm_stage: bool = False
    small_model: bool = False
    asked: dict[str, str] = field(default_factory=dict)  # question key -> question, over all agents of a run


class Agent(ABC):
    """Makes samples from documents, one at a time, so that whoever asks can stop at any moment."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.report = bench.report
        self.failures_in_a_row = 0

    @abstractmethod
    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        """At most `size` samples. What is left out is counted in the report, with its reason.

        Raises LLMError when going on makes no sense (wrong key, no credit, no model).
        """

    def passages(self, documents: Sequence[Document], avoid: Mapping[str, Sequence[Span]] | None = None) -> list[Chunk]:
        """Passages with enough words, the documents taking turns, drawn by seed.

        `avoid` names, by document id, spans of text that is used already: passages that overlap them come last.
        """
        by_document: list[list[Chunk]] = []
        for document in documents:
            chunks = chunk_document(document, self.bench.passage_tokens, self.bench.count_tokens)
            chunks = [chunk for chunk in chunks if len(chunk.text.split()) >= LEAST_PASSAGE_WORDS]
            random.Random(f"{self.bench.seed}:{document.id}").shuffle(chunks)  # noqa: S311
            by_document.append(chunks)
        mixed = [chunk for row in zip_longest(*by_document) for chunk in row if chunk is not None]
        return sorted(mixed, key=lambda chunk: _overlaps(chunk, (avoid or {}).get(chunk.document_id, ())))

    def ask(self, request: ChatRequest) -> dict[str, Any]:
        """One JSON answer that fits the request's schema.

        A cut-off answer is asked again once with twice the room, a malformed one once with the complaint;
        neither is ever repaired. Raises the LLMError that fits.
        """
        try:
            return self._answer(request)
        except TruncatedAnswerError:
            return self._answer(replace(request, max_tokens=2 * request.max_tokens))
        except MalformedAnswerError as error:
            complaint = f"Your last answer was not accepted: {error} Answer again with JSON only."
            *before, last = request.messages
            again = Message(last.role, f"{last.content}\n\n{complaint}")
            return self._answer(replace(request, messages=(*before, again), seed=(request.seed or 0) + 1))

    def try_to_ask(self, request: ChatRequest) -> dict[str, Any] | None:
        """Like `ask`, but a failure of this one call is counted and gives None.

        Raises the LLMError when going on makes no sense: it is fatal, the host rejects the request itself, or
        several calls in a row failed although each was tried again.
        """
        try:
            reply = self.ask(request)
            self.failures_in_a_row = 0
            return reply
        except (TruncatedAnswerError, MalformedAnswerError, ContentRefusedError, ContextTooLongError) as error:
            self.failures_in_a_row = 0
            self.report.drop(_REASONS[type(error)])
        except LLMError as error:
            self.failures_in_a_row += 1
            self.report.drop("call failed")
            if error.fatal or isinstance(error, BadRequestError) or self.failures_in_a_row == MOST_FAILURES_IN_A_ROW:
                raise
        return None

    def _complete(self, request: ChatRequest) -> ChatAnswer:
        if self.bench.client is None:
            raise ModelUnavailableError("This needs an LLM.", hint="Choose one in the settings or set an API key.")
        answer = self.bench.client.complete(request)
        self.report.count("LLM calls")
        self.report.count("LLM input tokens", answer.usage.input_tokens or 0)
        self.report.count("LLM output tokens", answer.usage.output_tokens or 0)
        if answer.usage.output_tokens is None:
            self.report.count("LLM calls without token figures")
        return answer

    def _answer(self, request: ChatRequest) -> dict[str, Any]:
        answer = self._complete(request)
        if answer.finish_reason == "length":
            raise TruncatedAnswerError("The answer was cut off.")
        if answer.finish_reason == "refused":
            raise ContentRefusedError("The model declined to answer.")
        assert request.schema is not None
        return parse_object(answer.text, request.schema)


_REASONS: dict[type[LLMError], str] = {
    TruncatedAnswerError: "answer cut off twice",
    MalformedAnswerError: "answer malformed twice",
    ContentRefusedError: "model declined",
    ContextTooLongError: "passage too long for the model",
}


def _overlaps(chunk: Chunk, spans: Sequence[Span]) -> bool:
    return any(span.start < chunk.span.end and chunk.span.start < span.end for span in spans)
