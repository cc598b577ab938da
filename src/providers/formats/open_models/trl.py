"""Messages as TRL and the chat templates of Hugging Face want them: the arguments of calls are objects.

Their documents show calls without ids, which are read and numbered; with ids they suit every template. The normal form
of a message is that of chat/rows.py, with objects as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.rows import build_messages, build_tools
from src.providers.formats.chat.tool_rules import ToolRules, check_tools
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.arguments import object_of_arguments
from src.providers.formats.training_example import Tool, Turn

TOOL_RULES = ToolRules(
    arguments="either", definition_keys=("name", "description", "parameters", "strict", "return"), typed=()
)
PROMPT_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("tool_calls", "tool_call_id", "name"),
    alternate="advised",
    answered=False,
    ends_with_assistant="free",
    parts=True,
    tools=TOOL_RULES,
)
ANSWER_RULES = MessageRules(
    roles=("assistant", "tool"),
    more_keys=("tool_calls", "tool_call_id", "name"),
    ends_with_assistant="required",
    parts=True,
    tools=TOOL_RULES,
)
SOURCE = (
    "huggingface/trl 1.16.0, docs/source/dataset_formats.md and data_utils.py (apply_chat_template, extract_prompt), "
    "read 2026-11-21"
)


def check_prompt(messages: object, path: str) -> Iterator[Finding]:
    """Objections to the conversation before the answer, which ends with a question or a tool's answer."""
    yield from check_messages(with_ids(messages), PROMPT_RULES, path)
    last = messages[-1] if isinstance(messages, list) and messages else None
    if isinstance(last, dict) and last.get("role") in ("assistant", "system"):
        text = f"the prompt ends with the {last['role']}'s message; end it with the user's."
        place = f"{path}[{len(cast('list[object]', messages)) - 1}].role"
        yield problem(place, "prompt_ends_with_answer", text)


def check_answer(messages: object, path: str) -> Iterator[Finding]:
    """Objections to the messages to be learnt, which begin and end with the assistant's."""
    yield from check_messages(with_ids(messages), ANSWER_RULES, path)


def check_row_tools(row: Mapping[str, object]) -> Iterator[Finding]:
    tools = row.get("tools")
    if tools is None:
        return
    yield from check_tools(tools, TOOL_RULES)
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and "return" in function:
            text = "says what the function returns, which is lost when the row is converted: others have no such key."
            yield problem(f"tools[{index}].function.return", "tool_return", text, "note")


def with_ids(messages: object) -> object:
    """Messages of any shape, their calls and answers given an id where they have none, as the shared rules want it."""
    if not isinstance(messages, list):
        return messages
    given: list[object] = []
    open_calls: list[Mapping[str, Any]] = []
    for index, message in enumerate(messages):
        if isinstance(message, dict) and message.get("role") == "tool":
            message = _linked(message, open_calls)
        elif isinstance(message, dict) and isinstance(message.get("tool_calls"), list):
            calls = [_numbered(call, f"{index}.{number}") for number, call in enumerate(message["tool_calls"])]
            message = {**message, "tool_calls": calls}
            open_calls = [call for call in calls if isinstance(call, dict)]
        given.append(message)
    return given


def _numbered(call: object, number: str) -> object:
    return {"id": number, **call} if isinstance(call, dict) else call


def _linked(answer: Mapping[str, Any], open_calls: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    names = [call["function"].get("name") if isinstance(call.get("function"), dict) else None for call in open_calls]
    wanted = answer.get("name")
    place = next((index for index, name in enumerate(names) if wanted in (None, name)), None)
    call = open_calls.pop(place) if place is not None and "tool_call_id" not in answer else {}
    return {"tool_call_id": call.get("id", "none"), **answer}


def build_trl_messages(turns: Sequence[Turn]) -> list[dict[str, object]]:
    """Messages in the normal form."""
    messages = build_messages(turns)
    for message, turn in zip(messages, turns, strict=True):
        if turn.tool_calls:
            message["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": object_of_arguments(call.arguments)},
                }
                for call in turn.tool_calls
            ]
    return messages


def build_row_tools(tools: Sequence[Tool]) -> dict[str, object]:
    return {"tools": build_tools(tools)} if tools else {}
