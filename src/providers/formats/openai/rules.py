"""What OpenAI's chat, preference and reinforcement rows have in common.

OpenAI published a schema of training rows in openai-openapi until April 2025 (commit 498c71d, FineTuneChatRequestInput
and its siblings); today's one (commit f85dbe2, 2026-08-21) keeps only the messages and tools they are made of. Both and
the guides on developers.openai.com were read 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from src.providers.formats.chat.answer_rules import check_called_tools
from src.providers.formats.chat.media_rules import MediaRules, check_image_count, count_images
from src.providers.formats.chat.message_rules import MessageRules
from src.providers.formats.chat.rows import build_tools
from src.providers.formats.chat.tool_rules import ToolRules, check_tools
from src.providers.formats.findings import Finding, problem
from src.providers.formats.openai.functions import check_functions
from src.providers.formats.openai.strict_schemas import check_strict_tools
from src.providers.formats.training_example import TrainingExample

CHAT_KEYS = ("messages", "tools", "parallel_tool_calls", "functions", "response_format")
ROLES = ("system", "user", "assistant", "developer", "tool", "function")
# The assistant's refusal and function_call may be null, other keys are left out (schema).
NULLABLE = ("refusal", "function_call")
ANSWER_KEYS = ("name", "tool_calls", "function_call", "refusal")
# No schema says what a name may be; the API refuses others (FlowiseAI/Flowise issue 2948, 2024-08-06).
NAMES = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# At most 128 functions (schema).
TOOL_RULES = ToolRules(typed=("tools", "calls"), most=128)
# At most 10 pictures an example and 10 MB each, RGB or RGBA, HTTP or data URLs: OpenAI, "Vision fine-tuning".
MEDIA_RULES = MediaRules(schemes=("https", "http", "data"), rgb_only=True)
MEDIA_SCHEMES = ("https://", "http://", "data:")
MESSAGE_RULES = MessageRules(
    roles=ROLES,
    more_keys=(*ANSWER_KEYS, "weight", "tool_call_id"),
    nullable=NULLABLE,
    parts=True,
    media=MEDIA_RULES,
    refusal_parts=True,
    weights_on=("assistant",),
    names=NAMES,
    tools=TOOL_RULES,
)
_VISION = 'OpenAI, "Vision fine-tuning", developers.openai.com, read 2026-11-21'
RULE_SOURCES = {
    "bad_image": _VISION,
    "bad_image_colours": _VISION,
    "image_too_large": _VISION,
    "misplaced_image": _VISION,
    "too_many_images": _VISION,
    "bad_name": "FlowiseAI/Flowise issue 2948 (the API's own words, 2024-08-06), read 2026-11-21",
    "not_strict": "openai 3.52.0, lib/_pydantic.py (to_strict_json_schema), read 2026-11-21",
}


def check_beside(row: Mapping[str, object], path: str = "") -> Iterator[Finding]:
    """Objections to the tools, pictures and old functions of a row, or of an object at `path` in it."""
    head = f"{path}." if path else ""
    messages, functions = row.get("messages"), row.get("functions")
    if "tools" in row:
        yield from check_tools(row["tools"], TOOL_RULES, f"{head}tools")
        yield from check_strict_tools(row["tools"], f"{head}tools")
    if not isinstance(row.get("parallel_tool_calls", True), bool):
        yield problem(f"{head}parallel_tool_calls", "bad_flag", "must be true or false.")
    yield from check_functions(row, path)
    old = [{"function": function} for function in functions] if isinstance(functions, list) else []
    tools = row.get("tools")
    yield from check_called_tools(messages, [*tools, *old] if isinstance(tools, list) else old, f"{head}messages")
    yield from check_image_count(count_images(messages), f"{head}messages", MEDIA_RULES)


def read_flag(row: Mapping[str, object]) -> bool | None:
    """Whether tools may be called side by side; None where the row does not say."""
    flag = row.get("parallel_tool_calls")
    return flag if isinstance(flag, bool) else None


def build_beside(example: TrainingExample) -> dict[str, object]:
    """The keys beside the messages: tools, parallel_tool_calls."""
    beside: dict[str, object] = {"tools": build_tools(example.tools)} if example.tools else {}
    if example.parallel_tool_calls is not None:
        beside["parallel_tool_calls"] = example.parallel_tool_calls
    return beside
