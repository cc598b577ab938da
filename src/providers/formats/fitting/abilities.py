"""Abilities: what a row format can express, and Fitted: an example that asks for no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from src.providers.formats.findings import Finding, problem
from src.providers.formats.training_example import Kind, TrainingExample, TurnRole


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a format can express; the fitting changes an example until it asks for no more than this.

    Order: `system`: where system texts may stand ("anywhere" in the list, once and "first", or nowhere but "in_prompt",
    as the head of the user's text). `alternates`: user and assistant must take turns, user first. `single_turn`: one
    question and one answer. `single_answer`: each answer of a preference is one message.

    Texts: `parts`: content may be a list of texts (and of media, on turns of `media_on`); `uniform_parts`: all contents
    of a row are lists, or none is. `media_schemes` and `media_kinds` are the beginnings of the URIs and of the mime
    types that are taken (empty: any); `media_types`: a file names its mime type beside a URI that does not, and
    `media_details`: how closely to look. `trimmed`: texts lose the white space around them. `reserved_texts` may not
    stand in a text.

    Turns: `names`: messages may name their speaker. `weights_on` are the roles whose turns may carry a weight.
    `refusals`: a refusal may stand apart from the text.

    Tools: `parallel_calls`: several calls in one turn. `answered_calls`: every call before the last turn needs its
    answer. `arguments_and_text`: a turn may hold both a text and calls. `canonical_arguments`: arguments are kept as
    JSON, not as the text it was written in. `call_ids`: calls carry any id, one of nine letters and digits, or none;
    `tool_names`: a tool's answer may name its function. `parallel_flag`: the row may say whether calls may be made side
    by side; `strict_tools`: a definition may ask for strictness; `full_definitions`: it needs a description and
    parameters.
    """

    kinds: tuple[Kind, ...] = ("conversation",)
    system: Literal["anywhere", "first", "in_prompt"] = "anywhere"
    developer: bool = False
    alternates: bool = False
    single_turn: bool = False
    single_answer: bool = False
    ends_with_assistant: bool = True
    parts: bool = False
    uniform_parts: bool = False
    media_on: tuple[TurnRole, ...] = ()
    media_schemes: tuple[str, ...] = ()
    media_kinds: tuple[str, ...] = ()
    media_types: bool = False
    media_details: bool = True
    trimmed: bool = False
    reserved_texts: tuple[str, ...] = ()
    names: bool = False
    weights_on: tuple[TurnRole, ...] = ()
    refusals: bool = False
    tools: bool = False
    parallel_calls: bool = True
    answered_calls: bool = False
    arguments_and_text: bool = True
    canonical_arguments: bool = False
    call_ids: Literal["any", "nine", "none"] = "any"
    tool_names: bool = True
    parallel_flag: bool = True
    strict_tools: bool = True
    full_definitions: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """An example as a format can express it, None where it cannot, and every choice that was made on the way.

    A choice is a Finding: a note where nothing is lost, a warning where something was merged, moved or dropped, an
    error where the whole example had to be left out.
    """

    example: TrainingExample | None
    choices: tuple[Finding, ...] = ()


def left_out(path: str, rule: str, why: str, choices: tuple[Finding, ...] = ()) -> Fitted:
    """The answer of a step that cannot express the example, after the choices it has made."""
    return Fitted(None, (*choices, problem(path, rule, f"{why}; the example is left out.")))
