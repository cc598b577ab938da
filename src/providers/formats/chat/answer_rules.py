"""Rules for how tool calls, the answers to them and the tools of a row belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.providers.formats.chat.texts import shown
from src.providers.formats.findings import Finding, problem
from src.records import Severity


def check_answers(messages: Sequence[object], unanswered: Severity, path: str = "messages") -> Iterator[Finding]:
    """Every answer of a tool belongs to a call before it, and every call is answered before the next message.

    `unanswered` is how bad a call without an answer is; the calls of the last message need none.
    """
    open_ids: dict[str, str] = {}
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        place = f"{path}[{index}]"
        if message.get("role") == "tool":
            call_id = message.get("tool_call_id")
            if isinstance(call_id, str) and open_ids.pop(call_id, None) is None:
                text = (
                    f"answers the call {shown(call_id)}, which no message before it makes or which is answered already."
                )
                yield problem(f"{place}.tool_call_id", "answer_without_call", text)
            continue
        yield from _unanswered(open_ids, unanswered)
        open_ids = {}
        for number, call in _calls(message):
            call_id, own = call.get("id"), f"{place}.tool_calls[{number}]"
            if not isinstance(call_id, str):
                continue
            if call_id in open_ids:
                yield problem(f"{own}.id", "call_id_repeated", "another call of this message has the same id.")
            open_ids[call_id] = own


def _unanswered(open_ids: Mapping[str, str], severity: Severity) -> Iterator[Finding]:
    for call_id, place in open_ids.items():
        text = f"the call {shown(call_id)} is not answered before the next message; add the tool's answer."
        yield problem(place, "call_without_answer", text, severity)


def check_called_tools(messages: object, tools: object, path: str = "messages") -> Iterator[Finding]:
    """Warnings for calls of functions that the row's tools do not define: the model is not told of them."""
    names = {tool_name(tool) for tool in tools} if isinstance(tools, list) else set()
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        for number, call in _calls(message):
            name = tool_name(call)
            if name is not None and name not in names:
                text = f"calls {shown(name)}, which the row's 'tools' do not define; add its definition."
                yield problem(f"{path}[{index}].tool_calls[{number}]", "undefined_tool", text, "warning")


def tool_name(tool: object) -> str | None:
    """The function's name in a definition or a call of any shape."""
    function = tool.get("function") if isinstance(tool, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else None


def _calls(message: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            yield index, call
