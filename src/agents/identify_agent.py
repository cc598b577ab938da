"""Identify mode: take the conversations that stand in the documents, word for word."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from src.agents.base_agent import Agent, FirstRequests, draw
from src.agents.conversation_detector import find_conversations, overlaps
from src.agents.grounding import question_key
from src.agents.llm_stage import LineMarker
from src.agents.recognisers.conversation import Conversation
from src.errors import LLMError
from src.records import Document, Message, Origin, Sample, Span, make_sample


class IdentifyAgent(Agent):
    """Needs no LLM. With `llm_stage` an LLM marks lines in the text where the recognisers found nothing."""

    failure: LLMError | None = None  # what ended the LLM stage; what the recognisers found is kept

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        yield from self.choose(self.find(documents), size)
        if self.failure is not None:
            raise self.failure

    def find(self, documents: Sequence[Document]) -> list[Sample]:
        """Every conversation that the provider takes as a sample; repeats and refused ones are dropped and counted."""
        found = self.conversations(documents)
        if self.bench.llm_stage:
            self._add_marked(documents, found)
        samples = (sample for document in documents for sample in self._samples(document, found[document.id]))
        return [sample for sample in samples if self._is_acceptable(sample)]

    def conversations(self, documents: Sequence[Document]) -> dict[str, list[Conversation]]:
        """What the recognisers find, by document id."""
        least = self.bench.settings.identify.min_turns
        return {document.id: find_conversations(document, least) for document in documents}

    def requests(self, documents: Sequence[Document], size: int, most: int) -> FirstRequests:
        """Of the LLM stage: one call for each passage that may hold talk, whatever the size."""
        if not self.bench.llm_stage:
            return FirstRequests(0, ())
        found = _spans(self.conversations(documents))
        requests = list(LineMarker(self.bench).requests_for(documents, found))
        return FirstRequests(len(requests), [requests[number] for number in draw(len(requests), most)])

    def choose(self, samples: Sequence[Sample], size: int) -> Sequence[Sample]:
        """`size` of the samples, drawn by seed and in the order of the documents; the rest is counted."""
        if len(samples) <= size:
            return samples
        self.report.drop("found beyond dataset_size", len(samples) - size)
        kept = sorted(random.Random(self.bench.seed).sample(range(len(samples)), size))  # noqa: S311
        return [samples[i] for i in kept]

    def _add_marked(self, documents: Sequence[Document], found: dict[str, list[Conversation]]) -> None:
        try:
            marked = LineMarker(self.bench).find(documents, _spans(found))
        except LLMError as error:
            self.failure = error
            return
        for document_id, conversations in marked.items():
            found[document_id] = sorted([*found[document_id], *conversations], key=lambda one: one.span.start)

    def _is_acceptable(self, sample: Sample) -> bool:
        reason = self.bench.acceptable(sample)
        if reason:
            self.reject(reason)
        return not reason

    def _samples(self, document: Document, conversations: Sequence[Conversation]) -> Iterator[Sample]:
        self.report.count("conversations found", len(conversations))
        taken = [conversation.span for conversation in conversations]
        for conversation in conversations:
            sample = self._sample(document, conversation, taken)
            key = exchange_key(sample)
            if key in self.bench.asked:
                self.report.drop("repeated conversation")
                continue
            self.bench.asked.add(key, sample.turns[0].content)
            yield sample

    def _sample(self, document: Document, conversation: Conversation, taken: Sequence[Span]) -> Sample:
        messages = [Message(turn.role, turn.text(document)) for turn in conversation.turns]
        context = self._context(document, conversation, taken)
        if context and messages[0].role != "system":
            messages.insert(0, Message("system", context))
        turns = [turn for turn in conversation.turns if turn.role != "system"]
        span = conversation.span
        origin = Origin(
            source_file=document.source_file,
            method="identified",
            document_id=document.id,
            place=document.place_of(span),
            span=span,
            turn_spans=tuple(turn.pieces for turn in turns),
            chunk_id=f"{document.short_id}:{span.start}-{span.end}",
        )
        return make_sample(messages, origin)

    def _context(self, document: Document, conversation: Conversation, taken: Sequence[Span]) -> str:
        """The text before a conversation, word for word, when it belongs to no other one."""
        if not self.bench.settings.identify.include_context:
            return ""
        free = [
            span for span in conversation.context if not overlaps(span, [t for t in taken if t != conversation.span])
        ]
        return "\n".join(document.text_of(span) for span in free)


def _spans(found: Mapping[str, Sequence[Conversation]]) -> dict[str, list[Span]]:
    return {document_id: [one.span for one in conversations] for document_id, conversations in found.items()}


def exchange_key(sample: Sample) -> str:
    """Equal for samples whose first question and answer say the same."""
    question, answer = sample.turns[0].content, sample.turns[1].content
    return f"{question_key(question)}\n{question_key(answer)}"
