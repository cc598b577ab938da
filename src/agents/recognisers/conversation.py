"""What a recogniser finds: conversations as spans of a Document's text, never as copied text."""

from __future__ import annotations

from collections.abc import Iterator
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
class Conversation:
    """Turns that belong together, all of them, in the order of the text, neighbours with different roles.

    `recogniser` found them; `context` is the text before that explains them; `speakers` says which name or
    label stands for which role, in the order they first speak.
    """

    turns: tuple[Turn, ...]
    recogniser: str
    context: tuple[Span, ...] = ()
    speakers: tuple[tuple[str, Role], ...] = ()

    @property
    def span(self) -> Span:
        pieces = [piece for turn in self.turns for piece in turn.pieces]
        return Span(min(piece.start for piece in pieces), max(piece.end for piece in pieces))


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
    position = 0
    blank_before = 1  # the start of the text counts as a break
    for number, text in enumerate(raw):
        if text.strip():
            next_blank = number + 1 >= len(raw) or not raw[number + 1].strip()
            heading = _names_a_section(document, position, text, alone=blank_before > 0 and next_blank)
            yield Line(text, position, heading, blank_before)
            blank_before = 0
        else:
            blank_before += 1
        position += len(text) + 1


def _names_a_section(document: Document, position: int, text: str, alone: bool) -> bool:
    block = document.block_at(position)
    if block.kind in ("heading", "title"):
        return True
    stripped = text.strip()
    if stripped.startswith("#") or (stripped and not stripped.strip("-=*_ ")):
        return True
    looks_short = len(stripped) <= 60 and len(stripped.split()) <= 8
    return alone and looks_short and stripped[0].isupper() and stripped[-1] not in ".!?:;,\"')”’…*"


def trimmed(document: Document, start: int, end: int) -> Span | None:
    """The span without white space at its ends, None when nothing else is in it."""
    text = document.text[start:end]
    left = len(text) - len(text.lstrip())
    right = len(text.rstrip())
    return Span(start + left, start + right) if right > left else None
