"""A sample as the checks look at it: its turns, pairs of question and answer, and the passage it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from src.records import Message, Sample


class Exchange(NamedTuple):
    """A question and its answer, and the number of the answer among all messages, from 1."""

    question: str
    answer: str
    number: int


@dataclass(frozen=True)
class View:
    """One sample at its position in the dataset. `passage` is None where it is not at hand."""

    sample: Sample
    position: int
    passage: str | None = None

    @cached_property
    def turns(self) -> tuple[tuple[int, Message], ...]:
        """The messages that are no system message, with their numbers from 1."""
        return tuple((n, m) for n, m in enumerate(self.sample.messages, 1) if m.role != "system")

    @cached_property
    def answers(self) -> tuple[tuple[int, str], ...]:
        return tuple((number, message.content) for number, message in self.turns if message.role == "assistant")

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Each answer with what the user said right before it."""
        found, asked = [], ""
        for number, message in self.turns:
            if message.role == "assistant":
                found.append(Exchange(asked, message.content, number))
            asked = message.content if message.role == "user" else ""
        return tuple(found)

    @cached_property
    def text(self) -> str:
        """All turns, one after the other."""
        return "\n".join(message.content for _, message in self.turns)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each message with its name ("message 2"), the system message among them."""
        for number, message in enumerate(self.sample.messages, 1):
            yield f"message {number}", message.content


def place_of(where: str, start: int, end: int) -> str:
    """A place as flags name it; characters count from 1."""
    return f"{where}, characters {start + 1} to {end}"
