"""Write contents as texts or as lists of parts, whichever a format has, and texts as it takes them."""

from __future__ import annotations

from dataclasses import replace

from src.providers.formats.findings import problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.fitting.turns import mapped
from src.providers.formats.training_example import TextPart, TrainingExample, Turn


def fit_parts(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Lists only where the format has them, and for all contents or none where it wants that."""
    contents = [turn.content for turn in example.all_turns if turn.content]
    listed = [isinstance(content, tuple) for content in contents]
    if not any(listed) or (abilities.parts and (all(listed) or not abilities.uniform_parts)):
        return Fitted(example)
    if any(turn.media for turn in example.all_turns):
        if not abilities.uniform_parts:
            return Fitted(example)
        text = "all texts are written as parts, since the format wants all contents of an example of one kind."
        return Fitted(mapped(example, _listed), (problem("", "texts_as_parts", text, "note"),))
    text = "texts that stood in parts are joined without anything between, as a model reads them."
    return Fitted(mapped(example, _joined), (problem("", "parts_joined", text, "note"),))


def fit_texts(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Texts without the white space around them, and without words that are not theirs to say."""
    texts = [part.text for turn in example.all_turns for part in _texts(turn)]
    found = [word for word in abilities.reserved_texts if any(word in text for text in texts)]
    if found:
        return left_out("", "reserved_text", f"a text holds {found[0]!r}, which the format keeps for itself")
    if not abilities.trimmed:
        return Fitted(example)
    fitted = mapped(example, _trimmed)
    text = "white space around texts is dropped, as the format does it."
    return Fitted(fitted, (problem("", "text_trimmed", text, "note"),) if fitted != example else ())


def _texts(turn: Turn) -> list[TextPart]:
    if isinstance(turn.content, str):
        return [TextPart(turn.content)]
    return [part for part in turn.content or () if isinstance(part, TextPart)]


def _listed(turn: Turn) -> Turn:
    return replace(turn, content=(TextPart(turn.content),)) if turn.content and isinstance(turn.content, str) else turn


def _joined(turn: Turn) -> Turn:
    return replace(turn, content=turn.text) if isinstance(turn.content, tuple) else turn


def _trimmed(turn: Turn) -> Turn:
    if turn.role == "tool" or not isinstance(turn.content, str):
        return turn
    return replace(turn, content=turn.content.strip() or None)
