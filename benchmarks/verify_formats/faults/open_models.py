"""Faults in rows that the hosts and trainers of open models read."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.examples import data_uri
from benchmarks.verify_formats.faults.fault import (
    AXO,
    LF,
    OLD,
    REMOVED,
    TG1,
    TG2,
    TRL,
    TUNE,
    BadRow,
    Place,
    both,
    cut,
    picture,
    put,
    put_first,
)


def open_rows() -> Sequence[BadRow]:
    form, m = "messages", "messages"
    together = {TG2: "", TG1: ""}
    tool_calls: Place = (m, 1, "tool_calls", 0)
    return [
        BadRow(form, "role human", "text", put("human", m, 0, "role"), "unknown_role",
               dict.fromkeys(together, "Invalid role") | {LF: "KeyError|dropped", TUNE: "role|human|before expected"}),
        BadRow(form, "no assistant", "text", cut(1, m), "no_assistant",
               dict.fromkeys(together, "assistant role") | {LF: "dropped", AXO: "trained", TUNE: "length 2"}),
        BadRow(form, "messages empty", "text", put([], m), "messages_missing",
               dict.fromkeys(together, "must not be empty") | {LF: "", AXO: "", TUNE: "length 2", TRL: ""}),
        BadRow(form, "no role", "text", put(REMOVED, m, 1, "role"), "role_missing",
               dict.fromkeys(together, "`role`") | {LF: "", AXO: "", TUNE: "role", TRL: ""}),
        BadRow(form, "content number", "text", put(7, m, 0, "content"), "text_not_string",
               dict.fromkeys(together, "Invalid content type") | {LF: "", TUNE: ""}),
        BadRow(form, "weight half", "weights", put(0.5, m, 1, "weight"), "bad_weight",
               dict.fromkeys(together, "integer")),
        BadRow(form, "weight two", "weights", put(2, m, 1, "weight"), "bad_weight", dict.fromkeys(together, "0 or 1")),
        BadRow(form, "extra key", "text", put("x", "topic"), "unknown_key", dict.fromkeys(together, "extra column")),
        BadRow(form, "text beside", "text", put("x", "text"), "unknown_key",
               dict.fromkeys(together, "multiple dataset|extra column")),
        BadRow(form, "picture by https", "image-data", put("https://a/b.png", m, 0, "content", 1, "image_url", "url"),
               "bad_image", dict.fromkeys(together, "base64")),
        BadRow(form, "picture of the assistant", "image-data", put([picture(data_uri())], m, 1, "content"),
               "misplaced_image", dict.fromkeys(together, "only user messages")),
        BadRow(form, "picture of kind gif", "image-data",
               put("data:image/gif;base64,R0lGODlhAQABAAAAACw=", m, 0, "content", 1, "image_url", "url"), "bad_image",
               dict.fromkeys(together, "JPEG, PNG or WEBP")),
        BadRow(form, "eleven pictures", "image-many",
               lambda row: row[m][0]["content"].append(picture(data_uri(11))), "too_many_images",
               dict.fromkeys(together, "at most 10")),
        BadRow(form, "text and parts mixed", "image-data", put("One pixel.", m, 1, "content"),
               "mixed_content", dict.fromkeys(together, "all in multimodal")),
        BadRow(form, "arguments broken", "tools", put('{"city": ', *tool_calls, "function", "arguments"),
               "bad_arguments", {AXO: "JSON"}),
        BadRow(form, "system later", "multi-turn", lambda row: row[m].insert(2, {"role": "system", "content": "x"}),
               "system_not_first", {LF: "dropped", TUNE: "must come first"}),
        BadRow(form, "two users", "multi-turn", lambda row: row[m].insert(0, dict(row[m][0])), "roles_not_in_turn",
               {LF: "dropped", TUNE: "consecutive user", TG1: "role turns"}),
        BadRow("prompt-completion", "no completion", "text", put(REMOVED, "completion"),
               "key_missing",
               dict.fromkeys(together, "Could not detect") | {TRL: "missing|not texts", OLD: "completion"}),
        BadRow("prompt-completion", "extra key", "text", put("x", "topic"), "unknown_key",
               dict.fromkeys(together, "extra column") | {OLD: "additional"}),
        BadRow("trl-preference", "no rejected", "preference", put(REMOVED, "rejected"),
               "answer_missing", {TRL: "missing|not texts"}),
        BadRow("llama-text", "text missing", "text", put(REMOVED, "text"),
               "text_not_string",
               dict.fromkeys(together, "Could not detect") | {TRL: "missing|not texts"}),
        BadRow("sharegpt", "from user", "text", put("user", "conversations", 0, "from"), "unknown_role",
               {LF: "KeyError|dropped", TUNE: "KeyError|user"}),
        BadRow("sharegpt", "ends with human", "multi-turn", cut(1, "conversations"), "last_not_assistant",
               {LF: "dropped"}),
        BadRow("sharegpt", "two humans", "multi-turn", put_first("conversations"),
               "roles_not_in_turn", {LF: "dropped", TUNE: "consecutive user"}),
        BadRow("sharegpt", "value missing", "text", put(REMOVED, "conversations", 0, "value"),
               "text_not_string", {LF: "", TUNE: "value"}),
        BadRow("alpaca", "output missing", "text", put(REMOVED, "output"),
               "text_not_string",
               {TRL: "missing|not texts", TUNE: "output", AXO: "output", LF: "output|dropped"}),
        BadRow("alpaca", "instruction empty", "text", both(put("", "instruction"), put("", "input")), "text_empty",
               {LF: "without a text"}),
    ]  # fmt: skip
