"""Create mode: new exchanges from passages of the documents, each with the quote that supports it."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from src.agents.asking.askings import Askings
from src.agents.asking.candidates import Candidates
from src.agents.asking.exchange import Asking, Rejection, Reply, ask, complaining
from src.agents.base_agent import Agent, FirstRequests, Workbench, draw
from src.agents.grounding import find_quote, question_key, rejection, small_model_rejection
from src.agents.prompt_library import fenced, load_prompt
from src.config.settings import Variety
from src.ingestion.chunker import Chunk
from src.providers.clients.chat_client import ChatRequest
from src.records import Document, Message, Origin, Sample, Span, make_sample

STAGE = "create"
MAX_TOKENS = 400
SCHEMA = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "minLength": 8, "maxLength": 400},
        "question": {"type": "string", "minLength": 8, "maxLength": 300},
        "answer": {"type": "string", "minLength": 2, "maxLength": 700},
    },
    "required": ["quote", "question", "answer"],
    "additionalProperties": False,
}
_STYLES = (
    "a plain fact",
    "how to do it",
    "why it is so",
    "in everyday words",
    "a condition or a limit",
    "a problem and its solution",
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n{2,}")
# How many of the styles take turns.
_VARIETY: dict[Variety, int] = {"low": 1, "medium": 3, "high": len(_STYLES)}
_MOST_LISTED = 5
LEAST_FOCUS_WORDS = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """An exchange that passed the checks of its own passage; `quote` is a span of the passage's text.

    `call` is the journal's key of the answer it came in.
    """

    chunk: Chunk
    question: str
    answer: str
    quote: Span
    call: str


class CreateAgent(Agent):
    """One call gives question, answer and quote; the quote must stand in the passage, the answer must agree with it."""

    prompt_file = "create_mode.txt"

    def __init__(self, bench: Workbench, avoid: Mapping[str, Sequence[Span]] | None = None) -> None:
        """`avoid` names, by document id, spans that passages should not overlap (what identify mode took)."""
        super().__init__(bench)
        self.avoid = avoid or {}
        self.prompt = load_prompt(bench.prompts / "system" / self.prompt_file, ("passage", "focus", "style", "asked"))
        self._passages: list[Chunk] = []
        # What was asked about a passage, by its id, and what a refused candidate asked: (its number, question).
        self._asked_about: dict[str, list[tuple[int, str]]] = {}
        self._refused: dict[int, tuple[str, str]] = {}

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        self._passages = self.passages(documents, self.avoid)
        most = math.ceil(size * self.bench.settings.create.candidates_per_sample)
        if not size or not self._passages:
            self.say_why_short(STAGE, size, 0, 0, 0, most)
            return
        askings: Askings[Draft] = Askings(self.bench.llm, STAGE)
        candidates = Candidates(askings, self._start, self._judge, self.reject)
        yield from candidates.deliver(size, most)
        if candidates.accepted < size:
            self.say_why_short(STAGE, size, candidates.accepted, len(self._passages), candidates.started, most)

    def requests(self, documents: Sequence[Document], size: int, most: int) -> FirstRequests:
        """One call a sample; the drawn requests are of the first round over the passages."""
        self._passages = self.passages(documents, self.avoid)
        numbers = draw(min(size, len(self._passages)), most)
        drawn = [self._request(self._passages[n], self._passages[n].text, n, "") for n in numbers]
        return FirstRequests(size if drawn else 0, drawn)

    def _start(self, number: int, as_of: int, cause: int | None) -> Asking[Draft | Rejection]:
        chunk = self._passages[number % len(self._passages)]
        return self._draft(chunk, number, self._already_asked(chunk, as_of, cause))

    def _draft(self, chunk: Chunk, number: int, asked: str) -> Asking[Draft | Rejection]:
        request = self._request(chunk, chunk.text, number, asked)
        reply = yield from ask(request, lambda: self._smaller(chunk, number, asked))
        draft = self._checked(chunk, reply)
        if draft is None:
            complaint = "The quote does not stand in the passage. Copy a sentence of it word for word."
            reply = yield from ask(complaining(request, complaint))
            draft = self._checked(chunk, reply)
        return draft or Rejection("quote not in the passage")

    def _checked(self, chunk: Chunk, reply: Reply) -> Draft | Rejection | None:
        """The draft, why it is none, or None when its quote cannot be found."""
        question, answer = reply.values["question"].strip(), reply.values["answer"].strip()
        quote = find_quote(reply.values["quote"], chunk.text, self.bench.settings.create.grounding_threshold)
        if quote is None:
            return None
        reason = rejection(question, answer, chunk.text)
        if not reason and self.bench.small_model:
            reason = small_model_rejection(question, answer, chunk.text[quote.start : quote.end])
        return Rejection(reason) if reason else Draft(chunk, question, answer, quote, reply.call)

    def _judge(self, number: int, draft: Draft) -> Sample | str:
        key = question_key(draft.question)
        earlier = self.bench.asked.find(key)
        if earlier is not None:
            self._refused[number] = (draft.question, earlier)
            return "question asked before"
        messages = [Message("user", draft.question), Message("assistant", draft.answer)]
        sample = make_sample(messages, self._origin(draft))
        reason = self.bench.acceptable(sample)
        if reason:
            return reason
        self.bench.asked.add(key, draft.question)
        self._asked_about.setdefault(draft.chunk.id, []).append((number, draft.question))
        return sample

    def _request(self, chunk: Chunk, passage: str, number: int, asked: str) -> ChatRequest:
        create = self.bench.settings.create
        turn, place = divmod(number, len(self._passages))
        values = {
            "passage": fenced(passage),
            "focus": self._focus(chunk, turn),
            # Each round over the passages moves every passage on to its next style.
            "style": _STYLES[(place + turn) % _VARIETY[create.variety]],
            "asked": asked,
        }
        messages = self.prompt.messages(values)
        return ChatRequest(messages, SCHEMA, create.temperature, max_tokens=MAX_TOKENS, seed=self.bench.seed + number)

    def _smaller(self, chunk: Chunk, number: int, asked: str) -> ChatRequest:
        """The same question about the half of the passage around its focus."""
        focus = self._focus(chunk, number // len(self._passages))
        middle = max(0, chunk.text.find(focus[:40])) + len(focus) // 2
        start = max(0, min(middle - len(chunk.text) // 4, len(chunk.text) // 2))
        return self._request(chunk, chunk.text[start : start + len(chunk.text) // 2], number, asked)

    def _origin(self, draft: Draft) -> Origin:
        chunk, quote = draft.chunk, draft.quote
        return Origin(
            source_file=chunk.source_file,
            method="created",
            document_id=chunk.document_id,
            place=chunk.place,
            span=Span(chunk.span.start + quote.start, chunk.span.start + quote.end),
            chunk_id=chunk.id,
            prompt_id=self.prompt.id,
            model=self.bench.llm.model,
            call_id=draft.call,
        )

    def _focus(self, chunk: Chunk, turn: int) -> str:
        """The sentence to ask about: another one in each round over the passages, so that nothing is asked twice."""
        sentences = _sentences(chunk.text)
        if not sentences:
            return "anything in the passage"
        # Where the walk over the sentences starts depends on seed and passage; it takes each of them once.
        start = zlib.crc32(f"{self.bench.seed}:{chunk.id}".encode())
        return sentences[(start + turn) % len(sentences)]

    def _already_asked(self, chunk: Chunk, as_of: int, cause: int | None) -> str:
        """The question that was refused as a repeat, the one it repeats, and the last ones about this passage.

        A small model would only copy them.
        """
        if self.bench.small_model:
            return ""
        questions = list(self._refused.get(cause, ())) if cause is not None else []
        about = [question for number, question in self._asked_about.get(chunk.id, ()) if number < as_of]
        listed = dict.fromkeys([*questions, *about[-_MOST_LISTED:]])
        return "Already asked, ask something else:\n" + "\n".join(f"- {q[:200]}" for q in listed) if listed else ""


@lru_cache(maxsize=512)
def _sentences(passage: str) -> Sequence[str]:
    """The sentences of a passage that have enough words to ask about, each on one line."""
    parts = (part.split() for part in _SENTENCE_END.split(passage))
    return tuple(" ".join(words) for words in parts if len(words) >= LEAST_FOCUS_WORDS)


class HybridCreateAgent(CreateAgent):
    """The generated half of hybrid mode."""

    prompt_file = "hybrid_mode.txt"
