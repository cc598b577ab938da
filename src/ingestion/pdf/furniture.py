"""Find running headers, footers and page numbers, so that they do not stand in the middle of the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Sequence

from src.ingestion.pdf.layout import Line, Page

_BAND = 0.08  # header and footer lines stand in the outer 8 % of a page
_SHARE = 0.6  # and come back on at least 60 % of the pages, or of the left or the right ones
_LEAST = 3
_LOOK_BACK = 40  # pages
_ROMAN = re.compile(r"[ivxlc]{1,7}", re.IGNORECASE)
_PAGE_OF = re.compile(r"(page|seite|p\.|pg\.?)? ?# ?(of|/|von|de|di) ?#|(page|seite|p\.|pg\.?) ?#", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"[-–—|\[( ]*#[-–—|\]). ]*")


class Furniture:
    """What has been seen to come back at the edges of the pages."""

    def __init__(self) -> None:
        self._masks: set[str] = set()
        self._outer: deque[tuple[int, dict[str, int | None]]] = deque(maxlen=_LOOK_BACK)

    def learn(self, pages: Sequence[Page]) -> None:
        """Take up the lines that, their digits aside, come back on most of these pages and those just before."""
        for page in pages:
            self._outer.append((page.number, {_mask(x.text): _shift(x.text, page) for x in _outer_lines(page)}))
        found: defaultdict[str, list[int]] = defaultdict(list)
        shifts: defaultdict[str, Counter[int | None]] = defaultdict(Counter)
        for number, masks in self._outer:
            for mask, shift in masks.items():
                found[mask].append(number)
                shifts[mask][shift] += 1
        numbers = [number for number, _ in self._outer]
        for mask, where in found.items():
            # The numbers on the pages count on with the pages; those of a body do not.
            counts_on = not _BARE_NUMBER.fullmatch(mask) or max(shifts[mask].values()) >= _SHARE * len(where)
            if counts_on and _is_repeated(mask, where, numbers):
                self._masks.add(mask)

    def strip(self, page: Page) -> tuple[Page, int]:
        """The page without its furniture, and how many lines that took.

        A line that follows the body at a body line's distance belongs to it: it stays.
        """
        known = [line for line in _outer_lines(page) if _mask(line.text) in self._masks] if self._masks else []
        if not known:
            return page, 0
        rest = [(line.bottom, line.top) for line in page.lines if line not in known]
        rest += [(table.bottom, table.top) for _, table in page.tables]
        attached = [line for line in known if not _is_set_off(line, rest)]
        while attached:  # what follows these at a line's distance belongs to the body with them
            known = [line for line in known if line not in attached]
            rest += [(line.bottom, line.top) for line in attached]
            attached = [line for line in known if not _is_set_off(line, rest)]
        dropped = set(map(id, known))
        if not dropped:
            return page, 0
        kept = [line for line in page.lines if id(line) not in dropped]
        tables = [(sum(id(line) not in dropped for line in page.lines[:at]), table) for at, table in page.tables]
        return Page(page.number, page.height, kept, tables), len(page.lines) - len(kept)


def _shift(text: str, page: Page) -> int | None:
    number = re.search(r"\d{1,6}", text)
    return int(number.group()) - page.number if number else None


def _is_repeated(mask: str, found: Sequence[int], numbers: Sequence[int]) -> bool:
    least = 2 if _PAGE_OF.fullmatch(mask) or _BARE_NUMBER.fullmatch(mask) else _LEAST
    if len(found) >= max(least, _SHARE * len(numbers)):
        return True
    return any(
        sum(n % 2 == side for n in found) >= max(_LEAST, _SHARE * sum(n % 2 == side for n in numbers))
        for side in (0, 1)
    )


def _mask(text: str) -> str:
    text = text.strip()
    return "roman" if _ROMAN.fullmatch(text) else re.sub(r"\d+", "#", text)


def _outer_lines(page: Page) -> list[Line]:
    low, high = _BAND * page.height, (1 - _BAND) * page.height
    return [line for line in page.lines if line[3] > high or line[4] < low]  # by number: twice as quick as by name


def _is_set_off(line: Line, rest: Sequence[tuple[float, float]]) -> bool:
    """Whether a gap wider than between lines parts it from the rest of the page, which may stand beside it."""
    least = 0.5 * line.height
    return not any(
        -0.5 * least < line.bottom - top < least or -0.5 * least < bottom - line.top < least for bottom, top in rest
    )
