"""Change an example until a format can express it, and say every choice that was made.

What loses only form is a note, what is merged, moved or dropped is a warning, and an example whose point would be lost
(a tool call, a picture) is left out whole: half of it would teach something else.
"""

from __future__ import annotations

from dataclasses import replace

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.fitting.order import fit_order
from src.providers.formats.fitting.parts import fit_parts, fit_texts
from src.providers.formats.fitting.systems import fit_developer, fit_system
from src.providers.formats.fitting.tool_calls import fit_tools, refuse_calls
from src.providers.formats.fitting.turns import fit_media, fit_turns
from src.providers.formats.training_example import TrainingExample, Turn


def fit_example(example: TrainingExample, abilities: Abilities, family: str) -> Fitted:
    """The example as a format of that family can express it, with the choices; without an example where it cannot."""
    choices: list[Finding] = []
    for step in _PLAIN_STEPS if _is_plain(example) else _STEPS:
        fitted = step(example, abilities)
        choices += fitted.choices
        if fitted.example is None:
            return Fitted(None, tuple(choices))
        example = fitted.example
    fitted = _fit_extras(example, family)
    return Fitted(fitted.example, (*choices, *fitted.choices))


def _is_plain(example: TrainingExample) -> bool:
    """Whether it is texts of the three roles that every format knows, as nearly all examples of a file are."""
    if example.tools or example.preferred or example.rejected or example.parallel_tool_calls is not None:
        return False
    return all(turn.content and turn == Turn(turn.role, turn.text) and turn.role in _PLAIN for turn in example.turns)


def _fit_kind(example: TrainingExample, abilities: Abilities) -> Fitted:
    if example.kind in abilities.kinds:
        return Fitted(example)
    if example.kind == "preference" and example.preferred and "conversation" in abilities.kinds:
        kept = replace(example, turns=example.turns + example.preferred, preferred=(), rejected=())
        text = "the format has no place for a second answer: the preferred one is kept, the rejected one dropped."
        return Fitted(kept, (problem("rejected", "rejected_dropped", text, "warning"),))
    wanted = " or ".join(abilities.kinds)
    return left_out("", "kind_not_expressible", f"a {example.kind} example cannot stand where a {wanted} is wanted")


def _fit_extras(example: TrainingExample, family: str) -> Fitted:
    if not example.extras or example.extras_of == family:
        return Fitted(example)
    names = ", ".join(example.extras)
    text = f"{names}: only {example.extras_of} formats know them; dropped."
    return Fitted(replace(example, extras={}, extras_of=""), (problem("", "extras_dropped", text, "warning"),))


_PLAIN = ("system", "user", "assistant")
# Refusals become texts before turns are joined, and turns stand in order before calls and answers are paired.
_STEPS = (
    _fit_kind,
    refuse_calls,
    fit_turns,
    fit_media,
    fit_developer,
    fit_system,
    fit_order,
    fit_tools,
    fit_parts,
    fit_texts,
)
# What the other steps change, texts alone do not hold.
_PLAIN_STEPS = (_fit_kind, fit_system, fit_order, fit_texts)
