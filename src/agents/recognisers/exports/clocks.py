"""Dates and times as chat logs write them, as seconds of which only the distances count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

# 31.12.23, 12/31/2023, 2023-12-31, 31 December 2023, Dec 31, 2023. A pattern to be used once in a larger one.
DATE = (
    r"(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.] ?\d{1,2}[-/.] ?(?:\d{4}|\d\d)\.?|\d{1,2}/\d{1,2}|"
    r"\d{1,2}\.? [^\W\d_]{3,10}\.? \d{4}|[^\W\d_]{3,10}\.? \d{1,2},? \d{4})"
)
_DAY = 86400.0
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = {"mai": 5, "mär": 3, "okt": 10, "dez": 12, "dic": 12, "ene": 1, "abr": 4, "ago": 8, "fév": 2, "avr": 4,
                 "déc": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10}  # fmt: skip

Order = Literal["day first", "month first"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as written, with its date ("" when there is none) and its half of the day ("PM", "")."""

    date: str
    time: str
    half: str


def clock_times(clocks: Sequence[Clock | None]) -> list[float | None]:
    """Seconds for each; a time without date that is earlier than the one before is of the next day."""
    order = _order(clocks)
    times: list[float | None] = []
    base = 0.0
    last: float | None = None
    for clock in clocks:
        if clock is None:
            times.append(None)
            continue
        seconds = _seconds(clock)
        day = _day(clock.date, order) if clock.date else None
        if day is not None:
            base = day * _DAY
        elif last is not None and base + seconds < last:
            half = _DAY / 2
            # "12:59" and then "1:05": clocks of twelve hours
            base += half if not clock.half and base + seconds + half >= last else _DAY
        last = base + seconds
        times.append(last)
    return times


@lru_cache(maxsize=4096)
def _seconds(clock: Clock) -> float:
    hours, minutes, *rest = (int(part) for part in re.split(r"[:.]", re.match(r"[\d:.]*\d", clock.time)[0]))  # type: ignore[index]
    if clock.half:
        hours = hours % 12 + (12 if clock.half[0] in "Pp" else 0)
    return hours * 3600.0 + minutes * 60 + (rest[0] if rest else 0)


def _order(clocks: Sequence[Clock | None]) -> Order:
    """Whether 1/2/23 is in January or in February: by a date that can only be one, else by the way it is written."""
    slashed_half = False
    for clock in clocks:
        numbers = [int(part) for part in re.findall(r"\d+", clock.date)] if clock else []
        if clock is None or len(numbers) < 2 or numbers[0] > 31:
            continue
        if numbers[0] > 12:
            return "day first"
        if numbers[1] > 12:
            return "month first"
        slashed_half = slashed_half or ("/" in clock.date and bool(clock.half))
    return "month first" if slashed_half else "day first"


@lru_cache(maxsize=4096)
def _day(text: str, order: Order) -> int | None:
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    month = next(_named_months(text), None)
    try:
        if month is not None and len(numbers) == 2:
            return date(numbers[1], month, numbers[0]).toordinal()
        if len(numbers) == 3 and numbers[0] > 31:
            return date(*numbers).toordinal()
        first, second, *rest = numbers
        year = rest[0] if rest else 2000
        year += 2000 if year < 100 else 0
        return (date(year, second, first) if order == "day first" else date(year, first, second)).toordinal()
    except (ValueError, TypeError):
        return None


def _named_months(text: str) -> Iterator[int]:
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        if word[:3] in _MONTHS:
            yield _MONTHS.index(word[:3]) + 1
        elif word[:3] in _OTHER_MONTHS:
            yield _OTHER_MONTHS[word[:3]]
