"""Find dates, times, money, percentages and numbers with units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from src.analysis.entities.findings import Entity, EntityKind, Taken

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero", "february feb februar février febrero",
            "march mar märz mars marzo", "april apr avril abril", "may mai mayo", "june jun juni juin junio",
            "july jul juli juillet julio", "august aug août agosto", "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre", "november nov novembre noviembre",
            "december dec dezember dez décembre diciembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_FREE = r"(?<![\w.,/-])"
_YEAR = r"(?:1[5-9]|20|21)\d\d"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_FREE}(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)(?![\w-])",
        rf"{_FREE}(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.\s?(?P<y>{_YEAR})(?!\w)",
        rf"{_FREE}(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of| de)? (?P<n>{_MONTH})\.?(?:,? (?:de "
        rf")?(?P<y>{_YEAR}))?(?!\w)",
        rf"(?<!\w)(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>{_YEAR}))?(?![\w.,:]*\d)(?!\w)",
        rf"(?<!\w)(?P<n>{_MONTH})\.? (?P<y>{_YEAR})(?!\w)",
        rf"(?<!\w)(?:in|since|until|from|by|before|after|during|between|seit|bis|en|depuis|early|late|and|of) "
        rf"(?P<only>{_YEAR})(?![\w%]|[.,:]\d|-\d| (?:{_NUMBER}))",
    )
)
# 3/5/2024 is the fifth of March to some and the third of May to others: found, with a value that says neither.
_SLASHED = re.compile(rf"{_FREE}\d{{1,2}}/\d{{1,2}}/{_YEAR}(?![\w/])")
_TIME = re.compile(
    rf"{_FREE}(?:[01]?\d|2[0-3])[:.][0-5]\d(?::[0-5]\d)? ?(?:a\.?m\.?|p\.?m\.?|Uhr|h)?(?![\w%:]|[.,]\d)", re.IGNORECASE
)
_TIME_SIGN = re.compile(r":|[aphu]", re.IGNORECASE)
_CURRENCY = r"US\$|A\$|C\$|[$€£¥₹]|USD|EUR|GBP|CHF|JPY|INR|SEK|NOK|DKK|PLN"
_SCALE = (
    r"(?: ?(?:thousand|million|billion|trillion|Mio\.?|Mrd\.?|Millionen|Milliarden|millions|milliards|"
    r"[kKmMbB]n?(?!\w)))"
)
_MONEY = (
    re.compile(rf"(?<![\w$])(?:{_CURRENCY}) ?(?:{_NUMBER}){_SCALE}?(?!\w)"),
    re.compile(
        rf"{_FREE}(?:{_NUMBER}){_SCALE}? ?(?:{_CURRENCY}|euros?|dollars?|pounds?|cents?|francs?|yen)(?!\w)",
        re.IGNORECASE,
    ),
)
_PERCENT = re.compile(rf"{_FREE}(?:{_NUMBER}) ?(?:%|percent|per cent|Prozent|percentage points?)(?!\w)")
_UNITS = (
    "km/h|m/s|mph|kWh|MWh|kW|MW|GW|mAh|kHz|MHz|GHz|Hz|dB|kPa|MPa|hPa|bar|psi|rpm|°C|°F|ºC|K|"
    "km²|km2|cm²|cm2|ha|km|cm|mm|µm|nm|m²|m2|m³|m3|m|ft|feet|foot|inches|inch|yards?|miles?|"
    "kg|mg|µg|g|tonnes?|tons?|lbs?|ounces?|oz|"
    "ml|cl|dl|l|litres?|liters?|Liter|gallons?|GB|MB|KB|TB|GiB|MiB|kbit/s|Mbit/s|Gbit/s|"
    "W|V|A|Ω|N|Nm|J|kJ|Pa|ms|µs|ns|s|seconds?|Sekunden|minutes?|min|Minuten|hours?|hrs?|h|Stunden|"
    "days?|Tage[n]?|weeks?|"
    "Wochen|months?|Monate[n]?|years?|Jahre[n]?|metres?|meters?|Meter|kilometres?|kilometers?|"
    "kilograms?|grams?|degrees?|pages?|"
    "people|employees|users|samples"
)
_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred|"
    "zwei|drei|vier|fünf|sechs|zehn"
)
_WORDED = re.compile(
    rf"(?<![\w-])(?P<n>{_WORDS}) (?P<u>seconds|minutes|hours|days|weeks|months|years|metres|meters|"
    rf"kilometres|miles|feet|pounds|kilograms|grams|litres|degrees|Sekunden|Minuten|Stunden|Tagen?|Wochen|"
    rf"Monaten?|Jahren?)(?!\w)",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"{_FREE}(?P<n>{_NUMBER})(?:[ \u00a0-]?)(?P<u>{_UNITS})(?:(?: per |/)(?P<per>minute|hour|day|second|"
    rf"year|month|min|h|s|l|kg))?(?![\w²³°])"
)


def find_quantities(text: str) -> Iterator[Entity]:
    """Each stretch once, the more exact kind first. Places are characters of `text`."""
    taken = Taken()
    return (entity for entity in _candidates(text) if taken.take(entity.start, entity.end))


def _candidates(text: str) -> Iterator[Entity]:
    for found in _WORDED.finditer(text):
        yield _entity("quantity", found, f"{found['n'].lower()} {found['u']}", 0.8)
    if not any(map(str.isdigit, text)):
        return
    for pattern in _DATES:
        for found in pattern.finditer(text):
            yield from _date(found)
    for found in _SLASHED.finditer(text):
        yield _entity("date", found, found.group(), 0.8)
    for pattern in _MONEY:
        for found in pattern.finditer(text):
            yield _entity("money", found, " ".join(found.group().split()), 0.95)
    for found in _PERCENT.finditer(text):
        yield _entity("percent", found, re.sub(r"\s*(%|[A-Za-z].*)$", "%", found.group()), 0.95)
    for found in _TIME.finditer(text):
        if _TIME_SIGN.search(found.group()):
            yield _entity("time", found, " ".join(found.group().split()), 0.8)
    for found in _QUANTITY.finditer(text):
        per = f"/{found['per']}" if found["per"] else ""
        yield _entity("quantity", found, f"{found['n']} {found['u']}{per}", 0.9 if len(found["u"]) > 1 else 0.7)


def _date(found: re.Match[str]) -> Iterator[Entity]:
    """Nothing for a day that no calendar has, and for "may 5" that is a verb and a number."""
    parts = found.groupdict()
    if parts.get("only"):
        start = found.start("only")
        yield Entity("date", start, found.end("only"), parts["only"], parts["only"], 0.7)
        return
    name = parts.get("n")
    if name is not None and not name[0].isupper() and name.lower() in ("may", "mar", "mars", "mai"):
        return
    month = _MONTHS[name.lower()] if name else int(parts["m"])
    year, day = parts.get("y"), parts.get("d")
    try:
        date(int(year or 2000), month, int(day or 1))
    except ValueError:
        return
    value = "-".join([year or "----", f"{month:02d}", *([f"{int(day):02d}"] if day else [])])
    yield _entity("date", found, value, 0.95 if year else 0.8)


def _entity(kind: EntityKind, found: re.Match[str], value: str, confidence: float) -> Entity:
    return Entity(kind, found.start(), found.end(), found.group(), value, confidence)
