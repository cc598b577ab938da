"""Put system texts where a format has a place for them."""

from __future__ import annotations

from dataclasses import replace

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.fitting.joining import joined_content, joined_turns
from src.providers.formats.training_example import TrainingExample, Turn


def fit_developer(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Developer messages become system messages where the format does not know them."""
    if abilities.developer or not any(turn.role == "developer" for turn in example.turns):
        return Fitted(example)
    turns = tuple(replace(turn, role="system") if turn.role == "developer" else turn for turn in example.turns)
    text = "the format has no developer messages: they are written as system messages."
    return Fitted(replace(example, turns=turns), (problem("", "developer_as_system", text, "warning"),))


def fit_system(example: TrainingExample, abilities: Abilities) -> Fitted:
    """All system texts in one message in front, or at the head of the first question."""
    systems = tuple(turn for turn in example.turns if turn.role == "system")
    if abilities.system == "anywhere" or not systems:
        return Fitted(example)
    choices: list[Finding] = []
    if example.turns[: len(systems)] != systems:
        text = "a system message in the middle is moved to the front."
        choices.append(problem("", "system_moved", text, "warning"))
    if len(systems) > 1:
        text = "several system messages are joined into one, a blank line between them."
        choices.append(problem("", "system_merged", text, "warning"))
    system = joined_turns(systems)
    others = tuple(turn for turn in example.turns if turn.role != "system")
    if abilities.system == "first":
        return Fitted(replace(example, turns=(system, *others)), tuple(choices))
    text = "the format has no system message: its text is put in front of the first question, a blank line between."
    choices.append(problem("", "system_into_prompt", text, "warning"))
    return Fitted(replace(example, turns=_under(system, others)), tuple(choices))


def _under(system: Turn, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns, the first question of them headed by the system text."""
    for index, turn in enumerate(turns):
        if turn.role == "user":
            headed = replace(turn, content=joined_content([system, turn]))
            return (*turns[:index], headed, *turns[index + 1 :])
    return (Turn("user", system.content), *turns)
