"""What the readers of recordings share: where an entry stands, what a reader is, and how values are taken from JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol
from urllib.parse import urlsplit

from src.web_actions.actions.grammar import problem_of
from src.web_actions.session import Action, Rejected, Session

Entry = Mapping[str, Any]
# Pages without an element that is acted on need not be recorded
WITHOUT_DOM = ("navigate", "wait")


class EntryError(Exception):
    """An entry, or a step of it, is not what its format says. Becomes a Rejected."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands. `beside` gives the bytes of a file by its path from the recording's folder, or None."""

    file: str
    line: int | None
    beside: Callable[[str], bytes | None]
    is_beside: Callable[[str], bool]

    def rejected(self, where: str, reason: object) -> Rejected:
        return Rejected(self.file, self.line, where, str(reason))


class Recording(Protocol):
    """A kind of recording that lies in JSON files."""

    def recognises(self, entry: Entry) -> bool:
        """Whether the entry is one of this kind, by its keys."""
        ...

    def read(self, entry: Entry, place: Place) -> Iterator[Session | Rejected]:
        """What cannot be used of it, then its session."""
        ...


def text_of(entry: Entry, key: str, default: str | None = "") -> str:
    """The text under the key; `default` where there is none. Raises EntryError for anything but text."""
    value = entry.get(key)
    if value is None:
        if default is None:
            raise EntryError(f"{key!r} is missing")
        return default
    if not isinstance(value, str):
        raise EntryError(f"{key!r} is {_kind(value)}, not a text")
    return value


def number_of(entry: Entry, key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e7:
        raise EntryError(f"{key!r} is {_kind(value)}, not a number of pixels")
    return float(value)


def numbers_of(entry: Entry, key: str, count: int) -> tuple[float, ...] | None:
    """The list of `count` numbers under the key, or None."""
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count:
        raise EntryError(f"{key!r} is not a list of {count} numbers")
    numbers = tuple(number_of({key: one}, key) for one in value)
    if any(number is None for number in numbers):
        raise EntryError(f"{key!r} is not a list of {count} numbers")
    return tuple(number for number in numbers if number is not None)


def entries_of(entry: Entry, key: str) -> list[Any]:
    value = entry.get(key)
    if not isinstance(value, list):
        raise EntryError(f"{key!r} is {_kind(value)}, not a list")
    return value


def time_of(value: object, key: str = "timestamp") -> str:
    """ISO 8601 in UTC from ISO 8601 or from seconds or milliseconds since 1970; "" for nothing."""
    if value is None or value == "":
        return ""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(_for_3_10(value))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            # 1e11 seconds are the year 5138, 1e11 milliseconds 1973
            moment = datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, timezone.utc)
        else:
            raise ValueError(value)
        return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError) as error:
        raise EntryError(f"{key!r} is neither ISO 8601 nor seconds since 1970: {str(value)[:40]!r}") from error


def _for_3_10(moment: str) -> str:
    """Python 3.10 reads neither a Z at the end nor fractions of other than three or six digits."""
    plain = moment[:-1] + "+00:00" if moment[-1] in "zZ" else moment
    return re.sub(r"\.(\d+)", lambda found: "." + found[1][:6].ljust(6, "0"), plain)


def site_of(address: str) -> str:
    """The host of an address; anything else as it is."""
    if "://" not in address:
        return address
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def checked(action: Action, dom: str) -> Action:
    """The action, when the grammar can say it and its page was recorded. Raises EntryError."""
    problem = problem_of(action)
    if problem:
        raise EntryError(f"{action.kind} action: {problem}")
    if not dom and action.kind not in WITHOUT_DOM:
        raise EntryError("its DOM was not recorded")
    return action


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "missing"}
    return names.get(type(value), "a number")
