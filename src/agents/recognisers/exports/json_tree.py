"""The tree behind a JSON record's named values: "messages[0].content" as steps down to a span of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Union

from src.agents.recognisers.conversation import trimmed
from src.records import Block, Document, Span

Tree = dict[str, Union["Tree", Span]]  # a list is a tree whose keys are "[0]", "[1]", ...

_RECORD = re.compile(r"(?:record|line) \d+")
_NESTED = re.compile(r"\w\[(?:\d+\]|\")|\w\.\w|^\[\d+\]")


def is_json(block: Block) -> bool:
    """Whether a row is a JSON record: by its place, or by a path among its cells' names."""
    if not block.cells or block.cells[0].start != len(block.cells[0].name) + 2:
        return False  # a line of a Markdown table, whose place may be a line, too
    return _RECORD.fullmatch(block.place) is not None or _has_path(tuple([cell.name for cell in block.cells]))


@lru_cache(maxsize=1024)
def _has_path(names: tuple[str, ...]) -> bool:
    return any(_NESTED.search(name) for name in names)


def tree_of(document: Document, block: Block) -> Tree:
    """The values of a record as a tree in the order of the text; values without text are left out."""
    root: Tree = {}
    nodes: dict[str, Tree] = {"": root}
    for name, start, end in block.cells:
        span = trimmed(document, block.start + start, block.start + end)
        if span is None:
            continue
        path, key = _parent(name)
        node = nodes.get(path)
        if node is None:
            node = _grown(nodes, path)
        node.setdefault(key, span)
    return root


@lru_cache(maxsize=1 << 14)  # the records of a file have the same paths
def _parent(path: str) -> tuple[str, str]:
    """The path above, and the last step: a key, or "[3]" for an element of a list.

    A key that is no plain word stands in brackets and quotation marks: mapping["a b"].
    """
    if path.endswith('"]'):
        cut = path.rfind('["', 0, -2)
        return (path[:cut], path[cut + 2 : -2]) if cut >= 0 else ("", path)
    if path.endswith("]"):
        cut = path.rfind("[")
        return (path[:cut], path[cut:]) if cut >= 0 else ("", path)
    above, _, key = path.rpartition(".")
    return above, key


def _grown(nodes: dict[str, Tree], path: str) -> Tree:
    """The node at a path that is not there yet, with all nodes on the way to it."""
    missing: list[str] = []
    while path not in nodes:
        missing.append(path)
        path, _ = _parent(path)
    node = nodes[path]
    for step in reversed(missing):
        child = node.get(_parent(step)[1])
        if not isinstance(child, dict):  # a key with a point in it may look like a value that has children
            child = {}
            node.setdefault(_parent(step)[1], child)
        nodes[step] = child
        node = child
    return node


def is_list(tree: Tree) -> bool:
    return next(iter(tree), "").startswith("[")


def child(tree: Tree, *keys: str) -> Tree:
    """The tree below the keys, an empty one when there is none."""
    for key in keys:
        below = tree.get(key)
        if not isinstance(below, dict):
            return {}
        tree = below
    return tree


def leaf(tree: Tree, *keys: str) -> Span | None:
    """The value below the keys."""
    *above, last = keys
    value = child(tree, *above).get(last)
    return value if isinstance(value, Span) else None


def elements(tree: Tree) -> list[Tree]:
    """The elements of a list that are objects or lists."""
    return [value for value in tree.values() if isinstance(value, dict)] if is_list(tree) else []


def objects(tree: Tree) -> Iterator[Tree]:
    """The tree and every tree below it, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(value for value in reversed(node.values()) if isinstance(value, dict))
