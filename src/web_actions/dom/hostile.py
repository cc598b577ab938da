"""Pages made to keep a parser busy for hours are refused before they are parsed."""

from __future__ import annotations

import re

from src.web_actions.dom.unusable import UnusableStepError

MOST_CHARACTERS, MOST_TAGS, DEEPEST = 16 << 20, 150_000, 4_000
# Parsing takes time with the square of the depth: 20,000 levels 0.4 s, 50,000 levels 8 s (lexbor 2.6, 2026-11-21).
# Fewer tags than these cannot nest deep enough to matter, so that most pages cost one count of a character.
_HARMLESS = 20_000
_SHORTEST_TAG = 3  # characters: <b>
_STRETCH = 16_384  # characters; tags within one open 5,000 levels at most
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?![A-Za-z0-9])[^<>]*?(/?)>")
# Without content, or closed by their like without being told so
_NO_LEVEL = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
    "option", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot", "path",
})  # fmt: skip


def refuse_hostile(dom: str) -> None:
    """Raises UnusableStepError for a page with too many characters, tags or levels."""
    if len(dom) > MOST_CHARACTERS:
        raise UnusableStepError(f"its DOM has {len(dom):,} characters; {MOST_CHARACTERS:,} is the most")
    start = max(0, len(dom) - _SHORTEST_TAG * _HARMLESS) * 3 // 2
    # What is behind `start` cannot hold more tags than there is room for
    if dom.count("<", 0, start) + max(0, len(dom) - start) // _SHORTEST_TAG < _HARMLESS:
        return
    tags = dom.count("<")
    if tags <= _HARMLESS:
        return
    if tags > MOST_TAGS:
        raise UnusableStepError(f"its DOM has {tags:,} tags; {MOST_TAGS:,} is the most")
    if _may_be_deep(dom) and _depth(dom) > DEEPEST:
        raise UnusableStepError(f"its DOM nests deeper than {DEEPEST:,} levels")


def _may_be_deep(dom: str) -> bool:
    """Whether more tags are open, at one of many places, than may be. Tags that nothing closes are counted, too."""
    level = 0
    for start in range(0, len(dom), _STRETCH):
        end = start + _STRETCH
        level += dom.count("<", start, end) - 2 * dom.count("</", start, end)
        if level > DEEPEST:
            return True
    return False


def _depth(dom: str) -> int:
    """How deep its tags nest, told from their order alone."""
    depth = deepest = 0
    for closing, name, empty in _TAG.findall(dom):
        if not empty and name.lower() not in _NO_LEVEL:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest
