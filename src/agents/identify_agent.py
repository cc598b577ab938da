"""Identify mode: take the conversations that stand in the documents, word for word."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from src.agents.base_agent import Agent
from src.agents.conversation import Conversation
from src.agents.conversation_detector import find_conversations, overlaps
from src.agents.grounding import question_key
from src.agents.llm_stage import LineMarker
from src.records import Document, Message, Origin, Sample, Span, make_sample


class IdentifyAgent(Agent):
    """Needs no LLM. With `llm_stage` an LLM marks lines in the text where the recognisers found nothing."""

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        samples = [sample for document in documents for sample in self.find(document)]
        yield from self.choose(samples, size)

    def find(self, document: Document) -> Iterator[Sample]:
        """Every conversation of one document as a sample; repeats of an earlier question and answer are dropped."""
        conversations = find_conversations(document, self.bench.settings.identify.min_turns)
        if self.bench.llm_stage:
            conversations = self._with_llm_stage(document, conversations)
        self.report.count("conversations found", len(conversations))
        taken = [conversation.span for conversation in conversations]
        for conversation in conversations:
            sample = self._sample(document, conversation, taken)
            key = exchange_key(sample)
            if key in self.bench.asked:
                self.report.drop("repeated conversation")
                continue
            self.bench.asked[key] = sample.turns[0].content
            yield sample

    def choose(self, samples: Sequence[Sample], size: int) -> Sequence[Sample]:
        """`size` of the samples, drawn by seed and in the order of the documents; the rest is counted."""
        if len(samples) <= size:
            return samples
        self.report.drop("found beyond dataset_size", len(samples) - size)
        kept = sorted(random.Random(self.bench.seed).sample(range(len(samples)), size))  # noqa: S311
        return [samples[i] for i in kept]

    def _with_llm_stage(self, document: Document, found: list[Conversation]) -> list[Conversation]:
        marked = LineMarker(self.bench).find(document, [conversation.span for conversation in found])
        return sorted([*found, *marked], key=lambda conversation: conversation.span.start)

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
            chunk_id=f"{document.id[:12]}:{span.start}-{span.end}",
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


def exchange_key(sample: Sample) -> str:
    """Equal for samples whose first question and answer say the same."""
    question, answer = sample.turns[0].content, sample.turns[1].content
    return f"{question_key(question)}\n{question_key(answer)}"
