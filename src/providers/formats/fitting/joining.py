"""Make one turn of several that follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from src.providers.formats.training_example import MediaPart, Part, TextPart, Turn

# What stands between two texts that become one.
GAP = "\n\n"


def joined_turns(turns: Sequence[Turn]) -> Turn:
    """The turns as one, in the first one's role: texts with a blank line between, files and tool calls in a row.

    The name stays where all have the same one; where weights differ the text that must not be learnt decides.
    """
    if len(turns) == 1:
        return turns[0]
    weights = [turn.weight for turn in turns if turn.weight is not None]
    refusals = [turn.refusal for turn in turns if turn.refusal]
    return replace(
        turns[0],
        content=joined_content(turns),
        name=turns[0].name if len({turn.name for turn in turns}) == 1 else "",
        weight=min(weights, default=None),
        tool_calls=tuple(call for turn in turns for call in turn.tool_calls),
        refusal=GAP.join(refusals) if refusals else None,
    )


def joined_content(turns: Sequence[Turn]) -> str | tuple[Part, ...] | None:
    """The contents of the turns as one: a text where they are texts, else parts; None where there are none."""
    spoken = [turn for turn in turns if turn.text or turn.media]
    if not any(turn.media for turn in spoken):
        return GAP.join(turn.text for turn in spoken) if spoken else None
    parts: list[Part] = []
    for turn in spoken:
        _append(parts, (TextPart(turn.content),) if isinstance(turn.content, str) else turn.content or ())
    return tuple(parts)


def _append(parts: list[Part], more: Sequence[Part]) -> None:
    """Add parts after those that are there, a blank line between where a text is next to the seam."""
    head, *rest = more
    if isinstance(head, TextPart) and parts:
        head = TextPart(GAP + head.text)
    elif isinstance(head, MediaPart) and parts and isinstance(parts[-1], TextPart):
        parts[-1] = TextPart(parts[-1].text + GAP)
    parts += [head, *rest]
