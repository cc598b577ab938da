"""messages: {"messages": [{"role", "content"}, ...], "tools"?, "weight"?}, for Together, Fireworks, TRL and axolotl.

The rules are the strictest of theirs, so that one file suits them all, LLaMA-Factory's and torchtune's loaders of such
messages included. The arguments of calls are written as a text: hosts and axolotl want that, while the Llama 3.1
template puts quotation marks around it, so that TRL trains better on trl-prompt-completion or llama-text.
The normal form has its keys in the order above, and messages in that of chat/rows.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from src.providers.formats.chat.message_rules import MessageRules, check_messages, check_plain_messages
from src.providers.formats.chat.rows import build_messages, build_tools, read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.open_models.hosts import (
    MEDIA_KINDS,
    MEDIA_RULES,
    TOOL_RULES,
    WEIGHED,
    check_beside,
    without_weighed_images,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("weight", "tool_calls", "tool_call_id", "name"),
    system="first",
    alternate="required",
    ends_with_assistant="required",
    parts=True,
    media=MEDIA_RULES,
    weights_on=WEIGHED,
    tools=TOOL_RULES,
)
_FIREWORKS = 'docs.fireworks.ai, "Weighted training", read 2026-11-21'
_RULE_SOURCES = {"bad_row_weight": _FIREWORKS, "row_weight": f"{_FIREWORKS}; together 2.14.0 check_file"}


class Messages(RowFormat):
    name = "messages"
    title = "messages (Together, Fireworks, TRL, axolotl)"
    family = "messages"
    abilities = Abilities(
        system="first",
        alternates=True,
        parts=True,
        uniform_parts=True,
        media_on=("user",),
        media_schemes=("data:",),
        media_kinds=MEDIA_KINDS,
        weights_on=WEIGHED,
        tools=True,
        parallel_flag=False,
    )
    source = (
        'docs.together.ai, "Data preparation", together 2.14.0 check_file, and docs.fireworks.ai, '
        '"Fine-tuning models", read 2026-11-21'
    )
    rule_sources = _RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "messages" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')
            return
        plain = check_plain_messages(row.get("messages"), _RULES) if len(row) == 1 else None
        if plain is not None:
            yield from plain
            return
        yield from check_known_keys(row, ("messages", "tools", "weight"))
        yield from check_messages(row.get("messages"), _RULES)
        yield from check_beside(row)
        if "weight" in row:
            yield _judge_row_weight(row["weight"])

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        extras = {"weight": row["weight"]} if "weight" in row else {}
        return TrainingExample(
            read_turns(row["messages"]),
            tools=read_tools(row.get("tools")),
            extras=extras,
            extras_of=self.family if extras else "",
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        tools: dict[str, object] = {"tools": build_tools(example.tools)} if example.tools else {}
        return {"messages": build_messages(example.turns), **tools, **example.extras}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if fitted.example is None:
            return fitted
        unweighed = without_weighed_images(fitted.example)
        return Fitted(unweighed.example, (*fitted.choices, *unweighed.choices))


def _judge_row_weight(weight: object) -> Finding:
    is_number = isinstance(weight, (int, float)) and not isinstance(weight, bool) and math.isfinite(weight)
    if not is_number:
        return problem("weight", "bad_row_weight", f"the row's weight is {shown(weight)}; write a number such as 0.5.")
    text = "Fireworks wants the weight in all rows or none; Together's own check up to 2.14 refuses it."
    return problem("weight", "row_weight", text, "note")
