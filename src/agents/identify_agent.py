"""Identify mode: take the conversations that stand in the documents, word for word."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xxhash import xxh3_64_intdigest

from src.agents.base_agent import Agent, FirstRequests, Workbench, draw
from src.agents.conversation_detector import find_conversations, overlaps
from src.agents.grounding import question_key
from src.agents.llm_stage import LineMarker
from src.agents.recognisers.conversation import Conversation, Turn
from src.agents.recognisers.roles import Roles
from src.analysis.seen_codes import SeenCodes
from src.dataset.spools.sample_spool import SampleSpool, picked
from src.errors import LLMError
from src.records import Document, Message, Origin, Role, Sample, Span, make_sample

_MOST_SPEAKER_NOTES = 20
_MOST_SPEAKERS = 12


class IdentifyAgent(Agent):
    """Needs no LLM. With `llm_stage` an LLM marks lines in the text where the recognisers found nothing."""

    failure: LLMError | None = None  # what ended the LLM stage; what the recognisers found is kept

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._speakers: dict[str, dict[str, Role]] = {}  # by file
        self._seen = SeenCodes()

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        yield from self.choose(self.find(documents), size)
        if self.failure is not None:
            raise self.failure

    def find(self, documents: Sequence[Document]) -> Iterator[Sample]:
        """Every conversation that the provider takes as a sample, document after document.

        Repeats and refused ones are dropped and counted. Who was taken for user and assistant is noted.
        """
        marked = self._marked(documents) if self.bench.llm_stage else {}
        for document in documents:
            found = [*self._conversations(document), *marked.get(document.id, ())]
            found.sort(key=lambda conversation: conversation.span.start)
            yield from filter(self._is_acceptable, self._samples(document, found))
        self._tell_speakers()

    def requests(self, documents: Sequence[Document], size: int, most: int) -> FirstRequests:
        """Of the LLM stage: one call for each passage that may hold talk, whatever the size."""
        if not self.bench.llm_stage:
            return FirstRequests(0, ())
        requests = list(LineMarker(self.bench).requests_for(documents, self._spans(documents)))
        return FirstRequests(len(requests), [requests[number] for number in draw(len(requests), most)])

    def choose(self, samples: Iterable[Sample], size: int) -> Sequence[Sample]:
        """`size` of the samples, drawn evenly by seed and in the order of the documents; the rest is counted.

        However many there are, no more than a few are held in memory.
        """
        chance = random.Random(self.bench.seed)  # noqa: S311
        found, kept = SampleSpool(self.bench.scratch), array("Q")
        beyond = 0
        for number, sample in enumerate(samples):
            found.append(sample)
            if len(kept) < size:
                kept.append(number)
                continue
            beyond += 1
            place = chance.randrange(number + 1)
            if place < size:
                kept[place] = number
        if beyond:
            self.report.drop("found beyond dataset_size", beyond)
        return picked(found, array("Q", sorted(kept)))

    def _conversations(self, document: Document) -> list[Conversation]:
        """What the recognisers find."""
        identify = self.bench.settings.identify
        return find_conversations(document, identify.min_turns, Roles(identify.roles))

    def _spans(self, documents: Sequence[Document]) -> dict[str, list[Span]]:
        return {document.id: [one.span for one in self._conversations(document)] for document in documents}

    def _marked(self, documents: Sequence[Document]) -> dict[str, list[Conversation]]:
        """What the LLM marks where the recognisers found nothing, by document id."""
        try:
            return LineMarker(self.bench).find(documents, self._spans(documents))
        except LLMError as error:
            self.failure = error
            return {}

    def _is_acceptable(self, sample: Sample) -> bool:
        reason = self.bench.acceptable(sample)
        if reason:
            self.reject(reason)
        return not reason

    def _samples(self, document: Document, conversations: Sequence[Conversation]) -> Iterator[Sample]:
        self.report.count("conversations found", len(conversations))
        taken = [conversation.span for conversation in conversations]
        for conversation in conversations:
            turns = self._trainable(conversation)
            if not turns:
                continue
            self._remember_speakers(document, conversation)
            sample = self._sample(document, conversation, turns, taken)
            key = exchange_key(sample)
            if key in self._seen:
                self.report.drop("repeated conversation")
                continue
            self._seen.add(key)
            yield sample

    def _trainable(self, conversation: Conversation) -> list[Turn]:
        """The turns from the first of the user to the last of the assistant, none when they are too few.

        A training example begins with the user and ends with the assistant.
        """
        turns = [turn for turn in conversation.turns if turn.role != "system"]
        roles = [turn.role for turn in turns]
        first = roles.index("user")
        last = len(roles) - 1 - roles[::-1].index("assistant")
        kept = turns[first : last + 1]
        if len(kept) < self.bench.settings.identify.min_turns:
            self.report.drop("conversation with too few turns from a user's to an assistant's")
            return []
        if len(kept) < len(turns):
            self.report.drop("turn before the user's first or after the assistant's last", len(turns) - len(kept))
        return kept

    def _sample(
        self, document: Document, conversation: Conversation, turns: Sequence[Turn], taken: Sequence[Span]
    ) -> Sample:
        system = [turn for turn in conversation.turns if turn.role == "system"]
        messages = [Message(turn.role, turn.text(document)) for turn in (*system[:1], *turns)]
        context = self._context(document, conversation, taken)
        if context and messages[0].role != "system":
            messages.insert(0, Message("system", context))
        pieces = [piece for turn in turns for piece in turn.pieces]
        span = Span(min(piece.start for piece in pieces), max(piece.end for piece in pieces))
        origin = Origin(
            source_file=document.source_file,
            method="identified",
            document_id=document.id,
            place=document.place_of(span),
            span=span,
            turn_spans=tuple(turn.pieces for turn in turns),
            chunk_id=f"{document.short_id}:{span.start}-{span.end}",
        )
        marking = conversation.marked_by
        if marking is not None:
            origin = replace(origin, prompt_id=marking.prompt_id, model=marking.model, call_id=marking.call_id)
        return make_sample(messages, origin)

    def _remember_speakers(self, document: Document, conversation: Conversation) -> None:
        known = self._speakers.setdefault(document.source_file, {})
        known.update({name: role for name, role in conversation.speakers if Roles().of_label(name) is None})

    def _tell_speakers(self) -> None:
        """Note who was taken for whom, where the documents name people: the user may see it otherwise."""
        named = {file: speakers for file, speakers in self._speakers.items() if speakers}
        for file, speakers in list(named.items())[:_MOST_SPEAKER_NOTES]:
            listed = [f"{name} = {role}" for name, role in list(speakers.items())[:_MOST_SPEAKERS]]
            more = f" and {len(speakers) - len(listed)} more" if len(speakers) > len(listed) else ""
            self.report.note(file, f"speakers: {', '.join(listed)}{more}. Change it with agent.identify.roles")
        if len(named) > _MOST_SPEAKER_NOTES:
            self.report.note("speakers", f"{len(named) - _MOST_SPEAKER_NOTES} more files name their speakers")

    def _context(self, document: Document, conversation: Conversation, taken: Sequence[Span]) -> str:
        """The text before a conversation, word for word, when it belongs to no other one."""
        if not self.bench.settings.identify.include_context:
            return ""
        free = [
            span for span in conversation.context if not overlaps(span, [t for t in taken if t != conversation.span])
        ]
        return "\n".join(document.text_of(span) for span in free)


def exchange_key(sample: Sample) -> int:
    """Equal for samples whose first question and answer say the same: a digest of 64 bits."""
    question, answer = sample.turns[0].content, sample.turns[1].content
    text = f"{question_key(question)}\n{question_key(answer)}"
    return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
