"""Write parts of a parsed page as clean HTML, each within a number of characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from src.web_actions.dom.attributes import Attributes
from src.web_actions.dom.secrets import mask_text

# Elements of the parser (selectolax); it has no types for what is used here
Node: TypeAlias = Any

# Nothing of these is seen on a page
DROPPED: frozenset[str | None] = frozenset({
    None,
    "script", "style", "noscript", "template", "link", "meta", "base", "head", "-comment", "-doctype", "param",
    "source", "track", "slot", "map",
})  # fmt: skip
# Seen, but what is inside is no text of the page
CLOSED = frozenset({
    "svg", "iframe", "frame", "object", "embed", "video", "audio", "canvas", "picture", "math",
})  # fmt: skip
# Frames for others: without content, they say nothing
_WRAPPERS = frozenset({
    "div", "span", "p", "ul", "ol", "li", "section", "article", "aside", "header", "footer", "main", "nav",
    "table", "tbody", "thead", "tfoot", "tr", "td", "th", "figure", "figcaption", "dl", "dd", "dt", "b", "i",
    "em", "strong", "small", "font", "center", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "picture",
    "label", "a",
})  # fmt: skip
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
})  # fmt: skip
_LONGEST_TEXT, _LONGEST_READ, _DEEPEST = 300, 4_000, 200
# A wrapper that says nothing when it is empty: it has a class at most
_BARE = re.compile(r'<[^ ]+(?: class="[^"]*")?')
_SPACES = " \n\t\r\f"


class Writer:
    """Writes elements as long as there is room: `left` characters."""

    def __init__(self, attributes: Attributes, left: int) -> None:
        self.attributes = attributes
        self.left = left

    def within(self, room: int, node: Node) -> str:
        """The element or text, as much of it as goes into `room` and into what is left; "" for nothing."""
        return self._limited(room, node, self._node)

    def inside(self, room: int, node: Node) -> str:
        """The same of what is in the element."""
        return self._limited(room, node, self._children)

    def _limited(self, room: int, node: Node, write: Callable[[Node, list[str], int], None]) -> str:
        before = self.left
        self.left = min(room, before)
        out: list[str] = []
        write(node, out, 0)
        text = "".join(out)
        self.left = before - len(text)
        return text

    def _children(self, node: Node, out: list[str], depth: int) -> None:
        child = node.first_child
        while child is not None:
            self._node(child, out, depth)
            if self.left <= 0:
                return
            child = child.next

    def _node(self, node: Node, out: list[str], depth: int) -> None:
        tag = node.tag
        if tag == "-text":
            self._text(node.text_content, out)
        elif tag not in DROPPED:
            opening = self.attributes.opening(tag, node.attributes)
            if opening is not None:
                self._element(node, tag, opening, out, depth)

    def _element(self, node: Node, tag: str, opening: str, out: list[str], depth: int) -> None:
        if tag in VOID:
            size = len(opening) + 1
            if size > self.left:
                self.left = 0
                return
            self.left -= size
            out.append(opening + ">")
            return
        size = len(opening) + len(tag) + 4
        if size > self.left or depth > _DEEPEST:
            self.left = 0
            return
        self.left -= size
        place = len(out)
        out.append(opening + ">")
        if tag not in CLOSED:
            self._children(node, out, depth + 1)
        if len(out) == place + 1 and tag in _WRAPPERS and _BARE.fullmatch(opening):
            out.pop()
            self.left += size
        else:
            out.append(f"</{tag}>")

    def _text(self, text: str, out: list[str]) -> None:
        plain = (text if len(text) <= _LONGEST_READ else text[:_LONGEST_READ]).strip()
        if not plain:
            return
        if "\n" in plain or "  " in plain or "\t" in plain:
            plain = " ".join(plain.split())
        if len(plain) >= 12:
            plain = self._shown(plain)
        if text[0] in _SPACES:
            plain = " " + plain
        if text[-1] in _SPACES:
            plain += " "
        if "&" in plain or "<" in plain or ">" in plain:
            plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if len(plain) > self.left:
            self.left = 0
        else:
            self.left -= len(plain)
            out.append(plain)

    def _shown(self, text: str) -> str:
        masked = mask_text(text)
        self.attributes.masked += masked != text
        return masked if len(masked) <= _LONGEST_TEXT else masked[: _LONGEST_TEXT - 1] + "…"
