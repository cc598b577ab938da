"""Rows of messages the tests of the open formats share."""

from __future__ import annotations

from typing import Any

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import Tool, ToolCall, TrainingExample, Turn
from tests.providers.conversations import rules, through_json
from tests.providers.formats.strategies import PIXEL

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": '{"zone": "Köln"}'}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "12:00", "tool_call_id": "c1"}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "now", "parameters": {"type": "object", "properties": {}}},
}
PICTURE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PIXEL}}]}
PARTS = {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]}

TALK = TrainingExample(
    (
        Turn("system", "Be brief."),
        Turn("user", "Hi"),
        Turn("assistant", "Hello"),
        Turn("user", "Bye"),
        Turn("assistant", "Ciao"),
    )
)
TOOL_TALK = TrainingExample(
    (
        Turn("user", "What time is it?"),
        Turn("assistant", tool_calls=(ToolCall("c1", "now", '{"zone": "Köln"}'),)),
        Turn("tool", "12:00", tool_call_id="c1"),
        Turn("assistant", "Noon."),
    ),
    tools=(Tool("now", "The time.", {"type": "object", "properties": {"zone": {"type": "string"}}}),),
)
PREFERENCE = TrainingExample(
    (Turn("user", "Hi"),), preferred=(Turn("assistant", "Hello"),), rejected=(Turn("assistant", "What?"),)
)


def objections(name: str, row: object) -> set[tuple[str, str]]:
    """The (path, rule) of each error the format finds in the row."""
    return rules(list(FORMATS[name].check(row)))


def warnings(name: str, row: object, severity: str = "warning") -> set[tuple[str, str]]:
    return rules(list(FORMATS[name].check(row)), severity)


def written(name: str, example: TrainingExample) -> Any:
    """The row of an example, after the fitting, as it is read from a file."""
    fitted = FORMATS[name].fit(example).example
    assert fitted is not None
    return through_json(FORMATS[name].build(fitted))


def choices(name: str, example: TrainingExample) -> list[tuple[str, str]]:
    """The severity and rule of each choice the format's fitting makes."""
    return [(choice.severity, choice.rule) for choice in FORMATS[name].fit(example).choices]
