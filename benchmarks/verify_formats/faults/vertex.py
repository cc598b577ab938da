"""Faults in rows of Vertex."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.faults.fault import GENAI, PAGES, PROTO, REMOVED, BadRow, both, cut, put


def vertex_rows() -> Sequence[BadRow]:
    form, c = "vertex-chat", "contents"
    rows = [
        BadRow(form, "role assistant", "text", put("assistant", c, 1, "role"), "unknown_role", {PAGES: "role is not"}),
        BadRow(form, "messages beside", "text", put([], "messages"), "old_format",
               {PROTO: "messages", GENAI: "messages"}),
        BadRow(form, "unknown part key", "text", put({"words": "x"}, c, 0, "parts", 0),
               "bad_part", {PROTO: "words", GENAI: "words", PAGES: "one kind"}),
        BadRow(form, "content instead of parts", "text", both(put("x", c, 0, "content"), put(REMOVED, c, 0, "parts")),
               "parts_missing", {PROTO: "content", GENAI: "content", PAGES: "no parts"}),
        BadRow(form, "no parts", "text", put([], c, 0, "parts"), "parts_missing", {PAGES: "no parts"}),
        BadRow(form, "text a number", "text", put(7, c, 0, "parts", 0, "text"), "text_not_string",
               {PROTO: "text|string", GENAI: "text"}),
        BadRow(form, "text empty", "text", put("", c, 0, "parts", 0, "text"), "text_empty", {PAGES: "empty text"}),
        BadRow(form, "ends with user", "multi-turn", cut(1, c), "last_not_model",
               {PAGES: "last content"}),
        BadRow(form, "two users", "multi-turn", put("user", c, 1, "role"), "roles_not_in_turn", {PAGES: "alternate"}),
        BadRow(form, "starts with model", "multi-turn", lambda row: row[c].pop(0), "first_not_user",
               {PAGES: "first content"}),
        BadRow(form, "no contents", "text", put([], c), "contents_missing",
               {PROTO: "no contents", PAGES: "no contents"}),
        BadRow(form, "extra key", "text", put("x", "topic"), "unknown_key", {PROTO: "topic", GENAI: "topic"}),
        BadRow(form, "picture in the system", "system",
               put({"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a.png"}}, "systemInstruction", "parts", 0),
               "misplaced_part", {PAGES: "text only"}),
        BadRow(form, "two kinds in a part", "image-gs", put("x", c, 0, "parts", 1, "text"), "bad_part",
               {PROTO: "oneof|multiple", PAGES: "one kind"}),
        BadRow(form, "args a text", "tools", put("{}", c, 1, "parts", 0, "functionCall", "args"),
               "bad_arguments", {PROTO: "args|Struct|struct", GENAI: "args"}),
        BadRow(form, "schema type unknown", "tools",
               put("THING", "tools", 0, "functionDeclarations", 0, "parameters", "type"), "bad_schema",
               {PROTO: "type|THING"}),
        BadRow(form, "snake in camel", "tools", put([], "tools", 0, "functions"), "unknown_key",
               {PROTO: "functions", GENAI: "functions"}),
    ]  # fmt: skip
    form = "vertex-preference"
    return [
        *rows,
        BadRow(form, "score two", "preference", put(2, "completions", 0, "score"), "bad_score", {PAGES: "scores"}),
        BadRow(form, "one completion", "preference", cut(1, "completions"),
               "completions_not_two", {PAGES: "two completions"}),
        BadRow(form, "ends with model", "preference", put("model", "contents", 0, "role"),
               "first_not_user", {PAGES: "first content"}),
        BadRow(form, "completion of the user", "preference", put("user", "completions", 0, "completion", "role"),
               "unknown_role", {PAGES: "not the model's"}),
        BadRow(form, "unknown completion key", "preference", put("x", "completions", 0, "completion", "topic"),
               "unknown_key", {PROTO: "topic", GENAI: "topic"}),
    ]  # fmt: skip
