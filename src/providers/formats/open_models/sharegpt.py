"""sharegpt: {"conversations": [{"from", "value"}, ...], "system"?, "tools"?}, as LLaMA-Factory reads it.

human and observation stand at odd places, gpt and function_call at even ones. A call is the text of {"name",
"arguments"}, and tools are the text of a list of {"name", "description"?, "parameters"?}. The normal form has its keys
in the order above, the system text beside the conversation, and JSON in texts as json.dumps writes it. A system message
at the head of the conversation and tools in OpenAI's wrapping are read as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from src.providers.formats.chat.rows import build_definition, read_definition
from src.providers.formats.chat.texts import check_known_keys, check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.fitting.arguments import object_of_arguments, written_arguments
from src.providers.formats.open_models.sharegpt_rules import check_conversation, check_tools_text, flat_tools
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import ToolCall, TrainingExample, Turn, TurnRole

_ROLES: dict[str, TurnRole] = {"human": "user", "gpt": "assistant", "observation": "tool", "function_call": "assistant"}


class ShareGPT(RowFormat):
    name = "sharegpt"
    title = "ShareGPT"
    family = "sharegpt"
    abilities = Abilities(
        system="first",
        alternates=True,
        tools=True,
        parallel_calls=False,
        answered_calls=True,
        arguments_and_text=False,
        canonical_arguments=True,
        call_ids="none",
        tool_names=False,
        parallel_flag=False,
    )
    source = (
        "hiyouga/LLaMA-Factory, data/README.md, SharegptDatasetConverter in src/llamafactory/data/converter.py and "
        "FunctionFormatter in formatter.py (commit ff6d4d1), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "conversations" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"conversations": [...]}.')
            return
        yield from check_known_keys(row, ("conversations", "system", "tools"))
        yield from check_conversation(row.get("conversations"), bool(row.get("system")))
        if row.get("system"):
            yield from check_text(row["system"], "system")
        if row.get("tools"):
            yield from check_tools_text(row["tools"])

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        messages = cast("list[dict[str, str]]", row["conversations"])
        head = messages[0]["value"] if messages[0]["from"] == "system" else row.get("system")
        system = (Turn("system", str(head)),) if head else ()
        spoken = (_read_turn(message) for message in messages if message["from"] != "system")
        tools = tuple(read_definition(tool) for tool in flat_tools(row.get("tools")))
        return TrainingExample((*system, *spoken), tools=tools)

    def build(self, example: TrainingExample) -> dict[str, object]:
        systems = [turn.text for turn in example.turns if turn.role == "system"]
        row: dict[str, object] = {
            "conversations": [_build_message(turn) for turn in example.turns if turn.role != "system"]
        }
        if systems:
            row["system"] = systems[0]
        if example.tools:
            row["tools"] = json.dumps([build_definition(tool) for tool in example.tools], ensure_ascii=False)
        return row


def _read_turn(message: Mapping[str, str]) -> Turn:
    role = _ROLES[message["from"]]
    if message["from"] != "function_call":
        return Turn(role, message["value"])
    calls: Any = json.loads(message["value"])
    return Turn(role, tool_calls=tuple(map(_read_call, calls if isinstance(calls, list) else [calls])))


def _read_call(call: Mapping[str, Any]) -> ToolCall:
    return ToolCall("", call["name"], written_arguments(call["arguments"]))


def _build_message(turn: Turn) -> dict[str, object]:
    if turn.tool_calls:
        return {"from": "function_call", "value": _build_calls(turn.tool_calls)}
    sender = {"user": "human", "assistant": "gpt", "tool": "observation"}[turn.role]
    return {"from": sender, "value": turn.text}


def _build_calls(calls: Sequence[ToolCall]) -> str:
    written = [{"name": call.name, "arguments": object_of_arguments(call.arguments)} for call in calls]
    return json.dumps(written if len(written) > 1 else written[0], ensure_ascii=False)
