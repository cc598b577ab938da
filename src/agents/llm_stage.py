"""The optional second stage of identify mode: an LLM marks line ranges; the text is cut from the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.agents.asking.askings import CALL_FAILED, gather
from src.agents.asking.candidates import MOST_FAILURES_IN_A_ROW
from src.agents.asking.exchange import Asking, Rejection, ask
from src.agents.base_agent import Agent, Workbench
from src.agents.conversation_detector import overlaps
from src.agents.prompt_library import fenced, load_prompt
from src.agents.recognisers.conversation import Conversation, Line, Marking, Turn, lines_of, trimmed
from src.providers.clients.chat_client import ChatRequest
from src.records import Document, Role, Sample, Span

NAME = "LLM-marked lines"
STAGE = "identify"
MAX_TOKENS = 800
_LEAST_LINES = 2
SCHEMA = {
    "type": "object",
    "properties": {
        "turns": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {
                    "role": {"type": "string", "enum": ["user", "assistant"]},
                    "first_line": {"type": "integer"},
                    "last_line": {"type": "integer"},
                    "label": {"type": "string", "maxLength": 40},
                },
                "required": ["role", "first_line", "last_line", "label"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["turns"],
    "additionalProperties": False,
}


class LineMarker(Agent):
    """Finds conversations in the parts of a document that no recogniser understood."""

    prompt_file = "identify_mode.txt"

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.prompt = load_prompt(bench.prompts / "system" / self.prompt_file)

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        raise TypeError("LineMarker finds conversations for IdentifyAgent; call find")

    def find(self, documents: Sequence[Document], taken: Mapping[str, Sequence[Span]]) -> dict[str, list[Conversation]]:
        """Conversations by document id, outside the spans that `taken` names by document id.

        An answer is accepted only as a whole: its ranges stand inside the text that was shown, in order, and
        every label stands at the start of its line. Whatever is accepted is a span of the source.
        """
        passages = [(document, lines) for document in documents for lines in self._ambiguous(document, taken)]
        outcomes = gather(self.bench.llm, STAGE, [self._mark(document, lines) for document, lines in passages])
        found: dict[str, list[Conversation]] = {document.id: [] for document in documents}
        for (document, _), outcome in zip(passages, outcomes, strict=False):
            if isinstance(outcome, Rejection):
                self.reject(outcome.reason)
            elif outcome is not None and len(outcome.turns) >= self.bench.settings.identify.min_turns:
                found[document.id].append(outcome)
        _raise_when_host_is_down(outcomes)
        return found

    def requests_for(self, documents: Sequence[Document], taken: Mapping[str, Sequence[Span]]) -> Iterator[ChatRequest]:
        """What would be asked: for an estimate."""
        for document in documents:
            for lines in self._ambiguous(document, taken):
                yield self._request(lines)

    def _mark(self, document: Document, lines: list[Line]) -> Asking[Conversation | Rejection]:
        reply = yield from ask(self._request(lines))
        turns = _turns(document, lines, reply.values["turns"])
        if turns is None:
            return Rejection("marked lines do not stand in the source")
        return Conversation(tuple(turns), NAME, marked_by=Marking(self.prompt.id, self.bench.llm.model, reply.call))

    def _request(self, lines: Sequence[Line]) -> ChatRequest:
        numbered = "\n".join(f"{number}: {line.text}" for number, line in enumerate(lines, 1))
        messages = self.prompt.messages({"passage": fenced(numbered)})
        return ChatRequest(messages, SCHEMA, 0.0, max_tokens=MAX_TOKENS, seed=self.bench.seed)

    def _ambiguous(self, document: Document, taken_by: Mapping[str, Sequence[Span]]) -> Iterator[list[Line]]:
        """Runs of free lines with a sign of talk (a question, or "Name:"), each within the passage budget."""
        taken = taken_by.get(document.id, ())
        passage: list[Line] = []
        tokens = 0
        for line in lines_of(document):
            cost = self.bench.count_tokens(line.text) + 4
            if overlaps(Span(line.start, line.end), taken) or tokens + cost > self.bench.passage_tokens:
                if _may_hold_talk(passage):
                    yield passage
                passage, tokens = [], 0
            if not overlaps(Span(line.start, line.end), taken) and cost <= self.bench.passage_tokens:
                passage.append(line)
                tokens += cost
        if _may_hold_talk(passage):
            yield passage


def _raise_when_host_is_down(outcomes: Sequence[object]) -> None:
    """A host that failed at every passage, several of them, is down: that is no "nothing found"."""
    failed = [outcome for outcome in outcomes if isinstance(outcome, Rejection) and outcome.reason == CALL_FAILED]
    if len(failed) >= MOST_FAILURES_IN_A_ROW and len(failed) == len(outcomes) and failed[0].error:
        raise failed[0].error


def _may_hold_talk(lines: Sequence[Line]) -> bool:
    asks = any("?" in line.text for line in lines)
    named = sum(1 for line in lines if 0 < line.text.find(": ") <= 30)
    return len(lines) >= _LEAST_LINES and (asks or named >= 2)


def _turns(document: Document, lines: Sequence[Line], marked: Sequence[dict[str, object]]) -> list[Turn] | None:
    """The marked turns from the first user to the last assistant, None when one of them cannot be right."""
    turns: list[Turn] = []
    position = 0
    for mark in marked:
        first, last, label = mark["first_line"], mark["last_line"], mark["label"]
        assert isinstance(first, int) and isinstance(last, int) and isinstance(label, str)
        if not position < first <= last <= len(lines) or not lines[first - 1].text.startswith(label):
            return None
        position = last
        span = trimmed(document, lines[first - 1].start + len(label), lines[last - 1].end)
        role: Role = "user" if mark["role"] == "user" else "assistant"
        if span is None:
            return None
        if turns and turns[-1].role == role:
            turns[-1] = Turn(role, (*turns[-1].pieces, span))
        elif turns or role == "user":
            turns.append(Turn(role, (span,)))
    return turns[:-1] if turns and turns[-1].role == "user" else turns
