"""TrainingExample: what one row of any fine-tuning file says, whichever provider's shape it was written in.

Every row format reads its rows into this record and writes them from it, so a file of one provider becomes a file of
another by way of it. A Sample, whose messages are text alone, is the simplest kind (`from_messages`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from src.errors import FormatError
from src.records import Message

TurnRole = Literal["system", "developer", "user", "assistant", "tool"]
# conversation: ends with the answer to be learnt. preference: a conversation with a better and a worse answer.
# prompt: a conversation without the answer, which a grader judges (reinforcement). text: raw text (pretraining).
Kind = Literal["conversation", "preference", "prompt", "text"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of text in a turn that is made of parts."""

    text: str


@dataclass(frozen=True, slots=True)
class MediaPart:
    """A picture or another file. `uri` is an https, gs, s3 or data URI; `mime_type` is "" where the row names none.

    `detail` is OpenAI's "low", "high" or "auto", "" when not given.
    """

    uri: str
    mime_type: str = ""
    detail: str = ""


Part = TextPart | MediaPart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the assistant makes. `arguments` is the text of a JSON object; `id` is "" in formats without ids."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call. `parameters` is a JSON Schema with lower-case type names, None when not given."""

    name: str
    description: str | None = None
    parameters: Mapping[str, object] | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `content` is text, or parts where it holds more than one text or a file; None beside tool calls.

    A tool's turn answers the call `tool_call_id` of the function `name`. `weight` 0 keeps a turn out of the loss;
    None means that the row does not say.
    """

    role: TurnRole
    content: str | tuple[Part, ...] | None = None
    name: str = ""
    weight: int | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    refusal: str | None = None

    @property
    def text(self) -> str:
        """The text of the turn, its parts one after the other; "" when it has none."""
        if isinstance(self.content, tuple):
            return "".join(part.text for part in self.content if isinstance(part, TextPart))
        return self.content or ""

    @property
    def media(self) -> tuple[MediaPart, ...]:
        parts = self.content if isinstance(self.content, tuple) else ()
        return tuple(part for part in parts if isinstance(part, MediaPart))


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One row. `turns` is the conversation, up to the two answers where it is a preference.

    `preferred` and `rejected` are filled for a preference alone, `text` for raw text alone. `extras` are keys of the
    row that only formats of the family `extras_of` know (a grader's reference answer, a generationConfig), as JSON
    values; other formats leave them out and say so.
    """

    turns: tuple[Turn, ...] = ()
    preferred: tuple[Turn, ...] = ()
    rejected: tuple[Turn, ...] = ()
    text: str | None = None
    tools: tuple[Tool, ...] = ()
    parallel_tool_calls: bool | None = None
    extras: Mapping[str, object] = field(default_factory=dict)
    extras_of: str = ""

    @property
    def kind(self) -> Kind:
        if self.text is not None:
            return "text"
        if self.preferred or self.rejected:
            return "preference"
        # Only a row without any answer is a prompt: a conversation that ends with the user is a broken conversation.
        return "conversation" if any(turn.role == "assistant" for turn in self.turns) else "prompt"

    @property
    def all_turns(self) -> tuple[Turn, ...]:
        """The conversation and, for a preference, both answers."""
        return self.turns + self.preferred + self.rejected

    @property
    def text_only(self) -> bool:
        """Whether it is a conversation of system, user and assistant texts and nothing more: what a Sample can hold."""
        plain = all(
            isinstance(turn.content, str)
            and turn.role in ("system", "user", "assistant")
            and turn == Turn(turn.role, turn.content)
            for turn in self.turns
        )
        bare = not (self.tools or self.extras) and self.parallel_tool_calls is None
        return self.kind == "conversation" and plain and bare


def from_messages(messages: Sequence[Message]) -> TrainingExample:
    """A Sample's conversation."""
    return TrainingExample(tuple(Turn(message.role, message.content) for message in messages))


def to_messages(example: TrainingExample) -> tuple[Message, ...]:
    """The messages of a Sample. Raises FormatError for an example that holds more than they can."""
    if not example.text_only:
        raise FormatError("the example holds more than texts (tools, images, weights, names or two answers).")
    return tuple(
        Message(turn.role, turn.text) for turn in example.turns if turn.role in ("system", "user", "assistant")
    )
