"""Faults of whole files: their bytes, their lines, how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.verify_formats.faults.fault import CLAUDE, COOK, MC, MF, NOVA, OLD, PAGES, TG1, TG2, TYPES, BadBytes

BOM = b"\xef\xbb\xbf"


def bad_files() -> Sequence[BadBytes]:
    broken = {TG2: "parsing json payload", TG1: "parsing json payload"}
    return [
        BadBytes("openai-chat", "line broken off", lambda lines: whole([*lines, lines[0][:20]]), "not_json",
                 {TYPES: "invalid JSON", COOK: "invalid JSON"}),
        BadBytes("messages", "line broken off", lambda lines: whole([*lines, lines[0][:20]]), "not_json", broken),
        BadBytes("messages", "single quotes", lambda lines: whole([*lines, lines[0].replace(b'"', b"'")]), "not_json",
                 broken),
        BadBytes("messages", "blank line", lambda lines: whole([lines[0], b"", *lines[1:]]), "blank_line", broken),
        BadBytes("messages", "byte order mark", lambda lines: BOM + whole(lines), "byte_order_mark", broken),
        BadBytes("messages", "Latin-1", lambda lines: whole(lines).replace(b"What", "Wás".encode("latin-1")),
                 "not_utf8", {TG2: "not UTF-8", TG1: "not UTF-8"}),
        BadBytes("messages", "UTF-16", lambda lines: whole(lines).decode().encode("utf-16"), "wrong_kind_of_file",
                 {TG2: "not UTF-8", TG1: "not UTF-8"}),
        BadBytes("messages", "line is a list", lambda lines: whole([*lines, b"[1, 2]"]), "not_an_object",
                 {TG2: "Invalid format", TG1: "Invalid format"}),
        BadBytes("messages", "empty file", lambda lines: b"", "empty_file", {TG2: "empty", TG1: "empty"}),
        BadBytes("messages", "one array", lambda lines: b"[" + b",\n".join(lines) + b"]\n", "json_array", broken),
        BadBytes("prompt-completion", "line broken off", lambda lines: whole([*lines, lines[0][:20]]), "not_json",
                 broken | {OLD: "valid JSONL"}),
        BadBytes("vertex-chat", "line broken off", lambda lines: whole([*lines, lines[0][:20]]), "not_json",
                 {PAGES: "invalid JSON"}),
        BadBytes("mistral-chat", "line broken off", lambda lines: whole([*lines, lines[0][:20]]), "not_json",
                 {MC: "invalid JSON", MF: "invalid JSON"}),
        BadBytes("bedrock-claude", "31 lines", lambda lines: whole(lines[:31]), "too_few_examples",
                 {CLAUDE: "31 lines"}),
        BadBytes("bedrock-claude", "10,001 lines", lambda lines: whole((lines * 400)[:10_001]), "too_many_examples",
                 {CLAUDE: "10001 lines"}),
        BadBytes("bedrock-conversation", "7 lines", lambda lines: whole(lines[:7]), "too_few_examples",
                 {NOVA: "7 samples"}),
        BadBytes("openai-chat", "9 lines", lambda lines: whole(lines[:9]), "too_few_examples"),
        BadBytes("messages", "NaN", lambda lines: whole([*lines, lines[0][:-1] + b', "weight": NaN}']), "not_json"),
    ]  # fmt: skip


def whole(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
