"""Which calls of a Playwright trace are actions of a user, and what they say in our grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from src.web_actions.sessions.entries import EntryError

Call = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a call did: `aims` says that it was done to an element."""

    kind: str
    value: str
    aims: bool


def _text(name: str) -> Callable[[Call], str]:
    def read(call: Call) -> str:
        value = (call.get("params") or {}).get(name)
        if not isinstance(value, str):
            raise EntryError(f"its parameter {name!r} was not recorded")
        return value

    return read


def _nothing(call: Call) -> str:
    return ""


def _options(call: Call) -> str:
    """The first option that was asked for, by its value or label; what the page then said it has, if by number."""
    for option in (call.get("params") or {}).get("options") or []:
        for name in ("valueOrLabel", "value", "label"):
            if isinstance(option, dict) and isinstance(option.get(name), str):
                return str(option[name])
    values = (call.get("result") or {}).get("values")
    if isinstance(values, list) and values and isinstance(values[0], str):
        return str(values[0])
    raise EntryError("the option that was chosen was not recorded")


def _wheel(call: Call) -> str:
    params = call.get("params") or {}
    return ",".join(f"{params.get(name) or 0:g}" for name in ("deltaX", "deltaY"))


def _pause(call: Call) -> str:
    params = call.get("params") or {}
    return f"{params.get('waitTimeout', params.get('timeout')) or 0:g}"


_AIMED: Mapping[str, tuple[str, Callable[[Call], str]]] = {
    "click": ("click", _nothing),
    "dblclick": ("click", _nothing),
    "tap": ("click", _nothing),
    "check": ("click", _nothing),
    "uncheck": ("click", _nothing),
    "setChecked": ("click", _nothing),
    "hover": ("hover", _nothing),
    "fill": ("type", _text("value")),
    "type": ("type", _text("text")),
    "press": ("press", _text("key")),
    "selectOption": ("select", _options),
    "scrollIntoViewIfNeeded": ("scroll", _nothing),
}
_AIMLESS: Mapping[str, tuple[str, Callable[[Call], str]]] = {
    "goto": ("navigate", _text("url")),
    "waitForTimeout": ("wait", _pause),
    "keyboardPress": ("press", _text("key")),
    "keyboardType": ("type", _text("text")),
    "keyboardInsertText": ("type", _text("text")),
    "mouseWheel": ("scroll", _wheel),
}
# Done by a user, but not to be said in our grammar
_UNSAID: Mapping[str, str] = {
    "setInputFiles": "choosing files is no action of the grammar",
    "dragAndDrop": "dragging is no action of the grammar",
    "mouseClick": "a click at a place of the screen names no element",
    "touchscreenTap": "a tap at a place of the screen names no element",
    "dispatchEvent": "an event sent by a script is no action of the grammar",
    "goBack": "going back is no action of the grammar",
    "goForward": "going forward is no action of the grammar",
    "reload": "loading the page again is no action of the grammar",
}
_CLASSES = ("Frame", "Page", "ElementHandle", "Locator")


def is_action(call: Call) -> bool:
    """Whether a user could have done it; all else (assertions, scripts, routes, pictures) is no step."""
    method = call.get("method")
    return call.get("class") in _CLASSES and (method in _AIMED or method in _AIMLESS or method in _UNSAID)


def deed_of(call: Call) -> Deed:
    """What the call did. Raises EntryError for what the grammar cannot say, and for a call that failed."""
    method = str(call.get("method"))
    if error := call.get("error"):
        message = error.get("message") if isinstance(error, dict) else None
        raise EntryError(f"the call failed: {str(message or 'no reason recorded').splitlines()[0][:120]}")
    if method in _UNSAID:
        raise EntryError(_UNSAID[method])
    aims = method in _AIMED
    kind, value = _AIMED[method] if aims else _AIMLESS[method]
    return Deed(kind, value(call), aims)
