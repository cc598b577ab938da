"""Tasks of Mind2Web (https://github.com/OSU-NLP-Group/Mind2Web, its README's "Data Fields", read 2026-11-21)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from src.web_actions.session import Action, Rejected, Session, Step
from src.web_actions.sessions.entries import Entry, EntryError, Place, checked, entries_of, text_of

# HOVER and ENTER are in original_op alone: in `op` they are CLICK.
_KINDS = {"CLICK": "click", "TYPE": "type", "SELECT": "select", "HOVER": "hover", "ENTER": "press"}


def recognises(entry: Entry) -> bool:
    return "annotation_id" in entry and "actions" in entry


def read(entry: Entry, place: Place) -> Iterator[Session | Rejected]:
    where = f"task {str(entry.get('annotation_id'))[:80]}"
    steps: list[Step] = []
    try:
        identity, actions = text_of(entry, "annotation_id", None), entries_of(entry, "actions")
        site, goal = text_of(entry, "website"), text_of(entry, "confirmed_task")
        workflow = "/".join(part for part in (text_of(entry, "domain"), text_of(entry, "subdomain")) if part)
    except EntryError as error:
        yield place.rejected(where, error)
        return
    for number, found in enumerate(actions, 1):
        try:
            steps.append(_step(number, found))
        except EntryError as error:
            yield place.rejected(f"{where}, action {number}", error)
    if steps:
        yield Session(identity, site, workflow, goal, None, "", place.file, tuple(steps))
    elif not actions:
        yield place.rejected(where, "it has no actions")


def _step(number: int, found: Any) -> Step:
    if not isinstance(found, dict) or not isinstance(found.get("operation"), dict):
        raise EntryError("'operation' is missing")
    operation: Mapping[str, Any] = found["operation"]
    name = text_of(operation, "original_op") or text_of(operation, "op", None)
    kind = _KINDS.get(name.upper())
    if kind is None:
        raise EntryError(f"{name[:40]!r} is no operation of Mind2Web")
    candidate = _candidate(found.get("pos_candidates") or [])
    dom, selector = _page_with_target(found, candidate)
    value = "Enter" if kind == "press" else text_of(operation, "value") if kind in ("type", "select") else ""
    return Step(number, dom, checked(Action(kind, selector, value), dom), box=_box(candidate))


def _candidate(candidates: Any) -> Mapping[str, Any]:
    """The element that the annotator labelled, else the one around it that the authors chose, else the first."""
    known = [one for one in candidates if isinstance(one, dict)] if isinstance(candidates, list) else []
    for mark in ("is_original_target", "is_top_level_target"):
        for one in known:
            if one.get(mark) is True:
                return one
    return known[0] if known else {}


def _page_with_target(found: Mapping[str, Any], candidate: Mapping[str, Any]) -> tuple[str, str]:
    """The cleaned page where the target is in it, else the raw one; and the selector of the target's mark."""
    marks = [("backend_node_id", str(candidate.get("backend_node_id") or ""))]
    marks.append(("data_pw_testid_buckeye", text_of(found, "action_uid")))
    for page in ("cleaned_html", "raw_html"):
        dom = text_of(found, page)
        for name, value in marks:
            if value and '"' not in value and f'{name}="{value}"' in dom:
                return dom, f'[{name}="{value}"]'
    if not text_of(found, "cleaned_html") and not text_of(found, "raw_html"):
        raise EntryError("neither 'cleaned_html' nor 'raw_html' is there")
    raise EntryError("its target is in neither 'cleaned_html' nor 'raw_html'")


def _box(candidate: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """The target's bounding_box_rect, "left,top,width,height" on the whole page; -1,-1,-1,-1 says it has none."""
    try:
        attributes = candidate.get("attributes") or "{}"
        attributes = json.loads(attributes) if isinstance(attributes, str) else attributes
        left, top, width, height = (float(part) for part in attributes["bounding_box_rect"].split(","))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return (left, top, width, height) if width > 0 and height > 0 else None
