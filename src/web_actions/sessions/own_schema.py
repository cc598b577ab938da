"""Sessions in this program's own schema: docs/web_session.schema.json, one session an entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from src.web_actions.session import Action, Rejected, Session, Step
from src.web_actions.sessions.entries import (
    Entry,
    EntryError,
    Place,
    checked,
    entries_of,
    numbers_of,
    site_of,
    text_of,
    time_of,
)


def recognises(entry: Entry) -> bool:
    return "session_id" in entry


def read(entry: Entry, place: Place) -> Iterator[Session | Rejected]:
    """A step that is not as the schema says is rejected alone; the others keep their numbers."""
    where = f"session {str(entry.get('session_id'))[:80]}"
    try:
        session = _session(entry, place)
        recorded = entries_of(entry, "steps")
    except EntryError as error:
        yield place.rejected(where, error)
        return
    steps: list[Step] = []
    for number, found in enumerate(recorded, 1):
        try:
            steps.append(_step(number, found, place))
        except EntryError as error:
            yield place.rejected(f"{where}, step {number}", error)
    if steps:
        yield session(tuple(steps))
    elif not recorded:
        yield place.rejected(where, "it has no steps")


def _session(entry: Entry, place: Place) -> Any:
    identity = text_of(entry, "session_id", None)
    if not identity:
        raise EntryError("'session_id' is empty")
    success = entry.get("success")
    if success is not None and not isinstance(success, bool):
        raise EntryError("'success' is neither true, false nor null")
    parts = (
        identity,
        site_of(text_of(entry, "site")),
        text_of(entry, "workflow"),
        text_of(entry, "goal"),
        success,
        time_of(entry.get("timestamp")),
        place.file,
    )
    return lambda steps: Session(*parts, steps)


def _step(number: int, found: Any, place: Place) -> Step:
    if not isinstance(found, dict):
        raise EntryError("it is not an object")
    dom = text_of(found, "dom") or _dom_beside(text_of(found, "dom_file"), place)
    point, box = numbers_of(found, "point", 2), numbers_of(found, "box", 4)
    kind = text_of(found, "action", None)
    action = Action(
        kind.lower(),
        text_of(found, "selector").strip(),
        text_of(found, "value"),
        (point[0], point[1]) if point else None,
    )
    return Step(
        number,
        dom,
        checked(action, dom),
        text_of(found, "screenshot"),
        (box[0], box[1], box[2], box[3]) if box else None,
        time_of(found.get("timestamp")),
    )


def _dom_beside(name: str, place: Place) -> str:
    if not name:
        return ""
    content = place.beside(name)
    if content is None:
        raise EntryError(f"its 'dom_file' {name[:120]!r} cannot be read")
    return content.decode("utf-8", "replace")
