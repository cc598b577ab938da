"""What a recogniser finds: conversations as spans of a Document's text, never as copied text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from src.records import Document, Role, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as the pieces of the source it stands in; more than one when other text lies between."""

    role: Role
    pieces: tuple[Span, ...]

    def text(self, document: Document) -> str:
        """The pieces' texts joined by a newline."""
        return "\n".join(document.text_of(piece) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Marking:
    """The answer of an LLM that marked a conversation's lines; `call_id` is its key in the journal."""

    prompt_id: str
    model: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns that belong together, all of them, in the order they were said, neighbours with different roles.

    `recogniser` found them; `context` is the text before that explains them; `speakers` says which name or
    label stands for which role, in the order they first speak. `marked_by` is set where an LLM marked its lines.
    """

    turns: tuple[Turn, ...]
    recogniser: str
    context: tuple[Span, ...] = ()
    speakers: tuple[tuple[str, Role], ...] = ()
    marked_by: Marking | None = None

    @property
    def span(self) -> Span:
        pieces = [piece for turn in self.turns for piece in turn.pieces]
        return Span(min(piece.start for piece in pieces), max(piece.end for piece in pieces))


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a speaker says at one go, before neighbours of one role are joined."""

    speaker: str
    role: Role
    pieces: tuple[Span, ...]


def conversation_of(
    utterances: Sequence[Utterance], recogniser: str, context: tuple[Span, ...] = ()
) -> Conversation | None:
    """The utterances as a Conversation, those of one role in a row joined; None unless user and assistant speak.

    Utterances without text are left out.
    """
    joined: list[tuple[Role, list[Span]]] = []
    speakers: dict[tuple[str, Role], None] = {}
    for said in utterances:
        if not said.pieces:
            continue
        speakers[said.speaker, said.role] = None
        if joined and joined[-1][0] == said.role:
            joined[-1][1].extend(said.pieces)
        else:
            joined.append((said.role, list(said.pieces)))
    if len({role for _, role in speakers if role != "system"}) < 2:
        return None
    turns = tuple([Turn(role, tuple(pieces)) for role, pieces in joined])
    return Conversation(turns, recogniser, context, tuple(speakers))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a Document's text, without its line break. `heading` is set where it names a section."""

    text: str
    start: int
    heading: bool
    blank_before: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def lines_of(document: Document) -> Iterator[Line]:
    """The lines of a document that are not blank, each with the number of blank lines before it.

    A line is a heading when its block is one, or when it stands alone between blank lines, is short and
    does not end like a sentence.
    """
    raw = document.text.split("\n")
    headings = {block.start for block in document.blocks if block.kind in ("heading", "title")}
    position = 0
    blank_before = 1  # the start of the text counts as a break
    in_heading_until = -1
    for number, text in enumerate(raw):
        if text.strip():
            if position in headings:
                in_heading_until = document.block_at(position).end
            next_blank = number + 1 >= len(raw) or not raw[number + 1].strip()
            named = position < in_heading_until or is_ruler_or_hash(text)
            heading = named or (blank_before > 0 and next_blank and looks_like_title(text))
            yield Line(text, position, heading, blank_before)
            blank_before = 0
        else:
            blank_before += 1
        position += len(text) + 1


def is_ruler_or_hash(text: str) -> bool:
    """Whether a line is a Markdown heading or a line drawn with characters."""
    stripped = text.strip()
    return stripped.startswith("#") or (bool(stripped) and not stripped.strip("-=*_ "))


def looks_like_title(text: str) -> bool:
    """Whether a line that stands alone names what follows: short, a capital first, no end of a sentence."""
    stripped = text.strip()
    if not stripped or len(stripped) > 60 or len(stripped.split()) > 8:
        return False
    return stripped[0].isupper() and stripped[-1] not in ".!?:;,\"')”’…*。？！：；，"


def trimmed(document: Document, start: int, end: int) -> Span | None:
    """The span without white space at its ends, None when nothing else is in it."""
    text = document.text[start:end]
    right = len(text.rstrip())
    left = len(text) - len(text.lstrip()) if right else 0
    return Span(start + left, start + right) if right else None
