"""The part of a page that is kept: the line of ancestors down to the target, and what lies nearest to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from src.web_actions.dom.attributes import Attributes
from src.web_actions.dom.elements import VOID
from src.web_actions.dom.rendering import Node, Writer
from src.web_actions.dom.secrets import mask_text
from src.web_actions.dom.selectors import find_all
from src.web_actions.dom.unusable import UnusableStepError

_MARK = "data-w-target"
_FEWEST = 24  # characters: no element worth keeping goes into less
# After so many in a row that have no room, those behind are not tried: they are further from the target
_MISFITS = 8
_TITLE_LENGTH = 120
_NONE: Mapping[int, str] = {}


class Cut:
    """`html` is the kept part, no longer than `room`.

    Below `anchor`, all elements of a line's kind are kept before it, if only as empty shells, so that numbers counted
    there hold. `option` is one that is kept however long the list is. Raises UnusableStepError when the line alone is
    longer than `room`.
    """

    def __init__(
        self, tree: Node, target: Node, attributes: Attributes, room: int, anchor: Node | None, option: str = ""
    ) -> None:
        line = _line(target)
        openings = [attributes.written(node.tag, node.attributes) for node in line]
        shells = _shells(line, anchor)
        head = "" if any(node.tag == "head" for node in line) else head_of(tree, room // 8)
        needed = len(head) + sum(len(text) + len(node.tag) + 4 for text, node in zip(openings, line, strict=True))
        needed += sum(len(shell) for group in shells for shell in group.values())
        if needed > room:
            raise UnusableStepError(
                f"its target and the elements around it alone take {needed:,} characters; {room:,} is the budget"
            )
        self._writer = Writer(attributes, room - needed)
        self._opening = openings[0]
        before, after = "", self._inside(target, option)
        for node, parent, opening, group in zip(line, line[1:], openings[1:], shells, strict=False):
            earlier, later = self._beside(node, group)
            before = f"{opening}>{head if parent.tag == 'html' else ''}{earlier}{before}"
            after += f"{later}</{parent.tag}>"
        self._before, self._after = before, after

    @property
    def html(self) -> str:
        return f"{self._before}{self._opening}>{self._after}"

    def matches(self, selector: str) -> bool:
        """Whether, in the page parsed anew, the selector matches the target and nothing else."""
        found = find_all(self._parsed, selector)
        return len(found) == 1 and _MARK in found[0].attributes

    @property
    def _parsed(self) -> Node:
        if not hasattr(self, "_tree"):
            self._tree = parse(f'{self._before}{self._opening} {_MARK}="">{self._after}')
        return self._tree

    def _inside(self, target: Node, option: str) -> str:
        tag = target.tag
        if tag in VOID:
            return ""
        writer = self._writer
        chosen = _option(target, option) if option and tag == "select" else None
        kept = writer.within(writer.left, chosen) if chosen is not None else ""
        text = writer.inside(writer.left // 2, target)
        if kept and kept in text:
            writer.left += len(kept)
            kept = ""
        return f"{text}{kept}</{tag}>"

    def _beside(self, node: Node, shells: Mapping[int, str]) -> tuple[str, str]:
        """What is kept of the elements before and after `node`, the nearest first."""
        writer = self._writer
        room = writer.left * 2 // 3 if node.parent.tag != "body" else writer.left
        end = writer.left - room
        earlier: list[str] = []
        later: list[str] = []
        before, after = node.prev, node.next
        misfits = 0
        while writer.left - end > _FEWEST and misfits < _MISFITS and (before is not None or after is not None):
            if before is not None:
                misfits = self._add(before, (writer.left - end) // 2, earlier, shells, misfits)
                before = before.prev
            if after is not None:
                misfits = self._add(after, (writer.left - end) // 2, later, _NONE, misfits)
                after = after.next
        if shells:
            while before is not None:
                self._add(before, 0, earlier, shells)
                before = before.prev
        return "".join(reversed(earlier)), "".join(later)

    def _add(self, node: Node, room: int, texts: list[str], shells: Mapping[int, str], misfits: int = 0) -> int:
        """Keep the element, as much of it as there is room for. How many in a row had no room at all."""
        shell = shells.get(node.mem_id, "") if shells else ""
        writer = self._writer
        writer.left += len(shell)  # its place was taken at the start
        text = writer.within(room + len(shell), node) if room else ""
        if shell and not text:
            text = shell
            writer.left -= len(shell)
        if text:
            texts.append(text)
            return 0
        return misfits + writer.ended


def head_of(tree: Node, room: int) -> str:
    """The page's title, within that many characters."""
    title = tree.css_first("title")
    text = " ".join(title.text().split())[:_TITLE_LENGTH] if title is not None else ""
    plain = mask_text(text).replace("&", "&amp;").replace("<", "&lt;")
    head = f"<head><title>{plain}</title></head>" if plain else ""
    return head if len(head) <= room else ""


@cache
def _parser() -> Any:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser


def parse(html: str) -> Node:
    """The page as a browser would build it (lexbor, https://html.spec.whatwg.org/multipage/parsing.html)."""
    return _parser()(html)


def _line(target: Node) -> list[Node]:
    """The target and its ancestors, up to the root element."""
    line = [target]
    node = target.parent
    while node is not None and node.tag != "-document":
        line.append(node)
        node = node.parent
    return line


def _shells(line: list[Node], anchor: Node | None) -> list[Mapping[int, str]]:
    """For each element of the line below `anchor`: empty elements of its kind that stand before it, by their ids."""
    shells: list[Mapping[int, str]] = [_NONE] * len(line)
    if anchor is None:
        return shells
    for place, node in enumerate(line):
        if node.mem_id == anchor.mem_id:
            break
        tag, group, other = node.tag, {}, node.prev
        while other is not None:
            if other.tag == tag:
                group[other.mem_id] = f"<{tag}>" if tag in VOID else f"<{tag}></{tag}>"
            other = other.prev
        shells[place] = group
    return shells


def _option(select: Node, value: str) -> Node | None:
    """The option that is chosen by its value or by what it shows."""
    for option in select.css("option"):
        if option.attributes.get("value") == value or " ".join(option.text().split()) == " ".join(value.split()):
            return option
    return None
