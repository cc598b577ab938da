"""The records of recorded browser sessions: Action, Step, Session, Rejected. Read this file first.

Readers (sessions/) give these records, whatever the recording was made with; all later stages take nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ACTION_KINDS: tuple[str, ...] = (
    "click",
    "type",
    "select",
    "hover",
    "press",
    "scroll",
    "navigate",
    "wait",
    "submit",
)


@dataclass(frozen=True, slots=True)
class Action:
    """What the user did. `kind` is one of ACTION_KINDS.

    `selector` is a CSS selector that matches exactly the acted-on element of the step's DOM; "" where the page as a
    whole is acted on (navigate, wait, a scroll of the page, a key pressed anywhere).
    `value` is the text typed, the option chosen, the key pressed, the address gone to, what is waited for.
    `point` is where the pointer was, in CSS pixels from the left and top of the viewport.
    """

    kind: str
    selector: str = ""
    value: str = ""
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One action and the page as it was before it.

    `number` counts from 1. `screenshot` is a path, an address or, for pictures within an archive,
    "archive.zip!member". `box` is the target's left, top, width and height in CSS pixels of the viewport.
    `time` is ISO 8601 or "".
    """

    number: int
    dom: str
    action: Action
    screenshot: str = ""
    box: tuple[float, float, float, float] | None = None
    time: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One task done in a browser, from its first step to its last.

    `success` is None where the recording does not say. `time` is when it began (ISO 8601) or "". `source_file` is the
    path below the input folder.
    """

    id: str
    site: str
    workflow: str
    goal: str
    success: bool | None
    time: str
    source_file: str
    steps: Iterable[Step]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that cannot be used. `line` is that of a JSONL file; `where` names the entry ("session a1, step 3")."""

    file: str
    line: int | None
    where: str
    reason: str
