"""The rules for a list of {"role", "content"} messages, which four of the five formats share with small differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from src.providers.base_provider import NOT_TEXT_ONLY, Finding, problem
from src.records import Message

Strictness = Literal["free", "advised", "required"]
# Keys with which a message says something that is not text.
_CALLS = ("tool_calls", "function_call")


@dataclass(frozen=True, slots=True)
class MessageRules:
    """What one provider wants of the messages in a row.

    `more_keys` are accepted beside role and content; `alternate` asks for user and assistant in turn, user first;
    `weights_on` are the roles whose messages may carry a weight of 0 or 1.
    """

    roles: tuple[str, ...]
    more_keys: tuple[str, ...] = ()
    system: Literal["anywhere", "once", "first"] = "anywhere"
    alternate: Strictness = "free"
    ends_with_assistant: Strictness = "advised"
    content_parts: bool = False
    weights_on: tuple[str, ...] = ()
    reserved_texts: tuple[str, ...] = ()


def check_row_keys(row: Mapping[str, object], accepted: Sequence[str]) -> Iterator[Finding]:
    """Keys beside "messages": unknown ones are errors, known ones are more than text."""
    for key in row:
        if key == "messages":
            continue
        if key not in accepted:
            known = ", ".join(("messages", *accepted))
            yield problem(key, "unknown_key", f"'{key}' is not a key of this format; remove it (known: {known}).")
        elif row[key] not in (None, [], {}):
            yield beyond_text(key, f"'{key}'")


def check_messages(messages: object, rules: MessageRules) -> Iterator[Finding]:
    """Objections to a row's "messages": each message by itself, then the order of the roles."""
    if not isinstance(messages, list) or not messages:
        yield problem("messages", "messages_missing", "'messages' must be a list with at least one message.")
        return
    for index, message in enumerate(messages):
        yield from _check_message(message, f"messages[{index}]", rules)
    roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
    if all(role in rules.roles for role in roles):
        yield from _check_order([str(role) for role in roles], rules)


def check_text(text: object, path: str, reserved: Sequence[str] = ()) -> Iterator[Finding]:
    """Objections to one piece of text."""
    if not isinstance(text, str):
        yield problem(path, "text_not_string", f"must be a string, not {_kind(text)}; write the text in quotes.")
    elif not text.strip():
        yield problem(path, "text_empty", "is empty; write a text or remove the example.")
    else:
        for word in reserved:
            if word in text:
                yield problem(path, "reserved_text", f"holds {word!r}, which the provider refuses; reword it.")


def beyond_text(path: str, what: str) -> Finding:
    message = f"{what} goes beyond text: only the roles and texts of this row are checked, its tokens are estimated."
    return problem(path, NOT_TEXT_ONLY, message, "note")


def rows_of(messages: Sequence[Message]) -> list[dict[str, object]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def read_messages(messages: object) -> tuple[Message, ...]:
    """Messages of a text-only list that has been checked."""
    assert isinstance(messages, list)
    return tuple(Message(message["role"], message["content"]) for message in messages)


def _check_message(message: object, path: str, rules: MessageRules) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield problem(path, "message_not_object", f"must be an object with role and content, not {_kind(message)}.")
        return
    role = message.get("role")
    if role not in rules.roles:
        message_text = f"the role is {role!r}; use one of {', '.join(rules.roles)}."
        yield problem(f"{path}.role", "unknown_role" if "role" in message else "role_missing", message_text)
    yield from _check_keys(message, path, rules)
    yield from _check_content(message, path, rules)


def _check_keys(message: Mapping[str, object], path: str, rules: MessageRules) -> Iterator[Finding]:
    for key in message:
        if key in ("role", "content"):
            continue
        if key not in rules.more_keys:
            yield problem(f"{path}.{key}", "unknown_key", f"'{key}' is not a key of a message here; remove it.")
        elif key == "weight" and not _is_weight(message, rules):
            allowed = " or ".join(rules.weights_on)
            yield problem(f"{path}.weight", "bad_weight", f"a weight is 0 or 1, and on {allowed} messages only.")
        elif message[key] not in (None, [], {}):
            yield beyond_text(f"{path}.{key}", f"'{key}'")


def _is_weight(message: Mapping[str, object], rules: MessageRules) -> bool:
    weight = message["weight"]
    return isinstance(weight, int) and not isinstance(weight, bool) and weight in (0, 1) and _role(message, rules)


def _role(message: Mapping[str, object], rules: MessageRules) -> bool:
    return message.get("role") in rules.weights_on


def _check_content(message: Mapping[str, object], path: str, rules: MessageRules) -> Iterator[Finding]:
    content = message.get("content")
    if any(message.get(key) and key in rules.more_keys for key in _CALLS) and not content:
        return
    if content is None:
        yield problem(f"{path}.content", "content_missing", "has no text; write the message's text into 'content'.")
    elif isinstance(content, list) and rules.content_parts:
        yield beyond_text(f"{path}.content", "a list of parts")
    else:
        yield from check_text(content, f"{path}.content", rules.reserved_texts)


def _check_order(roles: Sequence[str], rules: MessageRules) -> Iterator[Finding]:
    yield from _check_system(roles, rules)
    turns = [(index, role) for index, role in enumerate(roles) if role not in ("system", "developer")]
    # With tools the answer of a tool stands between two assistant messages.
    if rules.alternate != "free" and all(role in ("user", "assistant") for _, role in turns):
        yield from _check_turns(turns, "error" if rules.alternate == "required" else "warning")
    if "assistant" not in roles:
        yield problem("messages", "no_assistant", "holds no assistant message; add the answer to be learnt.")
    elif roles[-1] != "assistant" and rules.ends_with_assistant != "free":
        severity: Literal["error", "warning"] = "error" if rules.ends_with_assistant == "required" else "warning"
        text = f"the last message is the {roles[-1]}'s; end with the assistant's."
        yield problem(f"messages[{len(roles) - 1}].role", "last_not_assistant", text, severity)


def _check_system(roles: Sequence[str], rules: MessageRules) -> Iterator[Finding]:
    places = [index for index, role in enumerate(roles) if role == "system"]
    if rules.system != "anywhere" and len(places) > 1:
        text = "a second system message; join it with the first."
        yield problem(f"messages[{places[1]}].role", "system_repeated", text)
    elif rules.system == "first" and places and places[0] != 0:
        text = "the system message must be the first; move it to the front."
        yield problem(f"messages[{places[0]}].role", "system_not_first", text)


def _check_turns(turns: Sequence[tuple[int, str]], severity: Literal["error", "warning"]) -> Iterator[Finding]:
    if turns and turns[0][1] != "user":
        text = "the first turn is the assistant's; start with the user's."
        yield problem(f"messages[{turns[0][0]}].role", "first_not_user", text, severity)
    for (_, before), (index, role) in pairwise(turns):
        if before == role:
            text = f"two {role} messages in a row; join them or put the other side's turn between."
            yield problem(f"messages[{index}].role", "roles_not_in_turn", text, severity)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), "a string")
