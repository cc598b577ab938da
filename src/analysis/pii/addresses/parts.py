"""What the address patterns are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from src.analysis.pii.names.words import UPPER

W = rf"[{UPPER}][\w.'-]{{0,30}}"  # a capitalised word
HOUSE = r"\d{1,4}(?:[-/]\d{1,3})? ?(?:[a-hA-H]|bis|[IVX]{1,3})?(?![\w,.]\d|\w)"
UNIT = (
    r"(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|lot|no|nr|stair|etage|top"
    r"|piso|interno|int|depto|bloco|apto|appartement|app"
    r"|bâtiment|#)\b\.? ?#?[\w-]{1,6}"
)


@dataclass(frozen=True)
class Street:
    """How a street and its number are written. `stems`: one of these must be in a text (small letters) for the pattern
    to be worth a try. `number_first`: the pattern is tried at numbers only."""

    rule: str
    pattern: re.Pattern[str]
    stems: tuple[str, ...] = ()
    number_first: bool = False


def words(least: int, most: int) -> str:
    """Capitalised words with single spaces between: one way to match a text, so no time is lost in trying others."""
    return rf"{W}(?: {W}){{{least - 1},{most - 1}}}"


def any_case(alternatives: str) -> str:
    """street, Street and STREET, but not sTREET: IGNORECASE would make small words of the capitalised ones as well."""
    capital = "|".join(word[:1].upper() + word[1:] for word in alternatives.split("|"))
    return rf"(?:{alternatives}|{capital}|{alternatives.upper().replace('?', '?')})"
