"""Fit what the common fitting leaves: answers of functions as JSON, texts as one text, rows that are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from src.providers.formats.findings import problem
from src.providers.formats.fitting.abilities import Fitted, left_out
from src.providers.formats.fitting.turns import mapped
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import Part, TextPart, TrainingExample, Turn
from src.providers.formats.vertex.objects import object_of, text_of

Step = Callable[[TrainingExample], Fitted]


def take_steps(fitted: Fitted, *steps: Step) -> Fitted:
    """The example after each step in turn, with all choices; without an example as soon as one step has none."""
    for step in steps:
        if fitted.example is None:
            return fitted
        taken = step(fitted.example)
        fitted = Fitted(taken.example, (*fitted.choices, *taken.choices))
    return fitted


def only_accepted(form: RowFormat) -> Step:
    """A step that leaves an example out, with the reason, when the format would refuse its row."""

    def step(example: TrainingExample) -> Fitted:
        errors = [finding for finding in form.check(form.build(example)) if finding.severity == "error"]
        if not errors:
            return Fitted(example)
        first = errors[0]
        return left_out(first.path, first.rule, f"{first.path or 'the row'} {first.message.rstrip('.')}")

    return step


def fit_json_answers(example: TrainingExample) -> Fitted:
    """Answers of functions that are the text of an object, as that object is read back."""
    fitted = mapped(example, _rewritten)
    if fitted == example:
        return Fitted(example)
    text = "answers of tools that are JSON are written as JSON: white space and escapes in them are written anew."
    return Fitted(fitted, (problem("", "answers_rewritten", text, "note"),))


def fit_lone_texts(example: TrainingExample) -> Fitted:
    """A text that is the only part of a turn is the turn's text."""
    return _joined(example, lambda turn: isinstance(turn.content, tuple) and len(turn.content) == 1)


def fit_texts_in_parts(example: TrainingExample) -> Fitted:
    """Texts that are the only parts of a turn are one text, whatever the other turns hold."""
    return _joined(example, lambda turn: isinstance(turn.content, tuple))


def _joined(example: TrainingExample, wanted: Callable[[Turn], bool]) -> Fitted:
    def joined(turn: Turn) -> Turn:
        return replace(turn, content=turn.text) if wanted(turn) and not turn.media else turn

    fitted = mapped(example, joined)
    if fitted == example:
        return Fitted(example)
    text = "texts that stood in parts are joined without anything between, as a model reads them."
    return Fitted(fitted, (problem("", "parts_joined", text, "note"),))


def _rewritten(turn: Turn) -> Turn:
    if turn.role != "tool":
        return turn
    if isinstance(turn.content, tuple):
        return replace(turn, content=tuple(map(_rewritten_part, turn.content)))
    return replace(turn, content=_rewritten_text(turn.content or ""))


def _rewritten_part(part: Part) -> Part:
    return replace(part, text=_rewritten_text(part.text)) if isinstance(part, TextPart) else part


def _rewritten_text(text: str) -> str:
    value = object_of(text)
    return text if value is None else text_of(value)
