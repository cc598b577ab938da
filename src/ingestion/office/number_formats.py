"""Show a cell's stored number as its number format does (ECMA-376 part 1, 18.8.30 and 18.8.31).

Dates and times are given in ISO form, with as much of them as the format shows: 2026-03-31, 2026-03, 09:05.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from src.ingestion.pieces import clean

Show = Callable[[str], str]

NOT_SHOWN = (ValueError, ArithmeticError)
GENERAL = "General"
# The formats a workbook refers to by number alone; those from 27 on are dates in the East Asian editions.
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58), "yyyy-mm-dd"),
    32: "h:mm", 33: "h:mm:ss", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: "$#,##0", 43: "#,##0.00", 44: "$#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip

_LAST_DAY = 2_958_465  # 9999-12-31
_LONGEST_FORMAT = 1000
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<ampm>AM/PM|A/P)'
    r"|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+|b+|g+)|(?P<digits>[0#?][0#?,]*)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]?|[^;"\\\[]|\\\Z)*', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_TIE = 0.499999, 0.500001
_FRACTION = re.compile(r"([#0?]+\s+)?[#0?]+\s*/\s*([#0?]+|\d+)")
_EXACT = Context(prec=400)
_MINUTES = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)]


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a format: its kind is a group of _TOKEN, "literal", "elapsed" or "minutes"."""

    kind: str
    text: str


def show_by(code: str, epoch_1904: bool = False) -> Show | None:
    """The function that shows a stored number as the format `code` does; None for General and text formats.

    It raises one of NOT_SHOWN for what is no number, and gives "" where the format hides the number.
    """
    sections = [_tokens(section) for section in _split(code[:_LONGEST_FORMAT])]
    kinds = {token.kind for token in sections[0]}
    if kinds & {"date", "minutes", "elapsed", "ampm"}:
        return _date_shower(sections[0], epoch_1904)
    if len(sections) == 1 and sections[0] in ([], [Token("general", GENERAL)], [Token("other", "@")]):
        return None
    return _sections_shower(sections)


def general(raw: str) -> str:
    """A stored number with up to fifteen digits, as cells without a format show it."""
    if raw.isdigit() and len(raw) < 16:
        return raw.lstrip("0") or "0"
    try:
        value = float(raw)
    except ValueError:
        return clean(raw)
    return format(value, ".15g").replace("e", "E")


def generals(stored: Sequence[str]) -> Sequence[str]:
    """A whole column of what `general` shows; empty ones stay empty."""
    if all(map(str.isdigit, stored)) and max(map(len, stored)) < 16:
        return stored
    try:
        shown = [
            raw if len(raw) < 17 and (not raw or raw.replace(".", "", 1).isdigit()) else f"{float(raw):.15g}"
            for raw in stored
        ]
    except ValueError:  # one is no number
        return [raw and general(raw) for raw in stored]
    return [text.upper() for text in shown] if "e" in "".join(shown) else shown


def show_or_general(raw: str, show: Show) -> str:
    """The stored number as `show` gives it, else as without a format: ;;; hides it, and a wrong one has no form."""
    try:
        return show(raw) or general(raw)
    except NOT_SHOWN:
        return general(raw)


def _split(code: str) -> list[str]:
    sections, at = [], 0
    while at <= len(code):
        match = _SECTION.match(code, at)
        assert match is not None  # it also matches nothing
        sections.append(match[0])
        at = match.end() + 1
    return sections[:4]


def _tokens(section: str) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(section):
        kind, text = match.lastgroup or "", match[match.lastgroup] if match.lastgroup else ""
        if kind in ("quoted", "escaped"):
            kind = "literal"
        elif kind == "bracket":
            kind, text = _bracket(text)
        if kind:
            tokens.append(Token(kind, text))
    return _with_minutes(tokens)


def _bracket(text: str) -> tuple[str, str]:
    if text.startswith("$"):
        return "literal", text[1:].partition("-")[0]
    if (text and not text.lower().strip("h")) or text.lower() in ("m", "mm", "s", "ss"):
        return "elapsed", text.lower()
    return ("condition", text) if _CONDITION.fullmatch(text) else ("", "")


def _with_minutes(tokens: list[Token]) -> list[Token]:
    """The tokens with m and mm behind hours or before seconds marked as minutes."""
    dates = [at for at, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    letters = {at: tokens[at].text[:1].lower() for at in dates}
    for place, at in enumerate(dates):
        before = letters[dates[place - 1]] if place else ""
        after = letters[dates[place + 1]] if place + 1 < len(dates) else ""
        is_short = tokens[at].kind == "date" and letters[at] == "m" and len(tokens[at].text) < 3
        if is_short and ("h" in before or "s" in after):
            tokens[at] = Token("minutes", tokens[at].text)
    return tokens


# Dates and times


def _date_shower(tokens: list[Token], epoch_1904: bool) -> Show:
    letters = {token.text[0].lower() for token in tokens if token.kind == "date"}
    minutes = any(token.kind == "minutes" for token in tokens)
    elapsed = next((token.text[0] for token in tokens if token.kind == "elapsed"), "")
    clock = "s" if "s" in letters else "m" if minutes or "h" in letters else ""
    if elapsed:
        return lambda raw: _elapsed(float(raw), elapsed, clock)
    with_hours = "h" in letters or not minutes
    day = "d" if "d" in letters else "m" if "m" in letters else "y" if letters & set("yeg") else ""

    if not clock:
        return lambda raw: _day(raw, epoch_1904, day)
    iso = lru_cache(1 << 12)(lambda days: _iso(days, epoch_1904, day))

    def show(raw: str) -> str:
        days, seconds = divmod(round(float(raw) * 86400), 86400)
        if not 0 <= days <= _LAST_DAY:
            return general(raw)
        shown = _MINUTES[seconds // 60] if clock == "m" and with_hours else _clock(seconds, clock, with_hours)
        return f"{iso(days)} {shown}" if day and (days or epoch_1904) else shown

    return show


@lru_cache(1 << 14)
def _day(raw: str, epoch_1904: bool, shown: str) -> str:
    """A stored number as a date; one below a day, without a date, is a time."""
    days, seconds = divmod(round(float(raw) * 86400), 86400)
    if not 0 <= days <= _LAST_DAY:
        return general(raw)
    return _iso(days, epoch_1904, shown) if shown and (days or epoch_1904) else _clock(seconds, "m", True)


@lru_cache(1 << 14)
def _iso(days: int, epoch_1904: bool, shown: str) -> str:
    """A day's number as a date. Excel counts a 29 February 1900 that never was, hence the two zero days."""
    zero = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    return (zero + timedelta(days)).isoformat()[: {"d": 10, "m": 7, "y": 4}[shown]]


def _clock(seconds: int, shown: str, with_hours: bool) -> str:
    minutes = _MINUTES[seconds // 60] if with_hours else f"{seconds // 60 % 60:02d}"
    return f"{minutes}:{seconds % 60:02d}" if shown == "s" else minutes


def _elapsed(value: float, unit: str, clock: str) -> str:
    seconds = round(abs(value) * 86400)
    sign = "-" if value < 0 else ""
    if unit == "h":
        tail = f":{seconds // 60 % 60:02d}" + (f":{seconds % 60:02d}" if clock == "s" else "")
        return f"{sign}{seconds // 3600}{tail if clock else ''}"
    if unit == "m":
        return f"{sign}{seconds // 60}" + (f":{seconds % 60:02d}" if clock == "s" else "")
    return f"{sign}{seconds}"


def show_iso_date(raw: str, show: Show | None) -> str:
    """A date stored as text (t="d"), with as much of it as the format shows."""
    stamp = raw.strip().replace("T", " ").removesuffix("Z")
    day, _, clock = stamp.partition(" ")
    if show is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return stamp.removesuffix(" 00:00:00").removesuffix(".000")
    hours, minutes, seconds = [*map(float, re.findall(r"[\d.]+", clock)), 0.0, 0.0, 0.0][:3]
    days = date.fromisoformat(day).toordinal() - date(1899, 12, 30).toordinal()
    return show(repr(days + (hours * 3600 + minutes * 60 + seconds) / 86400))


# Numbers


def _sections_shower(sections: list[list[Token]]) -> Show:
    """Chooses the section: by its conditions, else positive; negative; zero."""
    shown = [_section_shower(section) for section in sections]
    if len(shown) == 1 and isinstance(shown[0], PlainNumber):
        return shown[0]
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        return lambda raw: _by_condition(raw, conditions, shown)
    positive = shown[0]
    negative = shown[1] if len(shown) > 1 else None
    zero = shown[2] if len(shown) > 2 else positive

    def show(raw: str) -> str:
        value = float(raw)
        if value > 0:
            return positive(raw)
        if value == 0:
            return zero("0")
        return negative(raw.lstrip("-")) if negative else "-" + positive(raw.lstrip("-"))

    return show


def _condition(section: list[Token]) -> Callable[[float], bool] | None:
    text = next((token.text for token in section if token.kind == "condition"), "")
    match = _CONDITION.fullmatch(text)
    if not match:
        return None
    sign, limit = match[1], float(match[2])
    return {
        "<": lambda value: value < limit, ">": lambda value: value > limit, "=": lambda value: value == limit,
        "<=": lambda value: value <= limit, ">=": lambda value: value >= limit, "<>": lambda value: value != limit,
    }[sign]  # fmt: skip


def _by_condition(raw: str, conditions: list[Callable[[float], bool] | None], shown: list[Show]) -> str:
    value = float(raw)
    sign = "-" if value < 0 else ""
    for condition, show in zip(conditions, shown, strict=True):
        if condition is None or condition(value):
            return sign + show(raw.lstrip("-"))
    return general(raw)


def _section_shower(tokens: list[Token]) -> Show:
    """Shows a number without its sign by one section."""
    if any(token.kind == "general" for token in tokens):
        before, after = _around(tokens, ("general",))
        return lambda raw: f"{before}{general(raw)}{after}".strip()
    if not any(token.kind == "digits" for token in tokens):
        text = "".join(token.text for token in tokens if token.kind in ("literal", "other") and token.text != "@")
        return lambda raw: text.strip()
    fraction = _FRACTION.search(_text(tokens))
    if fraction:
        with_whole, denominator = bool(fraction[1]), fraction[2]
        return lambda raw: _fraction(raw, with_whole, denominator)
    before, after = _around(tokens, ("digits", "exponent"))
    core = _core(tokens)
    if any(token.kind == "exponent" for token in core):
        return lambda raw: f"{before}{_scientific(raw, core)}{after}".strip()
    if any(token.kind != "digits" and token.text != "." for token in core):
        return lambda raw: f"{before}{_masked(raw, core)}{after}".strip()
    return PlainNumber(before, after, _text(core))


def _around(tokens: list[Token], kinds: tuple[str, ...]) -> tuple[str, str]:
    """What the format prints before and after the digits."""
    places = [at for at, token in enumerate(tokens) if token.kind in kinds]
    visible = ["" if token.kind == "condition" else token.text for token in tokens]
    first = places[0] - (places[0] > 0 and tokens[places[0] - 1] == Token("other", "."))
    return "".join(visible[:first]), "".join(visible[places[-1] + 1 :])


def _core(tokens: list[Token]) -> list[Token]:
    places = [at for at, token in enumerate(tokens) if token.kind in ("digits", "exponent")]
    first = places[0] - (places[0] > 0 and tokens[places[0] - 1] == Token("other", "."))
    return tokens[first : places[-1] + 1]


def _text(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens)


class PlainNumber:
    """Shows numbers by a section that is digits with something around them, also a whole column at once."""

    def __init__(self, before: str, after: str, core: str) -> None:
        whole, _, decimals = core.partition(".")
        thousands = len(core) - len(core.rstrip(",")) + (len(whole) - len(whole.rstrip(",")) if decimals else 0)
        self._scale = (100.0 if "%" in before + after else 1.0) / 1000**thousands
        self._decimals, self._unit = len(decimals.rstrip(",")), 10.0 ** len(decimals.rstrip(","))
        self._optional, self._zeros = self._decimals - decimals.count("0"), whole.count("0")
        self._around = before.lstrip(), after.rstrip()
        self._spec = f"{',' if ',' in whole.rstrip(',') else ''}.{self._decimals}f"

    def __call__(self, raw: str) -> str:
        value = float(raw) * self._scale
        part = value * self._unit % 1.0
        if part != part:  # endless
            return ""
        # On a tie, decimals round up (2.675 to 2.68) where binary fractions would not.
        text = format(_rounded(value, self._decimals) if _TIE[0] < part < _TIE[1] else value, self._spec)
        sign = "-" if text[0] == "-" else ""
        text = _with_zeros(_without_zeros(text[len(sign) :], self._optional), self._zeros)
        return f"{sign}{self._around[0]}{text}{self._around[1]}".strip()

    def column(self, stored: Sequence[str]) -> list[str]:
        """What a call gives for each; empty ones stay empty. Raises ValueError when one is no number."""
        scale, unit, spec = self._scale, self._unit, self._spec
        if "" not in stored and not self._optional and self._zeros == 1:
            values = [float(raw) * scale for raw in stored]
            least, most = _TIE
            if min(values) >= 0 and True not in [least < value * unit % 1.0 < most for value in values]:
                before, after = self._around
                return [f"{before}{value:{spec}}{after}" for value in values]
        return [self(raw) if raw else "" for raw in stored]


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(format(value, ".15g")).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT)


def _without_zeros(text: str, most: int) -> str:
    """Without the zeros at the end that the format does not ask for, at most so many."""
    kept = len(text) - most
    return (text[:kept] + text[kept:].rstrip("0")).removesuffix(".") if most else text


def _with_zeros(text: str, zeros: int) -> str:
    if zeros == 1:
        return text
    whole, dot, decimals = text.partition(".")
    if zeros == 0:
        return (whole if whole != "0" else "") + dot + decimals
    return whole.zfill(zeros) + dot + decimals


def _masked(raw: str, core: list[Token]) -> str:
    """Digits put into a pattern such as 000-00-0000, from the right."""
    places = sum(len(token.text) for token in core if token.kind == "digits")
    digits = str(_rounded(float(raw), 0)).zfill(sum(token.text.count("0") for token in core if token.kind == "digits"))
    shown: list[str] = []
    for token in reversed(core):
        if token.kind != "digits":
            shown.append(token.text)
            continue
        places -= len(token.text)
        taken = len(digits) if places == 0 else min(len(token.text), len(digits))
        shown.append(digits[len(digits) - taken :])
        digits = digits[: len(digits) - taken]
    return "".join(reversed(shown))


def _fraction(raw: str, with_whole: bool, denominator: str) -> str:
    if abs(float(raw)) >= 1e15:
        return general(raw)
    value = Fraction(Decimal(raw))
    whole = value.numerator // value.denominator if with_whole else 0
    if denominator.isdigit() and int(denominator):
        over = int(denominator)
        part = Fraction(round((value - whole) * over), 1)
        above = part.numerator
    else:
        part = (value - whole).limit_denominator(10 ** min(6, max(1, len(denominator))) - 1)
        above, over = part.numerator, part.denominator
    if with_whole and above == over:
        whole, above = whole + 1, 0
    shown = f"{above}/{over}" if above or not with_whole else ""
    return f"{whole} {shown}".strip() if whole or not shown else shown


def _scientific(raw: str, core: list[Token]) -> str:
    mark = next(at for at, token in enumerate(core) if token.kind == "exponent")
    whole, _, decimals = _text(core[:mark]).partition(".")
    step, least = max(1, len(whole)), _text(core[mark + 1 :]).count("0")
    value = Decimal(format(float(raw), ".15g"))
    exponent = value.adjusted() // step * step if value else 0
    mantissa = value.scaleb(-exponent)
    shown = _rounded(float(mantissa), len(decimals))
    if shown.adjusted() >= step:
        exponent, shown = exponent + step, _rounded(float(mantissa.scaleb(-step)), len(decimals))
    sign = "-" if exponent < 0 else "+" if core[mark].text[1] == "+" else ""
    return f"{shown}E{sign}{str(abs(exponent)).zfill(least)}"
