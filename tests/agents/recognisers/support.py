"""What the tests of recognisers share: documents of text, and what was found in them as plain tuples."""

from __future__ import annotations

from collections.abc import Sequence

from src.agents.conversation_detector import find_conversations
from src.agents.recognisers.conversation import Conversation
from src.agents.recognisers.roles import Roles
from src.records import Block, BlockKind, Document

Talk = list[tuple[str, str]]


def text_document(text: str) -> Document:
    return Document("d" * 64, "a.txt", (Block(text, "paragraph", "line 1", 0),))


def block_document(*blocks: tuple[str, BlockKind, str]) -> Document:
    """Blocks (text, kind, place) with a blank line between, as readers of office files give them."""
    laid: list[Block] = []
    position = 0
    for text, kind, place in blocks:
        laid.append(Block(text, kind, place, position))
        position += len(text) + 2
    return Document("d" * 64, "a.docx", tuple(laid))


def paragraphs(*texts: str) -> Document:
    return block_document(*((text, "paragraph", "paragraph 1") for text in texts))


def found(document: Document | str, roles: Roles | None = None) -> Sequence[Conversation]:
    document = text_document(document) if isinstance(document, str) else document
    return find_conversations(document, roles=roles)


def talks(document: Document | str, roles: Roles | None = None) -> list[Talk]:
    """The conversations as (role, text) turns, white space as it stands."""
    document = text_document(document) if isinstance(document, str) else document
    return [[(turn.role, turn.text(document)) for turn in one.turns] for one in found(document, roles)]


def pair(question: str, answer: str) -> Talk:
    return [("user", question), ("assistant", answer)]


def exchange(*said: str, first: str = "user") -> Talk:
    """Turns in which the two sides alternate."""
    roles = ("user", "assistant") if first == "user" else ("assistant", "user")
    return [(roles[number % 2], text) for number, text in enumerate(said)]
