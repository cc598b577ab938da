"""User flows that Chrome DevTools' Recorder exports as JSON, with the pages saved beside them.

The format is that of https://github.com/puppeteer/replay, docs/api (Schema.UserFlow, read 2026-11-21). An export holds
no DOM: the page before step N is read from FLOW.dom/N.html beside FLOW.json (docs/web_actions.md has a script that
saves them while the flow is replayed), its picture from FLOW.dom/N.png, .webp or .jpeg.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from src.web_actions.dom.selectors import quoted
from src.web_actions.session import Action, Rejected, Session, Step
from src.web_actions.sessions.entries import Entry, EntryError, Place, checked, entries_of, number_of, site_of, text_of
from src.web_actions.sessions.xpaths import css_of_xpath

_KINDS = {
    "click": "click", "doubleClick": "click", "change": "type", "hover": "hover", "keyDown": "press",
    "scroll": "scroll", "navigate": "navigate", "waitForElement": "wait",
}  # fmt: skip
# They set the stage, or say a second time what another step said
_NO_ACTIONS = frozenset(("setViewport", "keyUp", "emulateNetworkConditions", "close", "waitForExpression"))
_PICTURES = (".png", ".webp", ".jpeg", ".jpg")


def recognises(entry: Entry) -> bool:
    steps = entry.get("steps")
    return "title" in entry and isinstance(steps, list) and all(isinstance(s, dict) and "type" in s for s in steps)


def read(entry: Entry, place: Place) -> Iterator[Session | Rejected]:
    name = PurePosixPath(place.file).stem
    where = f"flow {str(entry.get('title'))[:80]}"
    steps: list[Step] = []
    try:
        title, recorded = text_of(entry, "title"), entries_of(entry, "steps")
    except EntryError as error:
        yield place.rejected(where, error)
        return
    for number, found in enumerate(recorded, 1):
        if found["type"] in _NO_ACTIONS:
            continue
        try:
            _append(steps, _step(number, found, name, place))
        except EntryError as error:
            yield place.rejected(f"{where}, step {number}", error)
    site = next((site_of(url) for found in recorded if (url := found.get("url")) and isinstance(url, str)), "")
    if steps:
        yield Session(place.file, site, "", title, None, "", place.file, tuple(steps))
    else:
        yield place.rejected(where, "no step of it can be used")


def _append(steps: list[Step], step: Step) -> None:
    """A text typed is recorded several times, as it grows: that is one step, with the first page and the last text."""
    last = steps[-1] if steps else None
    if last and last.action.kind == step.action.kind == "type" and last.action.selector == step.action.selector:
        steps[-1] = replace(last, action=step.action)
    else:
        steps.append(step)


def _step(number: int, found: Entry, name: str, place: Place) -> Step:
    kind = _KINDS.get(str(found["type"]))
    if kind is None:
        raise EntryError(f"{str(found['type'])[:40]!r} is no step that the grammar of actions can say")
    content = place.beside(f"{name}.dom/{number}.html")
    dom = content.decode("utf-8", "replace") if content is not None else ""
    if not dom and kind not in ("navigate", "wait"):
        raise EntryError(f"a Recorder export holds no DOM, and there is no {name}.dom/{number}.html beside it")
    selector = css_of(found["selectors"]) if found.get("selectors") and kind not in ("press", "navigate") else ""
    if kind == "type" and dom and selector and _is_list(dom, selector):
        kind = "select"
    action = Action(kind, selector, _value(kind, found))
    picture = next(
        (f"{name}.dom/{number}{end}" for end in _PICTURES if place.is_beside(f"{name}.dom/{number}{end}")), ""
    )
    return Step(number, dom, checked(action, dom), picture)


def _value(kind: str, found: Entry) -> str:
    if kind in ("type", "select"):
        return text_of(found, "value")
    if kind == "press":
        return text_of(found, "key", None)
    if kind == "navigate":
        return text_of(found, "url", None)
    if kind == "scroll":
        return f"{number_of(found, 'x') or 0:g},{number_of(found, 'y') or 0:g}"
    return ""


def css_of(selectors: Any) -> str:
    """The CSS selector among the alternatives; else one made from its XPath, else from its accessible name.

    Raises EntryError when there is none. Each alternative is a text or a list that leads through shadow roots.
    """
    chains = [[one] if isinstance(one, str) else one for one in selectors] if isinstance(selectors, list) else []
    chains = [one for one in chains if isinstance(one, list) and one and all(isinstance(part, str) for part in one)]
    for chain in chains:
        parts = [part.removeprefix("css/").removeprefix("pierce/") for part in chain]
        if not any(re.match(r"(?:aria|text|xpath|pierce|css)/", part) for part in parts):
            return " ".join(parts)
    for chain in chains:
        if len(chain) == 1 and (css := css_of_xpath(chain[0].removeprefix("xpath/"))):
            return css
    for chain in chains:
        if len(chain) == 1 and chain[0].startswith("aria/") and "[" not in chain[0]:
            return f"[aria-label={quoted(chain[0][5:])}]"
    raise EntryError("it has no CSS selector; switch CSS selectors on in the Recorder")


def _is_list(dom: str, selector: str) -> bool:
    """Whether the selector's element is a <select>: a Recorder says "change" for these, too."""
    from src.web_actions.dom.cut import parse
    from src.web_actions.dom.selectors import find_all
    from src.web_actions.dom.unusable import UnusableStepError

    try:
        found = find_all(parse(dom), selector)
    except UnusableStepError:
        return False
    return len(found) == 1 and found[0].tag == "select"
