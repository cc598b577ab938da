"""mistral-chat: {"messages": [{"role", "content"}, ...], "tools"?}, as mistral-finetune and Mistral's API read it.

The other names mistral-finetune knows are read too. The normal form has the usual ones, messages before tools, with a
picture's place as a plain string and only_last, where the row says it, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from src.providers.formats.chat.answer_rules import check_called_tools
from src.providers.formats.chat.media_rules import count_images
from src.providers.formats.chat.message_rules import check_messages, check_plain_messages
from src.providers.formats.chat.rows import build_messages, build_tools, read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys
from src.providers.formats.chat.tool_rules import check_tools
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.mistral.learning import check_first_call, check_learning
from src.providers.formats.mistral.other_names import (
    check_names,
    messages_path,
    tools_path,
    usual_messages,
    usual_row,
)
from src.providers.formats.mistral.rules import KEYS, MEDIA_RULES, MESSAGE_RULES, RULE_SOURCES, TOOL_RULES
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn


class MistralChat(RowFormat):
    name = "mistral-chat"
    title = "Mistral instruct"
    family = "mistral"
    abilities = Abilities(
        system="first",
        alternates=True,
        tools=True,
        arguments_and_text=False,
        answered_calls=True,
        call_ids="nine",
        parallel_flag=False,
        full_definitions=True,
        media_on=("user",),
        media_schemes=("https://", "data:"),
        media_kinds=MEDIA_RULES.mime_types,
        media_details=False,
        weights_on=("assistant",),
    )
    source = (
        "mistralai/mistral-finetune, utils/validate_data.py and finetune/data/tokenize.py (commit 1943535), "
        "read 2026-11-21"
    )
    rule_sources = RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "messages" in row or "interactions" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')
            return
        plain = check_plain_messages(row.get("messages"), MESSAGE_RULES) if len(row) == 1 else None
        if plain is not None:
            yield from plain
            return
        yield from check_known_keys(row, KEYS)
        yield from check_names(row)
        messages, path = usual_messages(row), messages_path(row)
        yield from check_messages(messages, MESSAGE_RULES, path)
        yield from _check_beside(row, messages, path)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        row = usual_row(row)
        extras = {"only_last": row["only_last"]} if "only_last" in row else {}
        return TrainingExample(
            read_turns(row["messages"]),
            tools=read_tools(row.get("tools")),
            extras=extras,
            extras_of=self.family if extras else "",
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        tools: dict[str, object] = {"tools": build_tools(example.tools)} if example.tools else {}
        return {"messages": build_messages(example.turns, plain_image=True), **tools, **example.extras}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if fitted.example is None:
            return fitted
        # Beside pictures, too, only the user's content may be a list.
        joined = replace(fitted.example, turns=tuple(map(_joined, fitted.example.turns)))
        if joined == fitted.example:
            return fitted
        text = "texts that stood in parts are joined without anything between, as a model reads them."
        return Fitted(joined, (*fitted.choices, problem("", "parts_joined", text, "note")))


def _joined(turn: Turn) -> Turn:
    return turn if turn.media or not isinstance(turn.content, tuple) else replace(turn, content=turn.text)


def _check_beside(row: Mapping[str, object], messages: object, path: str) -> Iterator[Finding]:
    name = tools_path(row)
    tools = row.get(name)
    if tools is not None:
        yield from check_tools(tools, TOOL_RULES, name)
    if not isinstance(row.get("only_last", False), bool):
        yield problem("only_last", "bad_flag", "must be true or false.")
    yield from check_called_tools(messages, tools, path)
    yield from check_first_call(messages, path)
    yield from check_learning(messages, bool(tools) or row.get("only_last") is True, path)
    if count_images(messages):
        text = "only the API's pixtral-12b learns from pictures; mistral-finetune does not."
        yield problem(path, "pictures_in_the_api_only", text, "warning")
