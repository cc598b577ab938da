"""Fit tools to what Bedrock asks for: each with a description and a schema, each use with an id of its own."""

from __future__ import annotations

from dataclasses import replace

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Fitted
from src.providers.formats.fitting.turns import mapped
from src.providers.formats.training_example import Tool, TrainingExample, Turn


def fit_tool_specs(example: TrainingExample) -> Fitted:
    """Tools with a description (their name where there is none) and parameters of a type."""
    tools = tuple(_described(tool) for tool in example.tools)
    if tools == example.tools:
        return Fitted(example)
    text = "the format asks for a description and parameters: a tool without has its name and an empty schema."
    return Fitted(replace(example, tools=tools), (problem("tools", "tool_completed", text, "warning"),))


def _described(tool: Tool) -> Tool:
    description = tool.description if tool.description and tool.description.strip() else tool.name
    parameters = {"type": "object", "properties": {}} if tool.parameters is None else dict(tool.parameters)
    return replace(tool, description=description, parameters={"type": "object", **parameters})


def fit_call_ids(example: TrainingExample) -> Fitted:
    """Uses of tools whose ids differ in the whole conversation; all are numbered anew where two are the same."""
    ids = [call.id for turn in example.all_turns for call in turn.tool_calls]
    if len(set(ids)) == len(ids):
        return Fitted(example)
    choices: tuple[Finding, ...] = (
        problem("", "call_ids_made", "an id stood at two calls: all calls, and their answers, are numbered.", "note"),
    )
    newest: dict[str, str] = {}
    count = 0

    def numbered(turn: Turn) -> Turn:
        nonlocal count
        if turn.role == "tool":
            return replace(turn, tool_call_id=newest.get(turn.tool_call_id, turn.tool_call_id))
        calls = []
        for call in turn.tool_calls:
            count += 1
            newest[call.id] = f"call_{count}"
            calls.append(replace(call, id=newest[call.id]))
        return replace(turn, tool_calls=tuple(calls))

    return Fitted(mapped(example, numbered), choices)
