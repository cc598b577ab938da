"""Google: Gemini on Vertex AI, {"systemInstruction": {...}, "contents": [{"role", "parts": [{"text"}]}, ...]}.

Rules: Google Cloud, "About supervised fine-tuning for Gemini models" and its data page, read 2026-11-21. Both
spellings of systemInstruction are read, as the service does; the documented one is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from src.providers.base_provider import Finding, Provider, leading_system, problem
from src.providers.checks.message_rules import beyond_text, check_text
from src.records import Message

_SYSTEM_KEYS = ("systemInstruction", "system_instruction")
_MORE_KEYS = ("tools", "generationConfig", "generation_config")
# In the spelling of the documents and in that of its preference-tuning pages; both are read.
_CAMEL_PARTS = ("fileData", "inlineData", "functionCall", "functionResponse")
_SNAKE_PARTS = ("file_data", "inline_data", "function_call", "function_response")
_ROLES = {"user": "user", "assistant": "model"}


class GoogleProvider(Provider):
    name = "google"

    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        system, turns = leading_system(messages)
        contents = [{"role": _ROLES[turn.role], "parts": [{"text": turn.content}]} for turn in turns]
        # Gemini refuses a system role among the contents, so it rides in systemInstruction.
        top: dict[str, object] = {}
        if system is not None:
            top["systemInstruction"] = {"role": "system", "parts": [{"text": system}]}
        return {**top, "contents": contents}

    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        system = next((row[key] for key in _SYSTEM_KEYS if key in row), None)
        opening = (Message("system", _text_of(system)),) if system is not None else ()
        contents = cast("list[dict[str, object]]", row["contents"])
        return opening + tuple(
            Message("assistant" if content.get("role") == "model" else "user", _text_of(content))
            for content in contents
        )

    def validate_example(self, row: object) -> list[Finding]:
        if not isinstance(row, dict):
            return [problem("", "not_an_object", 'a row must be an object like {"contents": [...]}.')]
        return [*_check_keys(row), *_check_system(row), *_check_contents(row.get("contents"))]


def _text_of(content: object) -> str:
    """The texts of a content's parts, joined as the model reads them: one after the other."""
    parts = cast("dict[str, list[dict[str, str]]]", content)["parts"]
    return "".join(part["text"] for part in parts)


def _check_keys(row: Mapping[str, object]) -> Iterator[Finding]:
    for key in row:
        if key in _MORE_KEYS:
            yield beyond_text(key, f"'{key}'")
        elif key == "messages":
            text = "'messages' is the format of Gemini 1.0; write 'contents' with 'parts' and the roles user and model."
            yield problem(key, "old_format", text)
        elif key not in ("contents", *_SYSTEM_KEYS):
            yield problem(key, "unknown_key", f"'{key}' is not a key of this format; remove it.")


def _check_system(row: Mapping[str, object]) -> Iterator[Finding]:
    given = [key for key in _SYSTEM_KEYS if key in row]
    if len(given) > 1:
        yield problem(given[1], "system_repeated", "the system instruction stands twice; keep systemInstruction.")
    for key in given:
        # Its role is ignored by the service, and it is text only.
        yield from _check_content(row[key], key, roles=None, text_only=True)


def _check_contents(contents: object) -> Iterator[Finding]:
    if not isinstance(contents, list) or not contents:
        yield problem("contents", "contents_missing", "'contents' must be a list with at least one turn.")
        return
    for index, content in enumerate(contents):
        yield from _check_content(content, f"contents[{index}]", roles=("user", "model", "function"))
    roles = [content.get("role") if isinstance(content, dict) else None for content in contents]
    # With tools the function's answer stands between two turns of the model.
    if all(role in ("user", "model") for role in roles):
        yield from _check_order(roles)


def _check_order(roles: Sequence[object]) -> Iterator[Finding]:
    if roles[0] != "user":
        yield problem("contents[0].role", "first_not_user", "the first turn is the model's; start with the user's.")
    for index in range(1, len(roles)):
        if roles[index] == roles[index - 1]:
            text = f"two {roles[index]} turns in a row; join them or put the other side's turn between."
            yield problem(f"contents[{index}].role", "roles_not_in_turn", text)
    if roles[-1] != "model":
        text = "the last turn is the user's; end with the model's answer."
        yield problem(f"contents[{len(roles) - 1}].role", "last_not_model", text)


def _check_content(
    content: object, path: str, roles: Sequence[str] | None, text_only: bool = False
) -> Iterator[Finding]:
    if not isinstance(content, dict):
        yield problem(path, "content_not_object", "must be an object with role and parts.")
        return
    for key in content:
        if key not in ("role", "parts"):
            yield problem(f"{path}.{key}", "unknown_key", f"'{key}' is not a key here; keep only role and parts.")
    if roles is not None and content.get("role") not in roles:
        text = f"the role is {content.get('role')!r}; use user for the question and model for the answer."
        yield problem(f"{path}.role", "unknown_role", text)
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts:
        yield problem(f"{path}.parts", "parts_missing", '\'parts\' must be a list like [{"text": "..."}].')
        return
    for index, part in enumerate(parts):
        yield from _check_part(part, f"{path}.parts[{index}]", text_only)


def _check_part(part: object, path: str, text_only: bool) -> Iterator[Finding]:
    keys = list(part) if isinstance(part, dict) else []
    if len(keys) != 1 or keys[0] not in ("text", *(() if text_only else _CAMEL_PARTS + _SNAKE_PARTS)):
        text = 'a part has exactly one key, as in {"text": "..."}.'
        yield problem(path, "bad_part", text)
    elif isinstance(part, dict) and keys[0] == "text":
        yield from check_text(part["text"], f"{path}.text")
    else:
        yield beyond_text(f"{path}.{keys[0]}", f"'{keys[0]}'")
