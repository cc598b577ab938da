"""What Together and Fireworks ask of messages, in conversations and in preferences alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from src.providers.formats.chat.answer_rules import check_called_tools
from src.providers.formats.chat.media_rules import MediaRules, check_image_count, count_images
from src.providers.formats.chat.tool_rules import ToolRules, check_tools
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Fitted
from src.providers.formats.fitting.turns import mapped
from src.providers.formats.training_example import TrainingExample, Turn, TurnRole

# Arguments are written as a text, in OpenAI's way; objects, which TRL's templates want, are read as well.
TOOL_RULES = ToolRules(arguments="either", typed=("tools", "calls"))
# At most 10 pictures an example and 10 MB each, in the row itself (together 2.14.0, lib/constants.py).
MEDIA_RULES = MediaRules(schemes=("data",))
MEDIA_KINDS = ("image/jpeg", "image/png", "image/webp")
WEIGHED: tuple[TurnRole, ...] = ("system", "user", "assistant", "tool")


def check_beside(row: Mapping[str, object], path: str = "") -> Iterator[Finding]:
    """Objections to the tools and pictures of a row, or of an object at `path` in it, and to how contents are mixed."""
    head = f"{path}." if path else ""
    messages = row.get("messages")
    if row.get("tools") is not None:
        yield from check_tools(row["tools"], TOOL_RULES, f"{head}tools")
    yield from check_called_tools(messages, row.get("tools"), f"{head}messages")
    yield from check_image_count(count_images(messages), f"{head}messages", MEDIA_RULES)
    if isinstance(messages, list):
        yield from _check_mixture(messages, f"{head}messages")
        yield from _check_weighed_images(messages, f"{head}messages")


def without_weighed_images(example: TrainingExample) -> Fitted:
    """The example without the weight 1 on messages with a picture, which Together refuses."""
    fitted = mapped(example, _unweighed)
    text = "a message with a picture may not have the weight 1 at Together: the weight is dropped."
    choices = (problem("", "weight_dropped", text, "warning"),) if fitted != example else ()
    return Fitted(fitted, choices)


def _unweighed(turn: Turn) -> Turn:
    return replace(turn, weight=None) if turn.media and turn.weight else turn


def _check_mixture(messages: Sequence[object], path: str) -> Iterator[Finding]:
    contents = [(index, m.get("content")) for index, m in enumerate(messages) if isinstance(m, dict)]
    told = [(index, isinstance(content, list)) for index, content in contents if content]
    other = next((index for index, listed in told if listed != told[0][1]), None)
    if other is not None:
        text = "some contents are texts and some are lists of parts, which Together refuses; write all as lists."
        yield problem(f"{path}[{other}].content", "mixed_content", text)


def _check_weighed_images(messages: Sequence[object], path: str) -> Iterator[Finding]:
    for index, message in enumerate(messages):
        if isinstance(message, dict) and message.get("weight") and count_images([message]):
            text = "a message with a picture may not have the weight 1 at Together; remove the weight."
            yield problem(f"{path}[{index}].weight", "weighed_image", text)
