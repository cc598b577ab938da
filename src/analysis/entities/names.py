"""Find organisations, places, products and people by lists, the words around them and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.entities.findings import Entity, EntityKind, Taken
from src.analysis.entities.name_words import (
    COMPANY_FORMS,
    HEADS,
    KNOWN_ORGANISATIONS,
    KNOWN_PLACES,
    NO_NAMES,
    ORGANISATION_WORDS,
    PLACE_HEADS,
    PLACE_WORDS,
)  # fmt: skip
from src.analysis.pii.names.rules import find_names
from src.analysis.pii.scan import LOCALES, Scan

_WORD = r"[A-ZÀ-ÖØ-ÞŁŚŽŠČĆĐ](?:[^\W_]|['’&-](?=[^\W_])|\.(?=[A-Z]))*"
_CHAIN = re.compile(
    rf"(?<![\w@#/\\.-]){_WORD}(?:(?: &)? (?:(?:of|for|der|für|de|di|des|la) (?:the |la )?)?{_WORD})*\.?"
)
_LINK = re.compile(r"(?: &)? (?:(?:of|for|der|für|de|di|des|la) (?:the |la )?)?")
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|from|to|around|outside|across|throughout|visited?|toward|towards|nach|aus|bei|à) "
    r"(?:the |downtown |central )?\Z"
)
_LOCATED = re.compile(
    r"\b(?:lives?|lived|living|based|located|born|died|headquartered|arrived|held|situated|opened|office|"
    r"offices|plant|factory|city|town|village|moved|travelled|traveled|flew|returned|wohnt|"
    r"lebt)\b[^.]{0,30}\Z",
    re.IGNORECASE,
)
# Harbour 200, iPhone 15 Pro, Model X-7, XR-500: a name with a number, or letters and digits in one word.
_PRODUCT = re.compile(
    r"(?<![\w@#/.-])(?:[A-Z][\w-]*[A-Za-z](?: [A-Z][\w-]+)? \d{1,4}[A-Za-z]{0,3}(?: (?:Pro|Max|Plus|Mini|"
    r"Ultra|Lite))?|[A-Z]{1,5}-?\d{2,5}[A-Z]{0,3}(?:-[A-Z0-9]{1,5})?)(?![\w%°]|[.,:/-]\d)"
)
_NO_PRODUCT = re.compile(
    r"(?:Table|Figure|Fig|Chapter|Section|Page|Part|Step|Version|Article|Appendix|Room|Level|Grade|Class|"
    r"Line|Item|Question|Answer|January|February|"
    r"March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|"
    r"Sep|Sept|Oct|Nov|Dec|Day|Week|Year|Phase|"
    r"Rule|Option|Type|Number|No|Act|Route|Highway|Gate|Platform|Flight|Group|Unit|Slide|Sheet|Volume|Vol|"
    r"About|Only|The|In|On|At|By|From|Since|"
    r"Until|Over|Under|After|Before|Between|For|With|Of|And|Or|If|When|Some|Nearly|Almost|Up|To|All|Each|"
    r"Every|Another|These|Those|UTF|ISO|RFC|SHA|USD|EUR|GBP|CHF|HTTP|Q)\b"
)
# A product name is not followed by what counts: "Berlin 300 people".
_COUNTED = re.compile(
    r" (?:people|times|years|days|hours|minutes|percent|euros?|dollars?|per|and \d|million|thousand|"
    r"employees|members|of)\b"
)


def find_name_entities(text: str) -> Iterator[Entity]:
    """Organisations, places, products and people; each stretch once, the surer kind first."""
    taken = Taken()
    found = [*_products(text), *_people(text), *_chains(text)]
    surest_first = sorted(found, key=lambda one: (-one.confidence, one.start))
    return (entity for entity in surest_first if taken.take(entity.start, entity.end))


def _people(text: str) -> Iterator[Entity]:
    for name in find_names(Scan(text, frozenset(LOCALES))):
        found = text[name.start : name.end]
        if not _is_known_place(found) and not _organisation(found.split()):
            yield Entity("person", name.start, name.end, found, found, name.confidence)


def _products(text: str) -> Iterator[Entity]:
    for found in _PRODUCT.finditer(text):
        start, end = found.span()
        while " " in text[start:end] and _word_at(text, start).lower() in NO_NAMES:
            start += len(_word_at(text, start)) + 1
        name = text[start:end]
        base, _, last = name.rpartition(" ")
        a_year = re.fullmatch(r"(?:1[5-9]|20)\d\d", last) is not None
        if name[0].isdigit() or a_year or _NO_PRODUCT.match(name) or _COUNTED.match(text, end) or _is_known_place(base):
            continue
        yield Entity("product", start, end, name, name, 0.75 if " " in name else 0.8)


def _word_at(text: str, start: int) -> str:
    return text[start : start + 60].partition(" ")[0]


def _chains(text: str) -> Iterator[Entity]:
    for chain in _CHAIN.finditer(text):
        start, end = _trimmed(text, chain.start(), chain.end())
        if start < end:
            yield from _told_apart(text, start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without words at the start that begin a sentence, and without the sentence's full stop."""
    while start < end:
        word, _, rest = text[start:end].partition(" ")
        if word.lower().rstrip(".,'’s") not in NO_NAMES and word.lower() not in NO_NAMES:
            break
        start = end - len(rest) if rest else end
    if text[end - 1 : end] == "." and text[start:end].rsplit(" ", 1)[-1].rstrip(".").lower() not in COMPANY_FORMS:
        end -= 1
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    return start, end


def _told_apart(text: str, start: int, end: int) -> Iterator[Entity]:
    name = text[start:end]
    words = name.replace("'s ", " ").replace("’s ", " ").split()
    kind, confidence = _kind(text, start, name, words)
    if kind is not None:
        yield Entity(kind, start, end, name, name.rstrip("."), confidence)
    elif len(words) > 1:
        # One of its parts may be known: "Meanwhile Germany", "Paris and", "Oslo University" was tried above.
        yield from _parts(text, start, end)


def _parts(text: str, start: int, end: int) -> Iterator[Entity]:
    places = [start]
    places += [found.end() for found in _LINK.finditer(text, start, end) if found.end() > found.start()]
    for one in places:
        for other in (text.find(" ", text.find(" ", one) + 1), text.find(" ", one)):
            stop = end if other < 0 or other > end else other
            if _is_known_place(text[one:stop]):
                yield Entity("place", one, stop, text[one:stop], text[one:stop], 0.7)
                break


def _kind(text: str, start: int, name: str, words: list[str]) -> tuple[EntityKind | None, float]:
    if _is_known_place(name):
        return "place", 0.9
    if _organisation(words):
        return "organisation", 0.85 if len(words) > 1 else 0.8
    small = [word.lower().rstrip(".") for word in words]
    if len(words) > 1 and (small[-1] in PLACE_WORDS or (small[0] in PLACE_HEADS and not name.isupper())):
        return "place", 0.75
    introduced = _PLACE_BEFORE.search(text, max(0, start - 20), start) and len(words) <= 2 and not name.isupper()
    return ("place", 0.6) if introduced and _LOCATED.search(text, max(0, start - 45), start) else (None, 0.0)


def _organisation(words: list[str]) -> bool:
    small = [word.lower().rstrip(".,") for word in words]
    if len(words) > 1 and small[-1] in COMPANY_FORMS | ORGANISATION_WORDS:
        return True
    if len(words) > 2 and small[0] in HEADS - PLACE_HEADS and small[1] in ("of", "for", "der", "für", "de"):
        return True
    if len(words) > 2 and small[1] in HEADS | ORGANISATION_WORDS and small[2] in ("of", "for"):
        return True
    return (
        len(words) == 1 and small[0] in KNOWN_ORGANISATIONS and words[0][0].isupper() and small[0] != "who"
    ) or words == ["WHO"]


def _is_known_place(name: str) -> bool:
    return name in KNOWN_PLACES
