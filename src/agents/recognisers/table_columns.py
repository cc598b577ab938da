"""Find question and answer columns (also prompt/completion, instruction/input/output) in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.agents.recognisers.conversation import Conversation, Turn, trimmed
from src.agents.recognisers.roles import Roles
from src.records import Block, Document, Role, Span

NAME = "table columns"
_ROLES: dict[str, Role] = {
    **dict.fromkeys(("question", "questions", "q", "prompt", "query", "user", "human", "instruction"), "user"),
    **dict.fromkeys(("user message", "customer question", "customer message", "faq"), "user"),
    **dict.fromkeys(("answer", "answers", "a", "completion", "response", "output", "assistant", "reply"), "assistant"),
    **dict.fromkeys(("assistant message", "agent reply", "agent response", "gpt", "ai"), "assistant"),
    **dict.fromkeys(("system", "system prompt"), "system"),
}
_CONTEXT = ("category", "topic", "section", "subject", "product", "title")


def find_table_conversations(document: Document, roles: Roles) -> Iterator[Conversation]:
    """One exchange for each row that has a question cell and an answer cell."""
    for block in document.blocks:
        conversation = _row_conversation(document, block) if block.cells else None
        if conversation is not None:
            yield conversation


def _row_conversation(document: Document, block: Block) -> Conversation | None:
    cells: dict[str, Span] = {}
    for cell in block.cells:
        span = trimmed(document, block.start + cell.start, block.start + cell.end)
        if span is not None:
            cells.setdefault(_plain(cell.name), span)
    roles: dict[Role, Span] = {}
    for name, span in cells.items():
        if name in _ROLES:
            roles.setdefault(_ROLES[name], span)
    if "user" not in roles or "assistant" not in roles:
        return None
    # Alpaca: the input column is the second half of the instruction.
    more = (cells["input"],) if "instruction" in cells and "input" in cells else ()
    turns = [Turn("user", (roles["user"], *more)), Turn("assistant", (roles["assistant"],))]
    if "system" in roles:
        turns.insert(0, Turn("system", (roles["system"],)))
    return Conversation(tuple(turns), NAME, tuple(span for name, span in cells.items() if name in _CONTEXT))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()
