"""What all agents have: documents in, samples out, one dispatcher for chat calls, a report of what was left out."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from tempfile import gettempdir

from src.analysis.similarity import NearDuplicates
from src.config.settings import AgentSettings
from src.errors import ModelUnavailableError
from src.ingestion.chunker import Chunk, chunk_document
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.dispatching import Dispatching
from src.records import Document, RunReport, Sample, Span

# A passage with fewer words hardly holds a fact worth asking for.
LEAST_PASSAGE_WORDS = 20
# About 50 MB of text: more is not looked at, so that a folder of any size fits into memory.
MOST_PASSAGES = 20_000


def anything_goes(sample: Sample) -> str:
    """The check of a workbench that has none."""
    return ""


@dataclass(slots=True)
class Workbench:
    """What an agent works with. `dispatcher` is None when no LLM is to be used.

    `passage_tokens` is the size of the passages sent to the LLM, counted by `count_tokens`. `small_model` asks
    for simpler prompts and stricter checks. `acceptable` says why the provider would refuse a sample, "" when
    it takes it. `asked` are the questions of all agents of a run. Very many samples wait in files in `scratch`.
    """

    report: RunReport
    settings: AgentSettings
    prompts: Path
    count_tokens: Callable[[str], int]
    dispatcher: Dispatching | None = None
    passage_tokens: int = 600
    seed: int = 42
    instructions: str = ""
    llm_stage: bool = False
    small_model: bool = False
    acceptable: Callable[[Sample], str] = anything_goes
    scratch: Path = field(default_factory=lambda: Path(gettempdir()))
    asked: NearDuplicates = field(default_factory=NearDuplicates)
    chunks: dict[str, list[Chunk]] = field(default_factory=dict)  # by document id: cut once, for estimate and run

    @property
    def llm(self) -> Dispatching:
        """The dispatcher. Raises ModelUnavailableError when there is none."""
        if self.dispatcher is None:
            raise ModelUnavailableError("This needs an LLM.", hint="Choose one in the settings or set an API key.")
        return self.dispatcher


@dataclass(frozen=True, slots=True)
class FirstRequests:
    """`planned` calls are made if every answer is accepted; `drawn` are requests of theirs, evenly spread."""

    planned: int
    drawn: Sequence[ChatRequest]


def draw(planned: int, most: int) -> range:
    """At most `most` numbers below `planned`, evenly spread."""
    return range(0, planned, max(1, -(-planned // most)))


class Agent(ABC):
    """Makes samples from documents, one at a time, so that whoever asks can stop at any moment."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.report = bench.report

    def requests(self, documents: Sequence[Document], size: int, most: int) -> FirstRequests:
        """Some of the first requests of a run as they would be sent: what an estimate of its cost counts."""
        return FirstRequests(0, ())

    @abstractmethod
    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        """At most `size` samples. What is left out is counted in the report, with its reason.

        Raises LLMError when going on makes no sense (wrong key, no credit, no model, budget reached).
        """

    def passages(self, documents: Sequence[Document], avoid: Mapping[str, Sequence[Span]] | None = None) -> list[Chunk]:
        """Passages with enough words, the documents taking turns, drawn by seed.

        `avoid` names, by document id, spans of text that is used already: passages that overlap them come last.
        """
        by_document = [list(chunks) for chunks in self._enough_chunks(documents)]
        for chunks in by_document:
            if chunks:
                random.Random(f"{self.bench.seed}:{chunks[0].document_id}").shuffle(chunks)  # noqa: S311
        mixed = [chunk for row in zip_longest(*by_document) for chunk in row if chunk is not None]
        return sorted(mixed, key=lambda chunk: _overlaps(chunk, (avoid or {}).get(chunk.document_id, ())))

    def _enough_chunks(self, documents: Sequence[Document]) -> list[list[Chunk]]:
        """The passages of the documents in their order; of very many documents only of some, drawn by seed."""
        order = list(range(len(documents)))
        random.Random(self.bench.seed).shuffle(order)  # noqa: S311
        drawn: dict[int, list[Chunk]] = {}
        passages = 0
        for number in order:
            drawn[number] = self._chunks(documents[number])
            passages += len(drawn[number])
            if passages >= MOST_PASSAGES:
                break
        left_out = f"passages are drawn from {len(drawn):,} of {len(documents):,} documents (or parts of large ones)"
        if len(drawn) < len(documents) and not any(issue.message == left_out for issue in self.report.issues):
            self.report.note("documents", left_out)
        return [drawn[number] for number in sorted(drawn)]

    def _chunks(self, document: Document) -> list[Chunk]:
        known = self.bench.chunks
        if document.id not in known:
            chunks = chunk_document(document, self.bench.passage_tokens, self.bench.count_tokens)
            known[document.id] = [chunk for chunk in chunks if len(chunk.text.split()) >= LEAST_PASSAGE_WORDS]
        return known[document.id]

    def reject(self, reason: str) -> None:
        """Count a candidate that came to nothing."""
        self.report.drop(reason)

    def say_why_short(self, stage: str, size: int, made: int, passages: int, candidates: int, most: int) -> None:
        """Tell the user why fewer samples came than were asked for: stopped, no material, or the candidates' budget."""
        if self.bench.dispatcher is not None and self.bench.dispatcher.stopped:
            return  # whoever stopped it knows, and the run can be resumed
        if not passages:
            why = f"no passage of the documents has {LEAST_PASSAGE_WORDS} words or more"
        else:
            per_sample = self.bench.settings.create.candidates_per_sample
            why = (
                f"{candidates} candidates from {passages} passages gave no more that pass the checks (see what was "
                f"left out; at most {most} are asked for, agent.create.candidates_per_sample is {per_sample:g})"
            )
        self.report.warn(stage, f"{made} of {size} samples were generated: {why}. Add documents or ask for fewer.")


def _overlaps(chunk: Chunk, spans: Sequence[Span]) -> bool:
    return any(span.start < chunk.span.end and chunk.span.start < span.end for span in spans)
