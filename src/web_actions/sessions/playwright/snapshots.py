"""The pages of a Playwright trace, put together from its snapshots.

A snapshot is a tree of [NAME, {attributes}, ...children], texts and references [[AGO, NODE]]: node NODE, counted in
post-order without references, of the same frame's snapshot AGO snapshots before (Playwright's
packages/trace/src/snapshot.ts and snapshotRenderer.ts, read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from src.web_actions.dom.elements import VOID
from src.web_actions.sessions.entries import EntryError, site_of

TARGET = "__playwright_target__"
_VALUE, _CHECKED, _SELECTED = "__playwright_value_", "__playwright_checked_", "__playwright_selected_"
_SHADOW = "__playwright_shadow_root_"
# Neither seen nor needed to find an element; what is left of STYLE and TEMPLATE would be the recorder's own
_LEFT_OUT = frozenset({
    "script", "style", "link", "meta", "base", "noscript", "x-noscript",
})  # fmt: skip
_STATES = {_CHECKED: "checked", _SELECTED: "selected"}
# A tree of references can be told in a line and be larger than any memory
_MOST_CHARACTERS, _DEEPEST = 16 << 20, 600
# What a call's snapshots are called: "action" since 2025, "input" before
_AT, _BEFORE = ("action", "input"), ("before",)


@dataclass(frozen=True, slots=True)
class Page:
    """A frame as it was: `html` has the attribute TARGET on the element that was acted on, if any."""

    html: str
    url: str
    page_id: str
    monotonic: float
    wall_ms: float | None


@dataclass(slots=True)
class Snapshots:
    """All snapshots of a trace, by frame in their order and by call."""

    _frames: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _calls: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    _nodes: dict[tuple[str, int], list[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, snapshot: Any) -> None:
        """Raises EntryError for what is no snapshot."""
        if not isinstance(snapshot, dict) or "html" not in snapshot or not isinstance(snapshot.get("frameId"), str):
            raise EntryError("it is damaged: a snapshot has no frame or no page")
        frame = self._frames.setdefault(snapshot["frameId"], [])
        name = snapshot.get("phase") or str(snapshot.get("snapshotName") or "").partition("@")[0]
        self._calls.setdefault((str(snapshot.get("callId")), str(name)), []).append((snapshot["frameId"], len(frame)))
        frame.append(snapshot)

    @property
    def site(self) -> str:
        """The first host that is named by a main frame."""
        urls = (str(one.get("frameUrl")) for frame in self._frames.values() for one in frame if one.get("isMainFrame"))
        return next((host for url in urls if "://" in url and (host := site_of(url))), "")

    def page_of(self, call_id: str, aims: bool) -> Page:
        """The page a call acted on: the frame with its target, else the main frame. Raises EntryError without one."""
        found = [place for phase in (*_AT, *_BEFORE) for place in self._calls.get((call_id, phase), [])]
        if not found:
            raise EntryError("the page it acted on was not recorded")
        for frame, index in found:
            snapshot = self._frames[frame][index]
            if not aims and not snapshot.get("isMainFrame"):
                continue
            html = "".join(self._written(frame, index, call_id))
            if not aims or f' {TARGET}=""' in html:
                return _page(html, snapshot)
        raise EntryError("the element it acted on is not marked in the recorded page")

    def _written(self, frame: str, index: int, call_id: str) -> list[str]:
        """The page as HTML. Raises EntryError when it is larger than any page."""
        out: list[str] = []
        size = 0
        # A stack, for nesting is the page's choice. A text stands for itself, a tuple for a node to be written.
        stack: list[Any] = [(self._frames[frame][index]["html"], index)]
        while stack:
            top = stack.pop()
            if isinstance(top, str):
                out.append(top)
                continue
            node, at = top
            if isinstance(node, str):
                text = escape(node, quote=False)
            else:
                referred = self._referred(frame, node, at)
                if referred is not None:
                    stack.append(referred)
                    size += 1
                    continue
                text = _opened(node, at, call_id, stack)
            size += len(text) + 1
            out.append(text)
            if size > _MOST_CHARACTERS or len(stack) > 1_000_000:
                raise EntryError(f"its page has more than {_MOST_CHARACTERS:,} characters")
        return out

    def _referred(self, frame: str, node: Any, at: int) -> tuple[Any, int] | None:
        """What a reference stands for, and the number of its snapshot; None for what is none."""
        if not isinstance(node, list) or not node or not isinstance(node[0], list):
            return None
        try:
            ago, number = node[0]
            there = at - ago
            if not 0 <= there <= at or number < 0 or (ago == 0):
                raise IndexError(there)
            return self._listed(frame, there)[number], there
        except (ValueError, TypeError, IndexError) as error:
            raise EntryError("it is damaged: a snapshot refers to what is not there") from error

    def _listed(self, frame: str, index: int) -> list[Any]:
        """The nodes of a snapshot in post-order, references left out."""
        known = self._nodes.get((frame, index))
        if known is None:
            known = self._nodes[frame, index] = list(_post_order(self._frames[frame][index]["html"]))
        return known


def _page(html: str, snapshot: dict[str, Any]) -> Page:
    timestamp, wall = snapshot.get("timestamp"), snapshot.get("wallTime")
    return Page(
        html,
        str(snapshot.get("frameUrl") or ""),
        str(snapshot.get("pageId") or ""),
        float(timestamp) if isinstance(timestamp, int | float) else 0.0,
        float(wall) if isinstance(wall, int | float) else None,
    )


def _post_order(root: Any) -> Iterator[Any]:
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        if isinstance(node, str) or done:
            yield node
        elif isinstance(node, list) and node and isinstance(node[0], str):
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node[2:]))


def _opened(node: Any, at: int, call_id: str, stack: list[Any]) -> str:
    """The opening tag of an element; what comes behind it is put on the stack."""
    if not isinstance(node, list) or not node or not isinstance(node[0], str):
        return ""
    name = node[0].lower()
    attributes = node[1] if len(node) > 1 and isinstance(node[1], dict) else {}
    if name in _LEFT_OUT or not name.replace("-", "").replace(":", "").replace("_", "").replace(".", "").isalnum():
        return ""
    children: list[Any] = [(child, at) for child in node[2:]]
    if name == "template":
        # A shadow root stands in its host like any children: a selector can then lead to what is in it
        if _SHADOW in attributes:
            stack.extend(reversed(children))
        return ""
    if name == "textarea" and isinstance(attributes.get(_VALUE), str):
        children = [(attributes[_VALUE], at)]
    if name not in VOID:
        stack.append(f"</{name}>")
        stack.extend(reversed(children))
    return f"<{name}{_attributes(name, attributes, call_id)}>"


def _attributes(name: str, attributes: dict[str, Any], call_id: str) -> str:
    """As the page had them, with what was typed, ticked and chosen in the place of what it began with."""
    states = {_STATES[key] for key in attributes if key in _STATES}
    text = ""
    for key, value in attributes.items():
        if not isinstance(value, str):
            continue
        if key.startswith("__playwright_"):
            if key == TARGET and value in ("", call_id):
                text += f' {TARGET}=""'
            elif key == _VALUE and name == "input" and value:
                text += f' value="{escape(value)}"'
            elif key in _STATES and value == "true":
                text += f' {_STATES[key]}=""'
        elif key in states or (key == "value" and _VALUE in attributes) or (key == "src" and "frame" in name):
            continue
        elif not key.startswith("on") and not any(mark in key for mark in " \"'<>/="):
            text += f' {key}="{escape(value)}"'
    return text
