"""Put the turns into the order a format asks for."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.fitting.joining import joined_turns
from src.providers.formats.training_example import TrainingExample, Turn

_STAND_APART = ("system", "developer")


def fit_order(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Turns that alternate, that begin with the user and end with the answer, and no more than the format holds."""
    if example.kind == "text":
        return Fitted(example)
    choices: list[Finding] = []
    turns = example.turns
    if abilities.alternates:
        turns = _merged(_without_leading_answers(turns, choices), choices)
    if example.kind == "conversation" and abilities.ends_with_assistant:
        turns = _without_trailing_questions(turns, choices)
    fitted = replace(example, turns=turns) if turns != example.turns else example
    if example.kind == "preference":
        fitted = _with_fitting_answers(fitted, abilities, choices)
    reason = _reason_to_leave_out(fitted, example.kind, abilities)
    return left_out("", *reason, tuple(choices)) if reason else Fitted(fitted, tuple(choices))


def _reason_to_leave_out(example: TrainingExample, kind: str, abilities: Abilities) -> tuple[str, str] | None:
    """The rule and why the turns, put in order as far as they can be, do not suit the format; None where they do."""
    spoken = [turn for turn in example.turns if turn.role not in _STAND_APART]
    if not spoken or (kind == "conversation" and not any(turn.role == "assistant" for turn in spoken)):
        return "no_answer_left", "no question with an answer to be learnt is left"
    if kind == "preference" and (reason := _reason_in_answers(example, spoken[-1], abilities)):
        return reason
    if abilities.alternates and any({a.role, b.role} == {"tool", "user"} for a, b in pairwise(spoken)):
        return "order_not_expressible", "a tool's answer stands beside a question, where the format wants an answer"
    if abilities.single_turn and len(spoken) > (2 if kind == "conversation" else 1):
        return "too_many_turns", "the format holds one question and one answer; the example has more turns"
    return None


def _reason_in_answers(example: TrainingExample, last: Turn, abilities: Abilities) -> tuple[str, str] | None:
    if last.role == "assistant":
        return "input_ends_with_answer", "the conversation before the two answers ends with the assistant's message"
    for answer in (example.preferred, example.rejected):
        if not answer or answer[0].role != "assistant" or any(t.role not in ("assistant", "tool") for t in answer):
            return "answer_not_assistant", "an answer of a preference is an assistant's message, with those of tools"
        if abilities.single_answer and len(answer) > 1:
            return "one_answer_wanted", "the format holds one message for an answer; the example has more"
    return None


def _with_fitting_answers(example: TrainingExample, abilities: Abilities, choices: list[Finding]) -> TrainingExample:
    preferred, rejected = example.preferred, example.rejected
    if abilities.alternates or abilities.single_answer:
        preferred, rejected = _merged(preferred, choices), _merged(rejected, choices)
    if abilities.ends_with_assistant:
        preferred = _without_trailing_questions(preferred, choices)
        rejected = _without_trailing_questions(rejected, choices)
    return replace(example, preferred=preferred, rejected=rejected)


def _without_leading_answers(turns: tuple[Turn, ...], choices: list[Finding]) -> tuple[Turn, ...]:
    head = tuple(turn for turn in turns if turn.role in _STAND_APART)
    spoken = [turn for turn in turns if turn.role not in _STAND_APART]
    first = next((index for index, turn in enumerate(spoken) if turn.role == "user"), len(spoken))
    if not first:
        return turns
    text = "messages before the first question are dropped: the format begins with the user's."
    choices.append(problem("", "leading_turn_dropped", text, "warning"))
    return head + tuple(spoken[first:])


def _merged(turns: tuple[Turn, ...], choices: list[Finding]) -> tuple[Turn, ...]:
    """User and assistant messages in a row, each joined into one; the answers of tools stay apart."""
    merged: list[Turn] = []
    for role, group in groupby(turns, key=lambda turn: turn.role):
        same = list(group)
        if len(same) > 1 and role in ("user", "assistant"):
            text = f"{role} messages in a row are joined into one, a blank line between them."
            choices.append(problem("", "turns_merged", text, "warning"))
            if len({turn.name for turn in same}) > 1:
                text = "messages of several speakers are joined, so that their names are dropped."
                choices.append(problem("", "name_dropped", text, "warning"))
            same = [joined_turns(same)]
        merged += same
    return tuple(merged)


def _without_trailing_questions(turns: tuple[Turn, ...], choices: list[Finding]) -> tuple[Turn, ...]:
    end = max((index for index, turn in enumerate(turns, start=1) if turn.role == "assistant"), default=0)
    if end == len(turns):
        return turns
    text = "messages after the last answer are dropped: the format ends with the assistant's."
    choices.append(problem("", "trailing_turn_dropped", text, "warning"))
    return turns[:end]
