"""Create mode: new exchanges from passages of the documents, each with the quote that supports it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from src.agents.base_agent import CALLS_PER_SAMPLE, LEAST_PASSAGE_WORDS, Agent, Workbench
from src.agents.grounding import find_quote, is_near, question_key, rejection, small_model_rejection
from src.agents.prompt_library import fenced, load_prompt
from src.config.settings import Variety
from src.ingestion.chunker import Chunk
from src.providers.clients.chat_client import ChatRequest
from src.records import Document, Message, Origin, Sample, Span, make_sample

_SCHEMA = {
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


class CreateAgent(Agent):
    """One call gives question, answer and quote; the quote must stand in the passage, the answer must agree with it."""

    prompt_file = "create_mode.txt"

    def __init__(self, bench: Workbench, avoid: Mapping[str, Sequence[Span]] | None = None) -> None:
        """`avoid` names, by document id, spans that passages should not overlap (what identify mode took)."""
        super().__init__(bench)
        self.avoid = avoid or {}
        self.prompt = load_prompt(bench.prompts / "system" / self.prompt_file, ("passage", "focus", "style", "asked"))

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        passages = self.passages(documents, self.avoid)
        made = 0
        calls = size * CALLS_PER_SAMPLE if passages else 0
        for attempt in range(calls):
            if made == size:
                return
            sample = self._create(passages[attempt % len(passages)], attempt, len(passages))
            if sample is not None:
                made += 1
                yield sample
        if made < size:
            self._say_why_short(size, made, len(passages), calls)

    def _create(self, chunk: Chunk, attempt: int, passages: int) -> Sample | None:
        create = self.bench.settings.create
        # Each round over the passages moves every passage on to its next style.
        style = _STYLES[(attempt % passages + attempt // passages) % _VARIETY[create.variety]]
        values = {
            "passage": fenced(chunk.text),
            "focus": self._focus(chunk, attempt // passages),
            "style": style,
            "asked": self._already_asked(chunk),
        }
        request = ChatRequest(
            self.prompt.messages(values), _SCHEMA, create.temperature, max_tokens=400, seed=self.bench.seed + attempt
        )
        reply = self.try_to_ask(request)
        if reply is None:
            return None
        question, answer = reply["question"].strip(), reply["answer"].strip()
        quote = find_quote(reply["quote"], chunk.text)
        reason = "quote not in the passage"
        if quote is not None:
            reason = rejection(question, answer, chunk.text) or self._repeats(question)
            if not reason and self.bench.small_model:
                reason = small_model_rejection(question, answer, chunk.text[quote.start : quote.end])
        if reason or quote is None:
            self.report.drop(reason)
            return None
        self.bench.asked[question_key(question)] = question
        return make_sample([Message("user", question), Message("assistant", answer)], self._origin(chunk, quote))

    def _origin(self, chunk: Chunk, quote: Span) -> Origin:
        assert self.bench.client is not None
        return Origin(
            source_file=chunk.source_file,
            method="created",
            document_id=chunk.document_id,
            place=chunk.place,
            span=Span(chunk.span.start + quote.start, chunk.span.start + quote.end),
            chunk_id=chunk.id,
            prompt_id=self.prompt.id,
            model=self.bench.client.model,
        )

    def _repeats(self, question: str) -> str:
        key = question_key(question)
        near = key in self.bench.asked or any(is_near(key, other) for other in self.bench.asked)
        return "question asked before" if near else ""

    def _focus(self, chunk: Chunk, round_number: int) -> str:
        """The sentence to ask about: another one in each round over the passages, so that nothing is asked twice."""
        sentences = [" ".join(part.split()) for part in _SENTENCE_END.split(chunk.text) if len(part.split()) >= 5]
        random.Random(f"{self.bench.seed}:{chunk.id}").shuffle(sentences)  # noqa: S311
        return sentences[round_number % len(sentences)] if sentences else "anything in the passage"

    def _already_asked(self, chunk: Chunk) -> str:
        """The last questions that share words with this passage. A small model would only copy them."""
        if self.bench.small_model:
            return ""
        words = set(question_key(chunk.text).split())
        near = [q for key, q in self.bench.asked.items() if len(words & {w for w in key.split() if len(w) > 4}) >= 2]
        return "Already asked, ask something else:\n" + "\n".join(f"- {q[:200]}" for q in near[-5:]) if near else ""

    def _say_why_short(self, size: int, made: int, passages: int, calls: int) -> None:
        if not passages:
            why = f"no passage of the documents has {LEAST_PASSAGE_WORDS} words or more"
        else:
            why = f"{calls} calls on {passages} passages gave no more that pass the checks (see what was left out)"
        self.report.warn("create", f"{made} of {size} samples were generated: {why}. Add documents or ask for fewer.")


class HybridCreateAgent(CreateAgent):
    """The generated half of hybrid mode."""

    prompt_file = "hybrid_mode.txt"
