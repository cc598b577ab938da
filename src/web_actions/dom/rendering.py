"""Write parts of a parsed page as clean HTML, each within a number of characters."""

from __future__ import annotations

from typing import Any, TypeAlias

from src.web_actions.dom.attributes import Attributes, Form
from src.web_actions.dom.elements import DROPPED
from src.web_actions.dom.secrets import mask_text

# Elements of the parser (selectolax); it has no types for what is used here
Node: TypeAlias = Any

_LONGEST_TEXT, _LONGEST_READ, _DEEPEST = 300, 4_000, 200
_MOST_KNOWN, _LONGEST_KNOWN = 10_000, 200
_texts: dict[str, str] = {}
_SPACES = " \n\t\r\f"


class Writer:
    """Writes elements as long as there is room: `left` characters."""

    def __init__(self, attributes: Attributes, left: int) -> None:
        self.attributes = attributes
        self.left = left
        self.ended = False  # whether something of what was written last had no room
        self._known = attributes.known

    def within(self, room: int, node: Node) -> str:
        """The element or text, as much of it as goes into `room` and into what is left; "" for nothing."""
        return self._limited(room, node, alone=True)

    def inside(self, room: int, node: Node) -> str:
        """The same of what is in the element."""
        return self._limited(room, node.first_child, alone=False)

    def _limited(self, room: int, node: Node | None, alone: bool) -> str:
        before = self.left
        self.left = min(room, before)
        out: list[str] = []
        self.ended = False
        self._write(node, out, 0, alone)
        text = "".join(out)
        self.left = before - len(text)
        return text

    def _write(self, node: Node | None, out: list[str], depth: int, alone: bool = False) -> None:
        """The element or text and, unless it is meant `alone`, those after it.

        One function, because a call for each element and text takes longer than all else that is done to it.
        """
        known, texts = self._known, _texts
        while node is not None:
            tag = node.tag
            if tag == "-text":
                text = node.text_content
                plain = texts[text] if text in texts else self._plain(text)
                if plain:
                    self.left -= len(plain)
                    if self.left < 0:
                        self._end()
                        return
                    out.append(plain)
            elif tag not in DROPPED:
                attributes = node.attributes
                key = (tag, *attributes, *attributes.values()) if attributes else tag
                form = known[key] if key in known else self.attributes.form(tag, attributes, key)
                if form is not None:
                    self._element(node, form, out, depth)
            if alone or self.left <= 0:
                return
            node = node.next

    def _element(self, node: Node, form: Form, out: list[str], depth: int) -> None:
        opening, closing, size, is_open, is_bare = form
        if size > self.left or (depth > _DEEPEST and closing):
            self._end()
            return
        self.left -= size
        out.append(opening)
        if not closing:
            return
        place = len(out)
        if is_open:
            self._write(node.first_child, out, depth + 1)
        if is_bare and len(out) == place:
            out.pop()
            self.left += size
        else:
            out.append(closing)

    def _end(self) -> None:
        self.left = 0
        self.ended = True

    def _plain(self, text: str) -> str:
        """The text as it is written, "" for nothing but spaces."""
        masked = self.attributes.masked
        plain = (text if len(text) <= _LONGEST_READ else text[:_LONGEST_READ]).strip()
        if not plain:
            return ""
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
        # What was masked is counted each time
        if masked == self.attributes.masked and len(text) <= _LONGEST_KNOWN:
            _remember(text, plain)
        return plain

    def _shown(self, text: str) -> str:
        masked = mask_text(text)
        self.attributes.masked += masked != text
        return masked if len(masked) <= _LONGEST_TEXT else masked[: _LONGEST_TEXT - 1] + "…"


def _remember(text: str, plain: str) -> None:
    """Pages of a site have the same words on them."""
    if len(_texts) >= _MOST_KNOWN:
        _texts.clear()
    _texts[text] = plain
