"""Rules for a list of {"role", "content"} messages, which most formats share with small differences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.providers.formats.chat.answer_rules import check_answers
from src.providers.formats.chat.content_rules import ContentRules, check_content
from src.providers.formats.chat.order_rules import OrderRules, check_order
from src.providers.formats.chat.texts import kind_of, shown
from src.providers.formats.chat.tool_rules import ToolRules, check_call_id, check_calls
from src.providers.formats.findings import Finding, problem

_TEXT_KEYS = ("role", "content")
_PLAIN_ROLES = ("system", "user", "assistant", "developer")
_ASSISTANTS_KEYS = ("tool_calls", "function_call", "refusal")


@dataclass(frozen=True, kw_only=True, eq=False)
class MessageRules(OrderRules, ContentRules):
    """What one format wants of the messages in a row.

    `more_keys` are accepted beside role and content, those of `nullable` as null too; `weights_on` are the roles whose
    messages may carry a weight of 0 or 1, `names_on` those that may carry a name (None: all), which should match
    `names`. `tools` is None where there are no tool calls; `text_beside_calls` is False where a message holds either.
    """

    roles: tuple[str, ...]
    more_keys: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ("name", "refusal", "tool_calls", "function_call")
    weights_on: tuple[str, ...] = ()
    names_on: tuple[str, ...] | None = None
    names: re.Pattern[str] | None = None
    tools: ToolRules | None = None
    text_beside_calls: bool = True


def check_messages(messages: object, rules: MessageRules, path: str = "messages") -> Iterator[Finding]:
    """Objections to a row's messages: each by itself, then the order of the roles and the answers of tools."""
    plain = check_plain_messages(messages, rules, path)
    if plain is not None:
        yield from plain
        return
    if not isinstance(messages, list) or not messages:
        yield problem(path, "messages_missing", f"'{path}' must be a list with at least one message.")
        return
    for index, message in enumerate(messages):
        yield from _check_message(message, f"{path}[{index}]", rules)
    roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
    if all(role in rules.roles for role in roles):
        yield from check_order([str(role) for role in roles], rules, path)
    if rules.tools is not None:
        yield from check_answers(messages, rules.tools.unanswered, path)
    if rules.answered and rules.weights_on:
        yield from _check_learnt(messages, path)


def check_plain_messages(messages: object, rules: MessageRules, path: str = "messages") -> Sequence[Finding] | None:
    """The same for messages of a role and a text alone, which nearly all are; None where they hold more or are wrong.

    Their order is all there is to judge, and this runs for every row of a file.
    """
    if type(messages) is not list or not messages:
        return None
    roles = []
    for message in messages:
        if type(message) is not dict or len(message) != 2:
            return None
        content, role = message.get("content"), message.get("role")
        if type(content) is not str or not content or content.isspace():
            return None
        if role not in _PLAIN_ROLES or role not in rules.roles:
            return None
        if rules.reserved_texts and any(word in content for word in rules.reserved_texts):
            return None
        roles.append(role)
    return check_order(roles, rules, path)


def _check_message(message: object, path: str, rules: MessageRules) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield problem(path, "message_not_object", f"must be an object with role and content, not {kind_of(message)}.")
        return
    role = message.get("role")
    if role not in rules.roles:
        text = f"the role is {shown(role)}; use one of {', '.join(rules.roles)}."
        yield problem(f"{path}.role", "unknown_role" if "role" in message else "role_missing", text)
    for key, value in message.items():
        if key not in _TEXT_KEYS:
            yield from _check_key(key, value, message, f"{path}.{key}", rules)
    if role == "tool" and rules.tools is not None:
        yield from check_call_id(message.get("tool_call_id"), rules.tools, f"{path}.tool_call_id")
    yield from check_content(message, path, rules, _may_be_silent(message, rules))


def _check_key(
    key: str, value: object, message: Mapping[str, object], path: str, rules: MessageRules
) -> Iterator[Finding]:
    role = message.get("role")
    if key not in rules.more_keys:
        yield problem(path, "unknown_key", f"'{key}' is not a key of a message here; remove it.")
    elif value is None and key in rules.nullable:
        return
    elif key == "weight":
        yield from _check_weight(value, role, path, rules)
    elif key in _ASSISTANTS_KEYS and role != "assistant":
        yield problem(path, "misplaced_key", f"only an assistant message may have '{key}'; remove it.")
    elif key == "tool_calls" and rules.tools is not None:
        yield from _check_tool_calls(message, path, rules, rules.tools)
    elif key == "tool_call_id" and role != "tool":
        yield problem(path, "misplaced_key", "only the answer of a tool has a tool_call_id; remove it.")
    elif key in ("name", "refusal") and not isinstance(value, str):
        yield problem(path, "text_not_string", f"must be a string, not {kind_of(value)}.")
    elif key == "name":
        yield from _check_name(str(value), role, path, rules)


def _check_name(name: str, role: object, path: str, rules: MessageRules) -> Iterator[Finding]:
    if rules.names_on is not None and role not in rules.names_on:
        yield problem(path, "misplaced_key", f"a {role} message has no name here; remove it.")
    elif role == "tool" and rules.tools is not None and not rules.tools.names.fullmatch(name):
        text = f"the name is {shown(name)}; a function's name matches {rules.tools.names.pattern}."
        yield problem(path, "bad_tool_name", text)
    elif rules.names is not None and not rules.names.fullmatch(name):
        text = f"the name is {shown(name)}; one that does not match {rules.names.pattern} may be refused."
        yield problem(path, "bad_name", text, "warning")


def _check_weight(weight: object, role: object, path: str, rules: MessageRules) -> Iterator[Finding]:
    is_weight = isinstance(weight, int) and not isinstance(weight, bool) and weight in (0, 1)
    if not is_weight or role not in rules.weights_on:
        allowed = " or ".join(rules.weights_on)
        yield problem(path, "bad_weight", f"a weight is 0 or 1, and on {allowed} messages only.")


def _check_tool_calls(
    message: Mapping[str, object], path: str, rules: MessageRules, tools: ToolRules
) -> Iterator[Finding]:
    yield from check_calls(message["tool_calls"], tools, path)
    if not rules.text_beside_calls and message["tool_calls"] and message.get("content"):
        yield problem(path, "text_beside_call", "a message holds either a text or tool calls; divide it.")


def _may_be_silent(message: Mapping[str, object], rules: MessageRules) -> bool:
    """Whether the message says what it has to say elsewhere; a tool may answer with nothing, a function with null."""
    role = message.get("role")
    if role == "tool":
        return message.get("content") == ""
    if role == "function":
        return "content" in message
    return role == "assistant" and any(message.get(key) and key in rules.more_keys for key in _ASSISTANTS_KEYS)


def _check_learnt(messages: Sequence[object], path: str) -> Iterator[Finding]:
    answers = [m for m in messages if isinstance(m, dict) and m.get("role") == "assistant"]
    if answers and all(answer.get("weight") == 0 for answer in answers):
        text = "every answer has the weight 0, so nothing is learnt; give one the weight 1 or remove the example."
        yield problem(path, "nothing_learnt", text, "warning")
