"""Find turns that carry a label at the start of a line: Q:/A:, User:/Assistant:, **Question**/**Answer**.

One pass over the lines with short anchored patterns, so the time grows with the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from src.agents.recognisers.conversation import Conversation, Line, Turn, lines_of, trimmed
from src.agents.recognisers.roles import Roles
from src.records import Document, Role, Span

NAME = "labelled turns"

_QUESTION = ("q", "question")
_ANSWER = ("a", "answer")
_USER = ("user", "human", "customer", "client", "caller", "visitor", "student", "patient", "interviewer", "you", "me")
_ASSISTANT = (
    "assistant", "ai", "ai assistant", "bot", "chatbot", "agent", "support", "support agent", "chatgpt", "gpt",
    "claude", "gemini", "advisor", "representative", "operator", "tutor", "teacher", "doctor", "interviewee", "model",
)  # fmt: skip
_ROLES: dict[str, Role] = {
    **dict.fromkeys((*_QUESTION, *_USER), "user"),
    **dict.fromkeys((*_ANSWER, *_ASSISTANT), "assistant"),
    "system": "system",
}
_START = r"[ \t]{0,16}(?:[>#*•-]{1,6}[ \t]{1,4})?"
_WORD = r"(?P<label>[A-Za-z][A-Za-z ]{0,19}?)(?:[ \t]?#?\d{1,4})?"
# "Q:", "Q1.", "User:", "**User:**", and "**Q: all of it bold**"
_MARKED = re.compile(rf"{_START}(?P<open>\*\*|__)?{_WORD}[ \t]?(?P<mark>[:：.)])(?P<close>\*\*|__)?(?:[ \t]+|$)")
# "**Question**", "**Question**:", "**Q1**."
_BOLD = re.compile(rf"{_START}(?P<open>\*\*|__){_WORD}(?P<close>\*\*|__)(?P<mark>[:：.)]?)(?:[ \t]+|$)")
_LONGEST_CONTEXT_LINE = 300
_LIST_ITEM = re.compile(r"[-*•]\s|\d{1,2}[.)]\s")

Family = Literal["question and answer", "chat"]


@dataclass(frozen=True, slots=True)
class _Label:
    family: Family
    role: Role
    start: int  # where the turn's text starts
    end: int  # where the line's text ends, without a closing "**"
    outline_letter: bool  # "A." may be an item of an outline


@dataclass(slots=True)
class _OpenTurn:
    role: Role
    start: int
    end: int


@dataclass(slots=True)
class _Run:
    """Consecutive labelled turns of one family."""

    family: Family
    context: tuple[Span, ...]
    turns: list[_OpenTurn] = field(default_factory=list)
    goes_on: bool = False  # a turn of this run went on after a blank line

    @property
    def waits_for_answer(self) -> bool:
        return self.turns[-1].role == "user"


def find_labelled_turns(document: Document, roles: Roles) -> Iterator[Conversation]:
    """Conversations of labelled turns.

    Every question of the Q/A family starts a conversation of its own. A chat goes on until a heading, a ruler,
    two blank lines before the user speaks, or a new system message; turns of one speaker in a row are joined.
    What stands before the first user turn and after the last assistant turn is left out, since a training
    example starts and ends so.
    """
    for run in _runs(document):
        groups = _exchanges(run.turns) if run.family == "question and answer" else [run.turns]
        for group in groups:
            turns = _joined(document, group)
            if turns:
                yield Conversation(tuple(turns), NAME, run.context)


def _runs(document: Document) -> Iterator[_Run]:
    lines = list(lines_of(document))
    labels = [_label_of(line) for line in lines]
    followed = _followed_by_label(lines, labels)
    run: _Run | None = None
    above: list[Line] = []
    for line, label, is_followed in zip(lines, labels, followed, strict=True):
        if label is not None and label.outline_letter and not (run and run.waits_for_answer):
            label = None
        if run is not None and not _belongs(line, label, run, is_followed):
            yield run
            run, above = None, []
        if label is not None:
            run = run or _Run(label.family, _context(document, above))
            run.turns.append(_OpenTurn(label.role, label.start, label.end))
        elif run is not None:
            run.goes_on = run.goes_on or line.blank_before > 0
            run.turns[-1].end = line.end
        else:
            above = [*above[-1:], line]
    if run is not None:
        yield run


def _belongs(line: Line, label: _Label | None, run: _Run, is_followed: bool) -> bool:
    """Whether a line goes on with the run."""
    if label is not None:
        new_chat = run.family == "chat" and label.role != "assistant" and line.blank_before > 1
        return label.family == run.family and label.role != "system" and not new_chat
    if line.heading:
        return False
    if not line.blank_before or is_followed or run.goes_on:
        return line.blank_before < 3
    return line.text[:1] in (" ", "\t") or _LIST_ITEM.match(line.text) is not None


def _label_of(line: Line) -> _Label | None:
    match = _MARKED.match(line.text) or _BOLD.match(line.text)
    if match is None:
        return None
    word = match["label"].strip().lower()
    role = _ROLES.get(word)
    if role is None or (match["close"] and not match["open"]):
        return None
    family: Family = "question and answer" if word in (*_QUESTION, *_ANSWER) else "chat"
    if family == "chat" and match["mark"] in (".", ")"):
        return None
    end = line.end
    if match["open"] and not match["close"]:
        if not line.text.rstrip().endswith(match["open"]):
            return None  # bold that starts with a label and ends elsewhere: "**Note: see** below"
        end = line.start + len(line.text.rstrip()) - 2
    return _Label(family, role, line.start + match.end(), end, word == "a" and match["mark"] in (".", ")"))


def _followed_by_label(lines: Sequence[Line], labels: Sequence[_Label | None]) -> list[bool]:
    """For each line whether a labelled line comes before the next heading."""
    followed = [False] * len(lines)
    ahead = False
    for i in range(len(lines) - 1, -1, -1):
        followed[i] = ahead
        label = labels[i]
        if label is not None and not label.outline_letter:
            ahead = True
        elif lines[i].heading or lines[i].blank_before > 1:
            ahead = False
    return followed


def _exchanges(turns: Sequence[_OpenTurn]) -> Iterator[list[_OpenTurn]]:
    """Cut Q/A turns before each question that follows an answer, or that follows a question nobody answered."""
    group: list[_OpenTurn] = []
    for turn in turns:
        if turn.role == "user" and group:
            yield group
            group = []
        group.append(turn)
    yield group


def _joined(document: Document, turns: Sequence[_OpenTurn]) -> list[Turn]:
    """Turns with content, those of one speaker in a row joined, from the first user to the last assistant."""
    joined: list[Turn] = []
    for turn in turns:
        span = trimmed(document, turn.start, turn.end)
        if span is None:
            continue
        if joined and joined[-1].role == turn.role:
            joined[-1] = Turn(turn.role, (*joined[-1].pieces, span))
        else:
            joined.append(Turn(turn.role, (span,)))
    roles = [turn.role for turn in joined]
    if "user" not in roles or "assistant" not in roles:
        return []
    first_user = roles.index("user")
    last_assistant = len(roles) - 1 - roles[::-1].index("assistant")
    system = [turn for turn in joined[:first_user] if turn.role == "system"]
    body = joined[first_user : last_assistant + 1]
    return [*system, *body] if body else []


def _context(document: Document, above: Sequence[Line]) -> tuple[Span, ...]:
    """The heading just above a run, and the short sentence below it if there is one; speaker notes are no context."""
    lines = [line for line in above[-2:] if document.block_at(line.start).kind != "note"]
    if lines and lines[-1].heading:
        lines = lines[-1:]
    kept = lines if lines and lines[0].heading else lines[-1:]
    spans = [trimmed(document, line.start, line.end) for line in kept if len(line.text) <= _LONGEST_CONTEXT_LINE]
    return tuple(span for span in spans if span is not None and document.text_of(span).strip("-=*_# "))
