"""Faults in chat rows of OpenAI."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.examples import data_uri
from benchmarks.verify_formats.faults.fault import COOK, REMOVED, TYPES, BadRow, Place, cut, picture, put


def openai_rows() -> Sequence[BadRow]:
    form, m = "openai-chat", "messages"
    tool_calls: Place = (m, 1, "tool_calls", 0)
    function: Place = ("tools", 0, "function")
    return [
        BadRow(form, "no messages", "text", put(REMOVED, m), "messages_missing",
               {TYPES: "KeyError|not a list", COOK: "missing_messages_list"}),
        BadRow(form, "messages empty", "text", put([], m), "messages_missing",
               {TYPES: "not a list with messages", COOK: "missing_messages_list"}),
        BadRow(form, "role human", "text", put("human", m, 0, "role"), "unknown_role",
               {TYPES: "role", COOK: "unrecognized_role"}),
        BadRow(form, "no role", "text", put(REMOVED, m, 0, "role"), "role_missing",
               {TYPES: "role", COOK: "message_missing_key"}),
        BadRow(form, "no content", "text", put(REMOVED, m, 1, "content"), "content_missing",
               {TYPES: "without content", COOK: "message_missing_key"}),
        BadRow(form, "content null", "text", put(None, m, 0, "content"), "content_missing",
               {TYPES: "content", COOK: "missing_content"}),
        BadRow(form, "content number", "text", put(7, m, 0, "content"), "text_not_string",
               {TYPES: "content", COOK: "missing_content"}),
        BadRow(form, "content empty", "text", put("", m, 1, "content"), "text_empty",
               {TYPES: "without content", COOK: "missing_content"}),
        BadRow(form, "unknown message key", "text", put("x", m, 0, "topic"), "unknown_key",
               {TYPES: "topic", COOK: "message_unrecognized_key"}),
        BadRow(form, "unknown row key", "text", put("x", "topic"), "unknown_key", {TYPES: "unknown keys"}),
        BadRow(form, "no assistant", "text", cut(1, m), "no_assistant",
               {TYPES: "no assistant", COOK: "example_missing_assistant"}),
        BadRow(form, "weight half", "weights", put(0.5, m, 1, "weight"), "bad_weight", {TYPES: "weight is not"}),
        BadRow(form, "weight on user", "weights", put(1, m, 0, "weight"), "bad_weight", {TYPES: "weight on a"}),
        BadRow(form, "name number", "names", put(3, m, 0, "name"), "text_not_string", {TYPES: "name"}),
        BadRow(form, "call without id", "tools", put(REMOVED, *tool_calls, "id"), "bad_call_id", {TYPES: "id"}),
        BadRow(form, "call of another type", "tools", put("tool", *tool_calls, "type"), "bad_tool_call",
               {TYPES: "type"}),
        BadRow(form, "arguments object", "tools", put({"city": "x"}, *tool_calls, "function", "arguments"),
               "bad_arguments", {TYPES: "arguments"}),
        BadRow(form, "answer without id", "tools", put(REMOVED, m, 2, "tool_call_id"), "bad_call_id",
               {TYPES: "tool_call_id"}),
        BadRow(form, "tool without function", "tools", put(REMOVED, *function), "bad_tool", {TYPES: "function"}),
        BadRow(form, "tool without name", "tools", put(REMOVED, *function, "name"), "bad_tool_name", {TYPES: "name"}),
        BadRow(form, "parameters text", "tools", put("{}", *function, "parameters"), "bad_schema",
               {TYPES: "parameters"}),
        BadRow(form, "parallel flag text", "parallel-tools", put("yes", "parallel_tool_calls"), "bad_flag",
               {TYPES: "parallel_tool_calls"}),
        BadRow(form, "unknown part", "text-parts", put({"type": "poem", "poem": "x"}, m, 0, "content", 0),
               "unknown_part", {TYPES: "type"}),
        BadRow(form, "picture a plain string", "image-url", put("https://a/b.png", m, 0, "content", 1, "image_url"),
               "bad_image", {TYPES: "image_url"}),
        BadRow(form, "picture of the assistant", "text", put([picture(data_uri())], m, 1, "content"),
               "misplaced_image", {TYPES: "content"}),
    ]  # fmt: skip
