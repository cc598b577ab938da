"""Make tools and tool calls what a format can express, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.fitting.answers import all_answered, calls_answered
from src.providers.formats.fitting.arguments import canonical_arguments
from src.providers.formats.fitting.call_ids import fit_call_ids
from src.providers.formats.fitting.turns import mapped, unique
from src.providers.formats.training_example import Tool, TrainingExample, Turn

_NO_PARAMETERS: Mapping[str, object] = {"type": "object", "properties": {}}


def refuse_calls(example: TrainingExample, abilities: Abilities) -> Fitted:
    """The example as it is; left out where it makes tool calls and the format has none."""
    if abilities.tools or not _calls_are_made(example):
        return Fitted(example)
    return left_out("", "tool_calls_not_expressible", "the format has no tool calls")


def fit_tools(example: TrainingExample, abilities: Abilities) -> Fitted:
    """Tools, calls and the answers to them as the format has them."""
    choices: list[Finding] = []
    example = _fit_definitions(_fit_flag(example, abilities, choices), abilities, choices)
    if not _calls_are_made(example):
        return Fitted(example, unique(choices))
    reason = _reason_to_leave_out(example.all_turns, abilities)
    if reason:
        return left_out("", *reason, tuple(choices))
    example = mapped(example, lambda turn: _fit_call_turn(turn, abilities, choices))
    turns = fit_call_ids(example.all_turns, abilities, choices)
    if turns is None:
        text = "without ids it could not be told which call a tool answers"
        return left_out("", "answers_not_expressible", text, unique(choices))
    return Fitted(_with_turns(example, turns), unique(choices))


def _calls_are_made(example: TrainingExample) -> bool:
    return any(turn.tool_calls or turn.role == "tool" for turn in example.all_turns)


def _reason_to_leave_out(turns: Sequence[Turn], abilities: Abilities) -> tuple[str, str] | None:
    # The better answer of a preference is followed by the worse one here, which begins a turn of its own.
    answered = calls_answered(turns)
    if answered is None:
        return "answer_without_call", "a tool answers no call of the message before it"
    if abilities.answered_calls and not all_answered(turns, answered):
        return "call_without_answer", "the format wants an answer to every call before the last message"
    if not abilities.parallel_calls and any(len(turn.tool_calls) > 1 for turn in turns):
        text = "the format holds one tool call a message; the example has several at once"
        return "parallel_calls_not_expressible", text
    calls = (call for turn in turns for call in turn.tool_calls)
    if abilities.canonical_arguments and any(canonical_arguments(call.arguments) is None for call in calls):
        return "arguments_not_expressible", "the arguments of a call are not a JSON object"
    return None


def _fit_flag(example: TrainingExample, abilities: Abilities, choices: list[Finding]) -> TrainingExample:
    flag = example.parallel_tool_calls
    if flag is None or (abilities.tools and abilities.parallel_flag):
        return example
    text = "whether tools may be called side by side has no place in the format and is dropped."
    # Side by side is what readers assume where nothing is said.
    choices.append(problem("parallel_tool_calls", "parallel_flag_dropped", text, "note" if flag else "warning"))
    return replace(example, parallel_tool_calls=None)


def _fit_definitions(example: TrainingExample, abilities: Abilities, choices: list[Finding]) -> TrainingExample:
    if not example.tools:
        return example
    if not abilities.tools:
        text = "the format has no tools: their definitions, which no message uses, are dropped."
        choices.append(problem("tools", "tools_dropped", text, "warning"))
        return replace(example, tools=())
    return replace(example, tools=tuple(_fit_tool(tool, abilities, choices) for tool in example.tools))


def _fit_tool(tool: Tool, abilities: Abilities, choices: list[Finding]) -> Tool:
    if tool.strict is not None and not abilities.strict_tools:
        text = "whether a tool's parameters are held to strictly has no place in the format and is dropped."
        choices.append(problem("tools", "strict_dropped", text, "warning" if tool.strict else "note"))
        tool = replace(tool, strict=None)
    if abilities.full_definitions and (tool.description is None or tool.parameters is None):
        text = "the format wants a description and parameters of each tool: empty ones are written."
        choices.append(problem("tools", "definition_completed", text, "note"))
        parameters = _NO_PARAMETERS if tool.parameters is None else tool.parameters
        tool = replace(tool, description=tool.description or "", parameters=parameters)
    return tool


def _fit_call_turn(turn: Turn, abilities: Abilities, choices: list[Finding]) -> Turn:
    if not turn.tool_calls:
        return turn
    if turn.text and not abilities.arguments_and_text:
        text = "the format has no text beside a tool call: the call is kept, the text dropped."
        choices.append(problem("", "text_beside_call_dropped", text, "warning"))
        turn = replace(turn, content=None)
    if not abilities.canonical_arguments:
        return turn
    calls = tuple(replace(call, arguments=canonical_arguments(call.arguments) or "") for call in turn.tool_calls)
    if calls != turn.tool_calls:
        text = "the arguments of calls are kept as JSON: white space and escapes in them are written anew."
        choices.append(problem("", "arguments_rewritten", text, "note"))
    return replace(turn, tool_calls=calls)


def _with_turns(example: TrainingExample, turns: Sequence[Turn]) -> TrainingExample:
    """The example with these turns in place of all of its own."""
    end = len(example.turns)
    middle = end + len(example.preferred)
    return replace(
        example,
        turns=tuple(turns[:end]),
        preferred=tuple(turns[end:middle]),
        rejected=tuple(turns[middle:]),
    )
