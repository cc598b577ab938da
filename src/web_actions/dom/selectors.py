"""CSS selectors: matched against a parsed page, and made for an element that the recorded one no longer finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from src.web_actions.dom.attributes import HANDLES
from src.web_actions.dom.rendering import Node
from src.web_actions.dom.unusable import UnusableStepError

_TEST_IDS = ("data-testid", "data-test-id", "data-test", "data-qa", "data-cy", "data-automation-id")
# In the order of how well they say what an element is for
_TELLING = ("name", "aria-label", "aria_label", "placeholder", "title", "alt", "for", "href", "action", "label")
_IDENT = re.compile(r"-?(?:[A-Za-z_]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*")
# Ids and classes that a framework counted or hashed: r1, :r1:, ember123, css-1x2y3z, sc-bdVaJa, 6 hex digits and more
_MADE = re.compile(
    r":|^\d|\d{4,}|^(?:ember|react|radix|mui|headlessui|downshift|ext-gen|yui|jss|css|sc|svelte|ng|_ng\w*)[-_]?[\w-]*\d"
    r"|^sc-|[0-9a-f]{8}|__[\w-]{5}$",
    re.IGNORECASE,
)
_LONGEST_VALUE, _LONGEST_SELECTOR = 120, 2_000
_MOST_ANCHORS = 12


def find_all(tree: Node, selector: str) -> list[Node]:
    """The elements that match, in document order. Raises UnusableStepError for what is no CSS selector."""
    from selectolax.lexbor import SelectolaxError

    if len(selector) > _LONGEST_SELECTOR:
        raise UnusableStepError(f"its selector has {len(selector):,} characters; {_LONGEST_SELECTOR:,} is the most")
    try:
        found: list[Node] = tree.css(selector)
    except (SelectolaxError, UnicodeError) as error:
        raise UnusableStepError(f"its selector {selector[:120]!r} is no CSS selector that can be checked") from error
    return found


def selectors_of(target: Node) -> Iterator[str]:
    """Selectors for the element, the best first: by what it is alone, then by where it stands."""
    own = list(_by_attributes(target.tag, target.attributes))
    yield from own
    steps = [*own[:3], *([] if target.tag in own[:3] else [target.tag])]
    anchor, seen = target.parent, 0
    while anchor is not None and anchor.tag not in ("body", "html", "-document", None) and seen < _MOST_ANCHORS:
        for place in list(_by_attributes(anchor.tag, anchor.attributes))[:2]:
            if place != anchor.tag:
                yield from (f"{place} {step}" for step in steps)
                seen += 1
        anchor = anchor.parent


def positional_path(tree: Node, target: Node) -> tuple[str, Node]:
    """A selector by number from the nearest ancestor with an id of its own, else from the root; and that ancestor."""
    steps: list[str] = []
    node = target
    while True:
        identity = _identity(node.attributes)
        if steps and identity and len(find_all(tree, identity)) == 1:
            return " > ".join([identity, *reversed(steps)]), node
        parent = node.parent
        if parent is None or parent.tag in ("-document", None) or len(steps) > 200:
            return " > ".join([node.tag, *reversed(steps)]), node
        steps.append(_numbered(node))
        node = parent


def _numbered(node: Node) -> str:
    tag = node.tag
    before, other = 0, node.prev
    while other is not None:
        before += other.tag == tag
        other = other.prev
    if before:
        return f"{quoted_tag(tag)}:nth-of-type({before + 1})"
    other = node.next
    while other is not None:
        if other.tag == tag:
            return f"{quoted_tag(tag)}:nth-of-type(1)"
        other = other.next
    return quoted_tag(tag)


def _identity(attributes: Mapping[str, str | None]) -> str:
    value = attributes.get("id")
    return _id_selector(value) if value and not value.isspace() and len(value) <= _LONGEST_VALUE else ""


def _by_attributes(tag: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """Selectors from the element's own attributes, the telling first; its tag alone last."""
    tag = quoted_tag(tag)
    identity = attributes.get("id") or ""
    if identity and not _MADE.search(identity) and " " not in identity:
        yield _id_selector(identity)
    for name in _TEST_IDS:
        if value := attributes.get(name):
            yield f"[{name}={quoted(value)}]"
    for name in _TELLING:
        value = attributes.get(name) or ""
        if value and len(value) <= _LONGEST_VALUE and "\n" not in value:
            yield f"{tag}[{name}={quoted(value)}]"
            if name == "name" and (second := attributes.get("value")) and len(second) <= _LONGEST_VALUE:
                yield f"{tag}[{name}={quoted(value)}][value={quoted(second)}]"
    if kind := attributes.get("type"):
        yield f"{tag}[type={quoted(kind)}]"
        if (value := attributes.get("value")) and kind in ("submit", "button", "radio", "checkbox", "reset"):
            yield f"{tag}[type={quoted(kind)}][value={quoted(value)}]"
    elif tag == "option" and (value := attributes.get("value")):
        yield f"{tag}[value={quoted(value)}]"
    if role := attributes.get("role"):
        yield f"{tag}[role={quoted(role)}]"
    classes = [word for word in (attributes.get("class") or "").split()[:6] if not _MADE.search(word)]
    classes = [word for word in classes if _IDENT.fullmatch(word) and word not in HANDLES]
    if classes:
        yield f"{tag}.{classes[0]}"
        if len(classes) > 1:
            yield tag + "".join("." + word for word in classes)
    yield tag
    if identity and (_MADE.search(identity) or " " in identity):
        yield _id_selector(identity)


def _id_selector(identity: str) -> str:
    return f"#{identity}" if _IDENT.fullmatch(identity) else f"[id={quoted(identity)}]"


def quoted(value: str) -> str:
    """A CSS string. https://drafts.csswg.org/cssom/#serialize-a-string (read 2026-11-21)"""
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\{ord(found[0]):x} ", plain) + '"'


def quoted_tag(tag: str) -> str:
    """A tag's name as a type selector: what is no plain name is escaped."""
    return tag if _IDENT.fullmatch(tag) else re.sub(r"[^\w-]", lambda found: "\\" + found[0], tag)
