"""Which attributes of an element are kept, and how its opening tag is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from src.web_actions.dom.elements import CLOSED, VOID, WRAPPERS
from src.web_actions.dom.secrets import mask_address, mask_of_field, mask_text, mask_value

# What tells a reader or a selector what an element is; all else (handlers, styles, tracking, framework marks) goes.
KEPT = frozenset({
    "id", "class", "name", "type", "value", "placeholder", "href", "title", "alt", "role", "for", "action",
    "method", "label", "checked", "selected", "disabled", "readonly", "required", "multiple", "open",
    "contenteditable", "min", "max", "step", "autocomplete", "aria-label", "aria-expanded", "aria-checked",
    "aria-selected", "aria-pressed", "aria-current", "aria-disabled", "aria-haspopup", "aria-invalid",
    "aria-placeholder", "aria-valuenow", "aria-description", "aria-roledescription", "data-testid",
    "data-test-id", "data-test", "data-qa", "data-cy", "data-automation-id", "aria_label", "aria_description",
    "aria_role", "input_value", "input_checked", "option_selected", "text_value", "pseudo_type",
})  # fmt: skip
# Marks that recorders put into a page; no page has them when a model acts on it
HANDLES = frozenset({
    "backend_node_id", "data_pw_testid_buckeye", "data_pw_testid_buckeye_candidate", "bounding_box_rect",
    "is_clickable", "__playwright_target__", "data-recorded-target",
})  # fmt: skip
_ADDRESSES = frozenset(("href", "action"))
_VALUES = frozenset(("value", "input_value", "text_value"))
_INPUTS = frozenset(("input", "textarea", "option", "button"))
_CLASS_LENGTH, _ADDRESS_LENGTH, _TEXT_LENGTH = 80, 120, 200
_MOST_KNOWN, _LONGEST_KNOWN, _LONGEST_READ = 10_000, 800, 4_000
# An element's tag with the names and values of its attributes; without any, the tag
Key: TypeAlias = "str | tuple[str | None, ...]"
# Its opening and its closing tag, how long both are, whether anything in it is shown, and whether it says nothing empty
Form: TypeAlias = "tuple[str, str, int, bool, bool]"
_shared: dict[frozenset[str], dict[Key, Form | None]] = {}
# A wrapper that says nothing when it is empty: it has a class at most
_BARE = re.compile(r'<[^ ]+(?: class="[^"]*")?')
_INVISIBLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?<=[?&])(?:utm_\w+|gclid|gbraid|wbraid|fbclid|msclkid|dclid|yclid|igshid|mc_[ce]id|_hs(?:enc|mi)|vero_\w+|ved|ei"
    r"|_ga|_gl|oly_\w+_id|twclid|ttclid|li_fat_id|s_cid|icid|cmpid)=[^&#]*&?"
)
_NAMED = re.compile(r"\[\s*(?:[\w-]*\|)?((?:[\w-]|[^\x00-\x7f]|\\.)+)")
_CLASSES = re.compile(r"\.(-?(?:[A-Za-z_]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*)")


def is_invisible(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether the element itself says that it is not shown. Rules of style sheets are not worked out."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    if "style" in attributes and _INVISIBLE.search(attributes["style"] or ""):
        return True
    if tag == "input":
        return (attributes.get("type") or "").lower() == "hidden"
    if tag == "dialog":
        return "open" not in attributes
    return False


class Attributes:
    """Writes opening tags. What `selector` names is kept as it was recorded, but for recorders' own marks."""

    def __init__(self, selector: str = "") -> None:
        self.masked = 0
        self._depends = False
        named = frozenset(_NAMED.findall(selector)) - HANDLES if "[" in selector else frozenset()
        self.kept = KEPT | named if named else KEPT
        self._named = named
        self._classes = frozenset(_CLASSES.findall(selector)) if "." in selector else frozenset()
        self.known = _known_to(named)

    def form(self, tag: str, attributes: dict[str, str | None], key: Key) -> Form | None:
        """How the element is written; None for one that is not shown. What `known` has under `key` holds again."""
        masked, self._depends = self.masked, False
        form = None if is_invisible(tag, attributes) else _form(tag, self.written(tag, attributes))
        # What was masked is counted each time, and long classes are cut to what this selector names
        if masked == self.masked and not self._depends and _length(key) < _LONGEST_KNOWN:
            self.known[key] = form
        return form

    def written(self, tag: str, attributes: dict[str, str | None]) -> str:
        """The opening tag of an element that is kept whether it is shown or not."""
        text = "<" + tag
        for name, value in attributes.items():
            if name in self.kept:
                text += self._attribute(tag, name, value, attributes)
        return text

    def _attribute(self, tag: str, name: str, value: str | None, attributes: dict[str, str | None]) -> str:
        if not value:
            return " " + name if value is None else f' {name}=""'
        if name in self._named:
            value = self._whole(tag, name, value, attributes)
        else:
            value = self._shown(tag, name, value if len(value) <= _LONGEST_READ else value[:_LONGEST_READ], attributes)
            if not value:
                return ""
        if "&" in value or '"' in value or "<" in value:
            value = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        return f' {name}="{value}"'

    def _shown(self, tag: str, name: str, value: str, attributes: Mapping[str, str | None]) -> str:
        if name == "class":
            return value if len(value) <= _CLASS_LENGTH else self._fewer_classes(value)
        if name in _ADDRESSES:
            return self._address(value)
        if name in _VALUES:
            return self._masked(tag, value, attributes)[:_TEXT_LENGTH]
        if name == "id" or name == "name" or name == "for":
            return value
        if len(value) >= 12:
            masked = mask_text(value)
            self.masked += masked != value
            return masked[:_TEXT_LENGTH]
        return value

    def _whole(self, tag: str, name: str, value: str, attributes: Mapping[str, str | None]) -> str:
        """As it was recorded, secrets apart: a selector that holds one has to give way."""
        if name in _VALUES:
            return self._masked(tag, value, attributes)
        masked = mask_address(value) if name in _ADDRESSES else mask_text(value)
        self.masked += masked != value
        return masked

    def _masked(self, tag: str, value: str, attributes: Mapping[str, str | None]) -> str:
        if tag not in _INPUTS:
            return value
        kind = attributes.get("type")
        if kind in ("submit", "button", "checkbox", "radio", "reset") or tag in ("option", "button"):
            masked = mask_value(value)
        else:
            masked = mask_of_field(tag, attributes) or mask_value(value)
        self.masked += masked != value
        return masked

    def _fewer_classes(self, value: str) -> str:
        """Those that the selector names, then as many of the first as there is room for."""
        self._depends = True
        words = value.split()
        chosen = {word for word in words if word in self._classes}
        room = _CLASS_LENGTH - sum(len(word) + 1 for word in chosen)
        for word in words:
            room -= len(word) + 1
            if room < 0:
                break
            chosen.add(word)
        return " ".join(word for word in words if word in chosen)

    def _address(self, url: str) -> str:
        if url[:5] in ("data:", "blob:") or url[:11].lower() == "javascript:":
            return url.partition(":")[0] + ":"
        if "?" in url:
            url = _TRACKING.sub("", url).rstrip("?&")
        masked = mask_address(url)
        self.masked += masked != url
        if len(masked) > _ADDRESS_LENGTH:
            masked = masked.partition("?")[0].partition("#")[0]
        return masked if len(masked) <= _ADDRESS_LENGTH else masked[: _ADDRESS_LENGTH - 1] + "…"


def _known_to(named: frozenset[str]) -> dict[Key, Form | None]:
    """What is known already: pages repeat their tags, and a session its pages."""
    known = _shared.get(named)
    if known is None or len(known) > _MOST_KNOWN:
        if len(_shared) > 100 or sum(map(len, _shared.values())) > _MOST_KNOWN:
            _shared.clear()
        known = _shared.setdefault(named, {})
    return known


def _form(tag: str, opening: str) -> Form:
    if tag in VOID:
        return opening + ">", "", len(opening) + 1, False, False
    closing = f"</{tag}>"
    bare = tag in WRAPPERS and _BARE.fullmatch(opening) is not None
    return opening + ">", closing, len(opening) + 1 + len(closing), tag not in CLOSED, bare


def _length(key: Key) -> int:
    return len(key) if isinstance(key, str) else sum(len(part) for part in key if part)
