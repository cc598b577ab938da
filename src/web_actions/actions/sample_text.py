"""A sample as text:   <DOM>...</DOM><IMAGE>uri</IMAGE><ACTION>click #send</ACTION>   and back. IMAGE is optional."""

from __future__ import annotations

import re
from dataclasses import dataclass

from src.errors import FormatError
from src.web_actions.actions.grammar import parse_action, write_action
from src.web_actions.session import Action

# <DOM> within a text becomes <_DOM>, <_DOM> becomes <__DOM>: one underscore more, and one less on the way back.
_TAG = re.compile(r"<(/?)(_*)(DOM|ACTION|IMAGE)>")
_ESCAPED = re.compile(r"<(/?)_(_*)(DOM|ACTION|IMAGE)>")
_NAMES = ("DOM>", "ACTION>", "IMAGE>")


@dataclass(frozen=True, slots=True)
class SampleText:
    """What a sample's text says; `image` is "" where there is none."""

    dom: str
    action: Action
    image: str = ""


def write_sample_text(dom_html: str, action: Action, image: str | None = None) -> str:
    """The text of a sample. The pointer's place is written where there is a picture that it is a place on.

    Raises FormatError for an action that the grammar cannot say.
    """
    line = escape_tags(write_action(action, point=bool(image)))
    picture = f"<IMAGE>{escape_tags(image)}</IMAGE>" if image else ""
    return f"<DOM>{escape_tags(dom_html)}</DOM>{picture}<ACTION>{line}</ACTION>"


def parse_sample_text(text: str) -> SampleText:
    """The parts that write_sample_text() put together; the picture may stand behind the action, too.

    Raises FormatError for anything else.
    """
    dom, rest = _part(text, "DOM")
    image = ""
    if rest.startswith("<IMAGE>"):
        image, rest = _part(rest, "IMAGE")
    line, rest = _part(rest, "ACTION")
    if rest.startswith("<IMAGE>") and not image:
        image, rest = _part(rest, "IMAGE")
    if rest:
        raise FormatError(f"the sample goes on behind its end: {rest[:40]!r}.")
    return SampleText(unescape_tags(dom), parse_action(unescape_tags(line)), unescape_tags(image))


def escape_tags(text: str) -> str:
    """The text without any of the grammar's tags in it; unescape_tags() brings them back."""
    return _TAG.sub(r"<\1_\2\3>", text) if any(name in text for name in _NAMES) else text


def unescape_tags(text: str) -> str:
    return _ESCAPED.sub(r"<\1\2\3>", text) if any(name in text for name in _NAMES) else text


def _part(text: str, name: str) -> tuple[str, str]:
    start, end = f"<{name}>", f"</{name}>"
    place = text.find(end)
    if not text.startswith(start) or place < 0:
        raise FormatError(f"the sample has no {start}...{end} where one belongs; found {text[:40]!r}.")
    return text[len(start) : place], text[place + len(end) :]
