"""Rendering: an example as a chat template writes it, cut where special tokens stand and where learning begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from src.errors import FormatError
from src.providers.formats.training_example import TrainingExample, Turn

# assistant: every answer whose weight is not 0. last: the last answer alone. all: everything but answers of weight 0.
TrainOn = Literal["assistant", "last", "all"]
TRAIN_ON: tuple[TrainOn, ...] = ("assistant", "last", "all")
# A text, to be encoded as it stands, or ids of special and other fixed tokens.
Payload = str | tuple[int, ...]
_NO_ANSWER = -1


@dataclass(slots=True)
class Rendering:
    """What is written, in order. Each piece belongs to an answer, counted from 0, or to none (-1).

    An answer is what the model is to write: its text and the token that ends its turn. `weighs` says of each answer
    whether its weight lets it be learnt.
    """

    pieces: list[tuple[Payload, int]] = field(default_factory=list)
    weighs: list[bool] = field(default_factory=list)

    def add(self, payload: Payload) -> None:
        """Add what the model is given."""
        if payload:
            self.pieces.append((payload, _NO_ANSWER))

    def add_answer(self, turn: Turn | None, *payloads: Payload) -> None:
        """Add what the model is to write in a turn."""
        self.pieces += [(payload, len(self.weighs)) for payload in payloads if payload]
        self.weighs.append(turn is None or turn.weight != 0)

    def learnt(self, train_on: TrainOn) -> list[bool]:
        """For each piece, whether its tokens count in the loss."""
        last = len(self.weighs) - 1
        answers = [weighs and (train_on != "last" or place == last) for place, weighs in enumerate(self.weighs)]
        answers.append(train_on == "all")  # the place of no answer, -1
        return [answers[answer] for _, answer in self.pieces]


class Template(Protocol):
    """A chat template of one tokenizer. `name` stands in the file."""

    name: str

    def render(self, example: TrainingExample) -> Rendering:
        """The example as the template writes it. Raises FormatError, with the reason alone, where it cannot."""


def refuse_what_no_template_has(example: TrainingExample) -> None:
    """Raises FormatError for examples that are no single text: two answers, none, pictures."""
    if example.kind == "preference":
        raise FormatError("two answers to choose from; convert it to a format of conversations first")
    if example.kind == "prompt":
        raise FormatError("no answer to learn")
    if any(turn.media for turn in example.turns):
        raise FormatError("pictures or files")
    if any(turn.refusal for turn in example.turns):
        raise FormatError("a refusal, for which the template has no place")


def refuse_tools(example: TrainingExample, template: str) -> None:
    """Raises FormatError where a template says nothing of tools."""
    if example.tools or any(turn.tool_calls or turn.role == "tool" for turn in example.turns):
        raise FormatError(f"tools or tool calls, for which {template} has no place")
