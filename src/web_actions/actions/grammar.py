"""An action as one line of text and back:   KIND [SELECTOR] ["VALUE"] [@X,Y]

click #send        type input[name="q"] "red shoes"        press "Enter"        click #map @120.5,48
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from src.errors import FormatError
from src.web_actions.session import Action

Need = Literal["needed", "allowed", "none"]


@dataclass(frozen=True, slots=True)
class Form:
    """What an action of a kind is written with."""

    selector: Need
    value: Need


FORMS: Mapping[str, Form] = {
    "click": Form("needed", "none"),
    "type": Form("allowed", "needed"),  # without a selector: into what has the focus
    "select": Form("needed", "needed"),
    "hover": Form("needed", "none"),
    "press": Form("allowed", "needed"),
    "scroll": Form("allowed", "allowed"),  # "X,Y" in CSS pixels
    "navigate": Form("none", "needed"),
    "wait": Form("allowed", "allowed"),  # for an element, or "500": milliseconds, or "load"
    "submit": Form("needed", "none"),
}
_POINT = re.compile(r" @(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$")
_PLAIN = re.compile(r"[^\s\"'\[\]()\\@][^\"'\[\]()\\@\n\r]*")
_TOKEN = re.compile(r'\\.|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|[\[(]|[\])]|["\'\\]', re.DOTALL)


def write_action(action: Action, point: bool = False) -> str:
    """The action's line; with `point` the place of the pointer, too, if there is one.

    Raises FormatError for an action that the grammar cannot say; its text names what is wrong.
    """
    problem = problem_of(action)
    if problem:
        raise FormatError(f"{action.kind} action: {problem}.")
    line = f"{action.kind} {action.selector}" if action.selector else action.kind
    if action.value or FORMS[action.kind].value == "needed":
        line += " " + json.dumps(action.value, ensure_ascii=False)
    if point and action.point is not None:
        line += f" @{_number(action.point[0])},{_number(action.point[1])}"
    return line


def parse_action(line: str) -> Action:
    """The action that write_action() wrote as `line`. Raises FormatError for anything else."""
    kind, _, rest = line.partition(" ")
    if kind not in FORMS:
        raise FormatError(f"{kind[:30]!r} is no kind of action; the kinds are {', '.join(FORMS)}.")
    point = None
    if found := _POINT.search(line, len(kind)):
        point, rest = (float(found[1]), float(found[2])), line[len(kind) + 1 : found.start()]
    start = _start_of_value(rest)
    action = Action(kind, rest[:start].rstrip(" "), _value(rest[start:]), point)
    if start < len(rest) and FORMS[kind].value == "none":
        raise FormatError(f"{kind} action: it takes no value.")
    if start == len(rest) and FORMS[kind].value == "needed":
        raise FormatError(f'{kind} action: its value is missing; it stands in quotes: {kind} ... "VALUE".')
    problem = problem_of(action)
    if problem:
        raise FormatError(f"{kind} action: {problem}.")
    return action


def problem_of(action: Action) -> str:
    """What keeps the action from being written; "" when nothing does."""
    form = FORMS.get(action.kind)
    if form is None:
        return f"it is no kind of action; the kinds are {', '.join(FORMS)}"
    if action.selector:
        if form.selector == "none":
            return "it takes no selector"
        if not _PLAIN.fullmatch(action.selector) or action.selector[-1].isspace():
            return _problem_of_selector(action.selector)
    elif form.selector == "needed":
        return "its selector is missing"
    if form.value == "none" and action.value:
        return "it takes no value"
    if form.value == "needed" and not action.value and action.kind != "type":
        return "its value is missing"
    return ""


def _problem_of_selector(selector: str) -> str:
    if selector != selector.strip() or "\n" in selector or "\r" in selector:
        return "its selector has spaces at an end or a line break"
    if selector[0] == "@":
        return "its selector begins with @"
    start = _start_of_value(selector)
    if start < len(selector) or start < 0:
        return "its selector has a quote outside brackets"
    return "" if _is_balanced(selector) else "its selector has a bracket or quote that is not closed"


def _start_of_value(text: str) -> int:
    """Where a quote stands outside all brackets: a CSS selector has none there. The text's length when none does."""
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()[0]
        if mark in "[(":
            depth += 1
        elif mark in "])":
            depth -= 1
        elif mark == '"' and depth == 0:
            return token.start()
    return len(text)


def _is_balanced(selector: str) -> bool:
    depth = 0
    for token in _TOKEN.finditer(selector):
        mark = token.group()
        if mark in ('"', "'", "\\"):
            return False
        depth += (mark in "[(") - (mark in "])")
        if depth < 0:
            return False
    return depth == 0


def _value(text: str) -> str:
    if not text:
        return ""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise FormatError(f"the value {text[:60]!r} is no JSON string.") from error
    if not isinstance(value, str):
        raise FormatError(f"the value {text[:60]!r} is no JSON string.")
    return value


def _number(value: float) -> str:
    """Two decimals at most: a hundredth of a CSS pixel is finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
