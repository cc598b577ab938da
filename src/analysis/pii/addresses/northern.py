"""Streets as Germany, Austria, the Netherlands, Poland and the Nordic countries write them: the name first."""

from __future__ import annotations

import re

from src.analysis.pii.addresses.parts import HOUSE, Street, W
from src.analysis.pii.names.words import UPPER

_GERMAN_ENDS = "straße|strasse|str\\.|weg|platz|allee|gasse|damm|ufer|steig|stieg|pfad|chaussee|graben|twiete|kamp"
_GERMAN_WORDS = (
    "Straße|Strasse|Str\\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Chaussee|Markt|Steig|Promenade|Graben|Wall|Hof|Höhe"
)
_DUTCH_ENDS = "straat|laan|plein|gracht|kade|dijk|singel|dreef|steeg|plantsoen|boulevard"
_NORDIC_ENDS = (
    "gatan|gata|vägen|väg|gränd|stigen|allén|torget|backen|veien|vegen|vei|gaten|vej|vejen"
    "|(?<!bri)gade|gaden|stræde|torv|plads|katu|ntie|kuja|polku|"
    "puistikko|braut|vegur|gerði|stræti|skálinn|brautin"
)

NORTHERN: tuple[Street, ...] = (
    Street(
        "german",
        re.compile(
            rf"(?<![\w.])(?:(?:{W}|An der|Auf der|In der|Zum|Zur|Unter den|Unter der) ){{0,2}}"
            rf"(?:[{UPPER}][\wäöüß.-]{{0,30}}(?:{_GERMAN_ENDS})|[{UPPER}][\wäöüß-]{{1,30}}[ "
            rf"-](?:{_GERMAN_WORDS})) {HOUSE}"
        ),
        (*_GERMAN_ENDS.replace("\\", "").split("|"), "ring", "markt", "promenade", "wall", "hof", "höhe"),
    ),
    Street(
        "german-named",
        re.compile(
            rf"(?<!\w)(?:Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter der|Beim) "
            rf"(?:{W} ){{1,3}}\d{{1,4}} ?[a-h]?"
            rf"(?=,?\s+(?:D-)?\d{{5}} [{UPPER}])"
        ),
        ("am ", "an de", "auf de", "im ", "in de", "zu", "unter den", "hinter der", "beim"),
    ),
    Street(
        # a number behind a name, and a postcode with its town behind that: no word for a street is needed
        "german-postcode",
        re.compile(
            rf"(?<![\w.])(?:{W}[ -]){{0,3}}{W} \d{{1,4}}(?:/\d{{1,2}})? ?[a-h]?(?=,?\s(?:D-|A-|CH-)?\d{{4,5}} "
            rf"[{UPPER}][\wäöüß-]{{2,}}(?:[\s,.;]|\Z))"
        ),
    ),
    Street(
        "dutch",
        re.compile(
            rf"(?<![\w.])(?:{W} ){{0,2}}[{UPPER}][\w'-]{{1,30}}(?:{_DUTCH_ENDS})(?<![Dd]ecade)(?<!Arkade) "
            rf"{HOUSE}"
        ),
        tuple(_DUTCH_ENDS.split("|")),
    ),
    Street(
        "dutch-postcode",
        re.compile(rf"(?<![\w.])(?:{W} ){{0,2}}{W} \d{{1,4}}[ -]?[a-zA-Z]{{0,3}}(?=,?\s{{1,3}}\d{{4}} ?[A-Z]{{2}}\b)"),
    ),
    Street(
        "nordic",
        re.compile(
            rf"(?<![\w.])(?:(?:Stora|Lilla|Gamla|Västra|Östra|Norra|Södra|Store|Gamle|Nedre|Øvre) )?"
            rf"(?:[{UPPER}][\w'-]{{1,30}}(?:{_NORDIC_ENDS})|[{UPPER}][\w'-]{{2,30}}s gate) \d{{1,4}} "
            rf"?[A-Ha-h]?(?![\w,.]\d|\w)"
        ),
        (
            "gat",
            "väg",
            "gränd",
            "stig",
            "allén",
            "torg",
            "back",
            "vei",
            "veg",
            "vej",
            "gade",
            "stræde",
            "torv",
            "plads",
            "katu",
            "ntie",
            "kuja",
            "polku",
            "puistikko",
            "braut",
            "gerði",
            "stræti",
            "skálinn",
        ),
    ),
    Street(
        "polish",
        re.compile(
            rf"(?<!\w)(?i:ul\.|ulica|al\.|aleja|aleje|pl\.|plac|os\.|osiedle) (?:(?:{W}|\d{{1,2}}) "
            rf"){{1,4}}\d{{1,4}}(?:/\d{{1,4}})? ?[a-zA-Z]?(?![\w,.]\d|\w)"
        ),
        ("ul.", "ulica", "al.", "alej", "pl.", "plac", "os.", "osiedl"),
    ),
)
