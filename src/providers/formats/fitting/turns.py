"""Make each turn what a format can express: its text, its weight, its name, its refusal and its files."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import replace

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.training_example import MediaPart, Part, TrainingExample, Turn

Change = Callable[[Turn, Abilities, list[Finding]], Turn]


def fit_turns(example: TrainingExample, abilities: Abilities) -> Fitted:
    """The example with turns that hold nothing the format has no place for."""
    choices: list[Finding] = []
    for change in (_without_empty_content, _fit_weight, _fit_name, _fit_refusal):
        example = mapped(example, lambda turn, change=change: change(turn, abilities, choices))  # type: ignore[misc]
    return Fitted(example, unique(choices))


def fit_media(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Files as the format names them; an example is left out that has one where, or of a kind, the format has none."""
    choices: list[Finding] = []
    for turn in example.all_turns:
        if turn.media and turn.role not in abilities.media_on:
            where = "pictures or files" if not abilities.media_on else f"pictures or files in a {turn.role} message"
            return left_out("", "media_not_expressible", f"the format has no place for {where}")
        for part in turn.media:
            if not _starts(part.uri, abilities.media_schemes) or not _starts(_mime_type(part), abilities.media_kinds):
                taken = " and ".join((*abilities.media_schemes, *abilities.media_kinds))
                return left_out("", "media_kind_not_expressible", f"the format takes files of {taken} only")
    fitted = mapped(example, lambda turn: _with_fitting_media(turn, abilities, choices))
    if abilities.media_types and not all(_mime_type(part) for turn in fitted.all_turns for part in turn.media):
        return left_out("", "mime_type_unknown", "the format wants a mime type, which the name of a file does not show")
    return Fitted(fitted, unique(choices))


def mapped(example: TrainingExample, change: Callable[[Turn], Turn]) -> TrainingExample:
    """The example with every turn changed."""
    return replace(
        example,
        turns=tuple(map(change, example.turns)),
        preferred=tuple(map(change, example.preferred)),
        rejected=tuple(map(change, example.rejected)),
    )


def unique(choices: list[Finding]) -> tuple[Finding, ...]:
    """One choice of each rule and severity: that it was made in several turns says nothing more."""
    return tuple({(choice.rule, choice.severity): choice for choice in choices}.values())


def _without_empty_content(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    """A turn without a text has none at all, but a tool that answers nothing answers with ""."""
    if turn.content:
        return turn
    return replace(turn, content="" if turn.role == "tool" else None)


def _fit_weight(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    if turn.weight is None or turn.role in abilities.weights_on:
        return turn
    # Without weights the assistant's texts are learnt and the others are not.
    usual = turn.weight == (1 if turn.role == "assistant" else 0)
    fate = "as it would be anyway" if usual else "so that it is learnt" if turn.weight == 0 else "so it is not learnt"
    text = f"the weight {turn.weight} of a {turn.role} message has no place in the format and is dropped, {fate}."
    choices.append(problem("", "weight_dropped", text, "note" if usual else "warning"))
    return replace(turn, weight=None)


def _fit_name(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    # The name of a tool says which function answers; it is the tools' business.
    if not turn.name or turn.role == "tool" or abilities.names:
        return turn
    choices.append(problem("", "name_dropped", "the format has no names: those of speakers are dropped.", "warning"))
    return replace(turn, name="")


def _fit_refusal(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    if turn.refusal is None or abilities.refusals:
        return turn
    if turn.content:
        text = "the format has no refusals: the text beside one is kept, the refusal dropped."
        choices.append(problem("", "refusal_dropped", text, "warning"))
        return replace(turn, refusal=None)
    text = "the format has no refusals: the words of the refusal become the answer."
    choices.append(problem("", "refusal_moved", text, "warning"))
    return replace(turn, refusal=None, content=turn.refusal or None)


def _with_fitting_media(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    if not turn.media or not isinstance(turn.content, tuple):
        return turn
    parts = (_fit_file(part, abilities, choices) if isinstance(part, MediaPart) else part for part in turn.content)
    return replace(turn, content=tuple(parts))


def _fit_file(part: MediaPart, abilities: Abilities, choices: list[Finding]) -> Part:
    if part.detail and not abilities.media_details:
        text = "the format does not say how closely to look at a picture: the detail is dropped."
        choices.append(problem("", "detail_dropped", text, "warning"))
        part = replace(part, detail="")
    if part.mime_type and (_type_in_uri(part.uri) or not abilities.media_types):
        text = "the kind of a file stands in its data URI or shows in its name: the mime type beside it is dropped."
        choices.append(problem("", "mime_type_dropped", text, "note"))
        part = replace(part, mime_type="")
    elif abilities.media_types and not _mime_type(part):
        text = "the format wants the mime type of a file: it is taken from the ending of its name."
        choices.append(problem("", "mime_type_guessed", text, "note"))
        # A query or a signature behind the name is not part of it.
        part = replace(part, mime_type=mimetypes.guess_type(part.uri.partition("?")[0])[0] or "")
    return part


def _starts(text: str, beginnings: tuple[str, ...]) -> bool:
    # What is not said cannot be judged.
    return not beginnings or not text or text.startswith(beginnings)


def _mime_type(part: MediaPart) -> str:
    return _type_in_uri(part.uri) or part.mime_type


def _type_in_uri(uri: str) -> str:
    return uri[len("data:") :].partition(";")[0] if uri.startswith("data:") else ""
