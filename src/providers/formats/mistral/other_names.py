"""Other names mistral-finetune reads for the keys of an instruct row: the row as it is usually written.

They are interactions (messages), available_tools (tools), system_prompt (a system message) and, in a message, text
(content): build_instruct_sample in finetune/data/tokenize.py (commit 1943535), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.findings import Finding, problem

_PAIRS = (("messages", "interactions"), ("tools", "available_tools"))
_ROW_NAMES = ("interactions", "available_tools", "system_prompt")


def check_names(row: Mapping[str, object]) -> Iterator[Finding]:
    """Objections to a key that stands there under both of its names."""
    for name, other in _PAIRS:
        if name in row and other in row:
            yield problem(other, "key_twice", f"'{other}' is another name of '{name}'; keep one of them.")
    prompt, path = row.get("system_prompt"), messages_path(row)
    if prompt is not None and not isinstance(prompt, str):
        yield problem("system_prompt", "text_not_string", "must be a string; write the text in quotes.")
    messages = row.get(path)
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            continue
        if prompt is not None and message.get("role") == "system":
            text = "a second system text beside 'system_prompt'; join it with the first."
            yield problem(f"{path}[{index}].role", "system_repeated", text)
        if "text" in message and "content" in message:
            yield problem(
                f"{path}[{index}].text", "key_twice", "'text' is another name of 'content'; keep one of them."
            )


def messages_path(row: Mapping[str, object]) -> str:
    """The name the messages stand under."""
    return "interactions" if "interactions" in row and "messages" not in row else "messages"


def tools_path(row: Mapping[str, object]) -> str:
    """The name the tools stand under."""
    return "available_tools" if "available_tools" in row and "tools" not in row else "tools"


def usual_messages(row: Mapping[str, object]) -> object:
    """The messages of a row of any shape, with content for text; a system prompt stays where it is."""
    messages = row.get(messages_path(row))
    if not isinstance(messages, list) or not any(isinstance(m, dict) and "text" in m for m in messages):
        return messages
    return [_usual_message(message) for message in messages]


def _usual_message(message: object) -> object:
    if not isinstance(message, dict) or "text" not in message or "content" in message:
        return message
    return {"content" if key == "text" else key: value for key, value in message.items()}


def usual_row(row: Mapping[str, object]) -> Mapping[str, object]:
    """A checked row under the usual names; the row itself where it has no others."""
    messages = usual_messages(row)
    if messages is row.get("messages") and not any(name in row for name in _ROW_NAMES):
        return row
    prompt = row.get("system_prompt")
    system = [{"role": "system", "content": prompt}] if prompt is not None else []
    usual = {key: value for key, value in row.items() if key not in _ROW_NAMES}
    usual["messages"] = [*system, *messages] if isinstance(messages, list) else messages
    if "available_tools" in row:
        usual["tools"] = row["available_tools"]
    return usual
