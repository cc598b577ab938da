"""Faults in rows of Mistral."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.faults.fault import MC, MF, REMOVED, BadRow, Place, both, cut, put


def mistral_rows() -> Sequence[BadRow]:
    form, m = "mistral-chat", "messages"
    tool_calls: Place = (m, 1, "tool_calls", 0)
    function: Place = ("tools", 0, "function")
    return [
        BadRow(form, "no messages", "text", put(REMOVED, m), "messages_missing",
               {MC: "messages", MF: "messages"}),
        BadRow(form, "role developer", "text", put("developer", m, 0, "role"), "unknown_role",
               {MC: "role|tag", MF: "unrecognized role"}),
        BadRow(form, "ends with user", "multi-turn", cut(1, m), "last_not_assistant",
               {MC: "Expected last role", MF: "no attribute 'value'"}),
        BadRow(form, "content empty", "text", put("", m, 1, "content"), "text_empty",
               {MC: "either content or tool_calls", MF: "either content or tool_calls"}),
        BadRow(form, "content missing", "text", put(REMOVED, m, 0, "content"), "content_missing",
               {MC: "content", MF: "without text or content"}),
        BadRow(form, "weight two", "weights", put(2, m, 1, "weight"), "bad_weight", {MC: "weight", MF: "weight"}),
        BadRow(form, "weight on user", "weights", put(1, m, 0, "weight"), "bad_weight", {MC: "weight"}),
        BadRow(form, "second system", "system", lambda row: row[m].insert(0, dict(row[m][0])),
                    "system_repeated", {MF: "more than one message with role system"}),
        BadRow(form, "call id too long", "tools",
               both(put("call_abcdef", *tool_calls, "id"), put("call_abcdef", m, 2, "tool_call_id")), "bad_call_id",
               {MC: "length of 9", MF: "length of 9"}),
        BadRow(form, "answer without id", "tools", put(REMOVED, m, 2, "tool_call_id"), "bad_call_id",
               {MC: "Tool call id", MF: "tool_call_id"}),
        BadRow(form, "call without answer", "tools", lambda row: row[m].pop(2), "call_without_answer",
               {MC: "number of function calls", MF: "number of function calls"}),
        # mistral-common 1.13.1 takes it: tokenizers since v7 know users who speak after a tool.
        BadRow(form, "user after the tool", "calls-twice", lambda row: row[m].pop(4), "roles_not_in_turn",
               {MF: "no attribute 'value'"}, "warning"),
        BadRow(form, "call comes first", "tools", lambda row: row[m].pop(0),
               "call_without_question", {MC: "number of function calls", MF: "number of function calls"}),
        BadRow(form, "text beside call", "tools", put("Let me look.", m, 1, "content"), "text_beside_call",
               {MC: "not both", MF: "not both"}),
        BadRow(form, "arguments object", "tools", put({"city": "x"}, *tool_calls, "function", "arguments"),
               "bad_arguments", {MF: "not a string"}),
        BadRow(form, "call name with space", "tools", put("get weather", *tool_calls, "function", "name"),
               "bad_tool_name", {MC: "Function name", MF: "Function name"}),
        BadRow(form, "tool name with space", "tools", put("get weather", *function, "name"), "bad_tool_name",
               {MC: "Function name", MF: "Function name"}),
        BadRow(form, "tool without description", "tools", put(REMOVED, *function, "description"), "bad_tool",
               {MF: "description"}),
        BadRow(form, "tool without parameters", "tools", put(REMOVED, *function, "parameters"), "bad_tool",
               {MC: "parameters", MF: "parameters"}),
        BadRow(form, "schema of no type", "tools", put("thing", *function, "parameters", "type"), "bad_schema",
               {MC: "Invalid tool schema", MF: "Invalid tool schema"}),
        BadRow(form, "text and messages", "text", put("x", "text"), "unknown_key", {MC: "unknown"}),
        BadRow("mistral-text", "text and content", "raw-text", put("x", "content"),
               "text_twice", {MF: "one of them"}),
        BadRow("mistral-text", "text a list", "raw-text", put(["x"], "text"), "text_not_string", {MF: "not a string"}),
    ]  # fmt: skip
