"""Follow one branch of a conversation that was kept as a tree: ChatGPT's mapping, OASST's replies, parent ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.agents.recognisers.exports.json_tree import Tree, child, elements, leaf
from src.records import Document, Span

_IDS = ("message_id", "uuid", "id")
_PARENTS = ("parent_message_uuid", "parent_id", "parent_message_id")
_CURRENT = ("current_leaf_message_uuid", "current_node", "current_message_id")
_NO_PARENT = "00000000-0000-4000-8000-000000000000"  # Claude's name for the root


def chatgpt_messages(document: Document, tree: Tree) -> list[Tree]:
    """The messages of ChatGPT's `mapping` from the root down to `current_node`, else to the last child of each.

    The texts of code, of thoughts and of tools are left to the caller, as are hidden messages.
    """
    mapping = child(tree, "mapping")
    current = leaf(tree, "current_node")
    name = document.text_of(current) if current else _last_descendant(document, mapping)
    path: list[Tree] = []
    seen: set[str] = set()
    while name in mapping and name not in seen:
        seen.add(name)
        node = child(mapping, name)
        message = child(node, "message")
        kind = leaf(message, "content", "content_type")
        if message and (kind is None or document.text_of(kind) in ("text", "multimodal_text")):
            path.append(message)
        parent = leaf(node, "parent")
        name = document.text_of(parent) if parent else ""
    return path[::-1]


def _last_descendant(document: Document, mapping: Tree) -> str:
    """The node that is reached from the root by the newest child each time."""
    name = next((key for key in mapping if leaf(child(mapping, key), "parent") is None), "")
    seen = {name}
    while True:
        children = [value for value in child(mapping, name, "children").values() if isinstance(value, Span)]
        following = document.text_of(children[-1]) if children else ""
        if not following or following in seen or following not in mapping:
            return name
        seen.add(following)
        name = following


def is_reply_tree(tree: Tree) -> bool:
    """Whether an object is a message with answers below it, as in OASST."""
    return bool(elements(child(tree, "replies"))) and leaf(tree, "text") is not None and leaf(tree, "role") is not None


def follow_replies(document: Document, tree: Tree) -> list[Tree]:
    """A message and below it the best ranked answer each time, the first one where none is ranked."""
    path: list[Tree] = []
    node: Tree | None = tree
    while node:
        path.append(node)
        answers = elements(child(node, "replies"))
        node = min(answers, key=lambda answer: _rank(document, answer), default=None)
    return path


def _rank(document: Document, tree: Tree) -> float:
    span = leaf(tree, "rank")
    try:
        return float(document.text[span.start : min(span.end, span.start + 20)]) if span else float("inf")
    except ValueError:
        return float("inf")


def reply_chain(document: Document, messages: Sequence[Tree], around: Tree) -> Sequence[Tree]:
    """One branch of messages that name their parents: up from the current one, or down by the best ranked.

    The messages as they are when no message has two answers.
    """
    nodes: dict[str, Tree] = {}
    answers: dict[str, list[str]] = {}
    for message in messages:
        name, parent = _first(document, message, _IDS), _first(document, message, _PARENTS)
        if not name or name in nodes:
            return messages
        nodes[name] = message
        if parent and parent != _NO_PARENT:
            answers.setdefault(parent, []).append(name)
    if all(len(children) < 2 for children in answers.values()) or not any(name in nodes for name in answers):
        return messages
    current = _first(document, around, _CURRENT)
    if current in nodes or "parent_message_uuid" in messages[0]:
        return _upwards(document, nodes, current if current in nodes else next(reversed(nodes)))
    return _downwards(document, nodes, answers)


def _upwards(document: Document, nodes: Mapping[str, Tree], name: str) -> list[Tree]:
    path: list[Tree] = []
    seen: set[str] = set()
    while name in nodes and name not in seen:
        seen.add(name)
        path.append(nodes[name])
        name = _first(document, nodes[name], _PARENTS)
    return path[::-1]


def _downwards(document: Document, nodes: Mapping[str, Tree], answers: Mapping[str, Sequence[str]]) -> list[Tree]:
    path: list[Tree] = []
    name = next(iter(nodes))
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        path.append(nodes[name])
        ranked = sorted(answers.get(name, ()), key=lambda answer: _rank(document, nodes[answer]))
        name = ranked[0] if ranked else ""
    return path


def _first(document: Document, tree: Tree, keys: Sequence[str]) -> str:
    span = next((span for key in keys if (span := leaf(tree, key))), None)
    return document.text[span.start : min(span.end, span.start + 100)] if span else ""
