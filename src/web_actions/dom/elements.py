"""What is known of HTML's elements by their names."""

from __future__ import annotations

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
WRAPPERS = frozenset({
    "div", "span", "p", "ul", "ol", "li", "section", "article", "aside", "header", "footer", "main", "nav",
    "table", "tbody", "thead", "tfoot", "tr", "td", "th", "figure", "figcaption", "dl", "dd", "dt", "b", "i",
    "em", "strong", "small", "font", "center", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "picture",
    "label", "a",
})  # fmt: skip
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
})  # fmt: skip
