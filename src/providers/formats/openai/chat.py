"""openai-chat: {"messages": [{"role", "content"}, ...], "tools"?, "parallel_tool_calls"?}, for supervised training.

The normal form has its keys in this order, response_format after them; the old functions are written as tools.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.message_rules import check_messages, check_plain_messages
from src.providers.formats.chat.rows import build_messages, read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.openai.functions import modernised
from src.providers.formats.openai.reinforcement import looks_graded
from src.providers.formats.openai.rules import (
    CHAT_KEYS,
    MEDIA_RULES,
    MEDIA_SCHEMES,
    MESSAGE_RULES,
    RULE_SOURCES,
    build_beside,
    check_beside,
    read_flag,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample


class OpenAIChat(RowFormat):
    name = "openai-chat"
    title = "OpenAI chat"
    family = "openai"
    abilities = Abilities(
        developer=True,
        ends_with_assistant=False,
        tools=True,
        parts=True,
        media_on=("user",),
        media_schemes=MEDIA_SCHEMES,
        media_kinds=MEDIA_RULES.mime_types,
        names=True,
        tool_names=False,
        weights_on=("assistant",),
        refusals=True,
    )
    source = (
        "openai/openai-openapi, FineTuneChatRequestInput (commit 498c71d, 2025-04-29) with the messages of commit "
        "f85dbe2 (2026-08-21), and the checks of the cookbook notebook Chat_finetuning_data_prep (commit 2e65270), "
        "read 2026-11-21"
    )
    rule_sources = RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "messages" in row and not looks_graded(row)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"messages": [...]}.')
            return
        messages = row.get("messages")
        plain = check_plain_messages(messages, MESSAGE_RULES) if len(row) == 1 else None
        if plain is not None:
            yield from plain
            return
        yield from check_known_keys(row, CHAT_KEYS)
        if "response_format" in row:
            text = "OpenAI documents no response_format in training rows; it may be ignored or refused."
            yield problem("response_format", "undocumented_key", text, "warning")
        yield from check_messages(messages, MESSAGE_RULES)
        yield from check_beside(row)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        row = modernised(row)
        return TrainingExample(
            read_turns(row["messages"]),
            tools=read_tools(row.get("tools")),
            parallel_tool_calls=read_flag(row),
            extras={key: row[key] for key in ("response_format",) if key in row},
            extras_of=self.family if "response_format" in row else "",
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        return {"messages": build_messages(example.turns), **build_beside(example), **example.extras}
