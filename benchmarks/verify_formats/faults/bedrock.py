"""Faults in rows of Bedrock."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.faults.fault import CLAUDE, FORGE, LLAMA, NOVA, REMOVED, BadRow, Place, cut, double, put


def bedrock_rows() -> Sequence[BadRow]:
    form, m = "bedrock-claude", "messages"
    rows = [
        BadRow(form, "role system", "system", lambda row: row[m].insert(0, {"role": "system", "content": "x"}),
               "unknown_role", {CLAUDE: "role"}),
        BadRow(form, "system a list", "system", put(["x"], "system"), "text_not_string", {CLAUDE: "not a string"}),
        BadRow(form, "system null", "text", put(None, "system"), "text_not_string",
               {CLAUDE: "not a string"}),
        BadRow(form, "parts", "text", put([{"type": "text", "text": "x"}], m, 0, "content"), "text_not_string",
               {CLAUDE: "not a string"}),
        BadRow(form, "ends with user", "multi-turn", cut(1, m), "last_not_assistant", {CLAUDE: "end with assistant"}),
        BadRow(form, "starts with assistant", "multi-turn", lambda row: row[m].pop(0), "first_not_user",
               {CLAUDE: "start with user"}),
        BadRow(form, "two users", "multi-turn", put("user", m, 1, "role"), "roles_not_in_turn", {CLAUDE: "alternate"}),
        BadRow(form, "one message", "text", cut(1, m), "no_assistant", {CLAUDE: "two or more"}),
        BadRow(form, "Human marker", "text", put("a\nHuman: b", m, 0, "content"), "reserved_text",
               {CLAUDE: "reserved"}),
        BadRow(form, "Assistant marker in system", "system", put("a\nAssistant: b", "system"), "reserved_text",
               {CLAUDE: "reserved"}),
        BadRow(form, "extra key", "text", put("x", "topic"), "unknown_key", {CLAUDE: "extra keys"}),
        BadRow(form, "extra message key", "text", put(1, m, 1, "weight"), "unknown_key", {CLAUDE: "extra keys"}),
        BadRow(form, "content empty", "text", put("", m, 0, "content"), "text_empty", {CLAUDE: "empty"}),
    ]  # fmt: skip
    form = "bedrock-conversation"
    image: Place = (m, 0, "content", 1, "image")
    tool: Place = ("toolConfig", "tools", 0, "toolSpec")
    use: Place = (m, 1, "content", 0, "toolUse")
    return [
        *rows,
        BadRow(form, "other schema", "text", put("v2", "schemaVersion"), "schema_version",
               {LLAMA: "schemaVersion", FORGE: "schemaVersion"}),
        BadRow(form, "content a string", "text", put("x", m, 0, "content"),
               "content_not_list", {NOVA: "list of items", LLAMA: "list of items", FORGE: "valid list"}),
        BadRow(form, "content empty list", "text", put([], m, 0, "content"),
               "content_not_list", {NOVA: "list of items", LLAMA: "list of items"}),
        BadRow(form, "item of nothing", "text", put({}, m, 0, "content", 0), "bad_block",
               {NOVA: "without text", FORGE: "at least one of"}),
        BadRow(form, "text empty", "text", put("", m, 0, "content", 0, "text"), "text_empty",
               {NOVA: "empty text", FORGE: "empty text"}),
        BadRow(form, "starts with assistant", "multi-turn", lambda row: row[m].pop(0), "first_not_user",
               {NOVA: "expected user", FORGE: "expected user"}),
        BadRow(form, "ends with user", "multi-turn", cut(1, m), "last_not_assistant",
               {NOVA: "last turn", FORGE: "last turn"}),
        BadRow(form, "role system", "text", put("system", m, 0, "role"), "unknown_role",
               {NOVA: "expected user", LLAMA: "role is not", FORGE: "role"}),
        BadRow(form, "system a string", "system", put("x", "system"), "system_not_list",
               {NOVA: "list of texts", LLAMA: "list with one text", FORGE: "valid list"}),
        BadRow(form, "picture by https", "image-s3", put("https://a/b.png", *image, "source", "s3Location", "uri"),
               "bad_file", {NOVA: "s3://", LLAMA: "s3://"}),
        BadRow(form, "space in the path", "image-s3", put("s3://bucket/a b.png", *image, "source", "s3Location", "uri"),
               "bad_file", {NOVA: "invalid characters"}),
        BadRow(form, "picture of kind bmp", "image-s3", put("bmp", *image, "format"), "bad_file_format",
               {NOVA: "invalid image format"}),
        BadRow(form, "tools empty", "tools", put([], "toolConfig", "tools"), "bad_tool", {FORGE: "cannot be empty"}),
        BadRow(form, "tool repeated", "tools", double("toolConfig", "tools"), "tool_repeated",
               {FORGE: "duplicate tool"}),
        BadRow(form, "tool without words", "tools", put("", *tool, "description"), "bad_tool", {FORGE: "description"}),
        BadRow(form, "schema without type", "tools", put(REMOVED, *tool, "inputSchema", "json", "type"), "bad_schema",
               {FORGE: "'type' field"}),
        BadRow(form, "unknown tool", "tools", put("x", *use, "name"), "undefined_tool",
               {FORGE: "not found in toolConfig"}),
        BadRow(form, "arguments a text", "tools", put("{}", *use, "input"), "bad_arguments", {FORGE: "input"}),
        BadRow(form, "answer to no call", "tools", put("x", m, 2, "content", 0, "toolResult", "toolUseId"),
               "answer_without_call", {FORGE: "not found in any preceding"}),
        BadRow(form, "answer of nothing", "tools", put([], m, 2, "content", 0, "toolResult", "content"), "bad_result",
               {FORGE: "cannot be empty"}),
        # Nova's script takes several.
        BadRow(form, "two systems", "system", double("system"), "system_repeated", {LLAMA: "list with one text"},
               "warning"),
        BadRow(form, "picture of the assistant", "image-s3",
               lambda row: row[m][1]["content"].append(dict(row[m][0]["content"][1])), "misplaced_block",
               {NOVA: "assistant", LLAMA: "assistant"}),
        BadRow("bedrock-completion", "completion missing", "text", put(REMOVED, "completion"),
               "completion_missing", {LLAMA: "completion"}),
        BadRow("bedrock-completion", "prompt a list", "text", put(["x"], "prompt"), "text_not_string",
               {LLAMA: "prompt"}),
    ]  # fmt: skip
