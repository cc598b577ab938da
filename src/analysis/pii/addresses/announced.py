"""Addresses that a word announces: "lives at", "Anschrift:", "entregar em". Any number with a name will do then."""

from __future__ import annotations

import re

from src.analysis.pii.addresses.english import STRONG
from src.analysis.pii.addresses.parts import W

_WORDS = (
    r"address(?:es)?(?: (?:is|to|at|with|on file|here))?|live[sd]? (?:at|in|on)|living at|located "
    r"(?:at|on|in)|deliver(?:ed|y)? (?:it )?to"
    r"|ship(?:ped)? (?:it )?to|sent to|send (?:it |them )?to|moved? to|meet (?:me|us|you) (?:at|in)"
    r"|i'll be at|restaurant is at|taxi to"
    r"|resid(?:es?|ed|ing|ence) (?:at|is)|drops? (?:you|me|us) off at|arrived at|corner of|home (?:is "
    r")?at|offices? (?:is|are|at)(?: at)?|now live in"
    r"|anschrift|adresse|wohn(?:e|t|haft|en) (?:in|an)(?: der)?|lieferung an|habite(?:nt)?(?: au| à)?"
    r"|domicilio|viv[eo] en|direcci[oó]n|indirizzo|abit[oa] in"
    r"|residente in|endereço|mor[oa] na|adres|woont?(?: op| aan)?|mieszkam? (?:przy|na)|bor på|osoite"
)
_PARTICLE = r"(?:de|la|del|di|van|der|of|the|da|do)"
ANNOUNCED = re.compile(
    rf"(?i:\b(?:{_WORDS})\b):?[ ]*\s{{0,3}}(?P<address>\d{{1,6}}[A-Za-z]?(?:/\d{{1,4}})?,?\s(?:\d{{1,5}} )?"
    rf"(?:{_PARTICLE} ){{0,2}}{W}(?:,? (?:{W}|{_PARTICLE})){{0,4}}(?:[ -]\d{{1,6}})?|(?!(?:Python"
    rf"|Windows|Java|Room|Gate|Platform|Version|Chapter|Level|Hall|Terminal|Phase|Step|Page|Line"
    rf"|Section|Table|Figure|Stage|Pier|Booth|Track|Port|Node|Web) )"
    rf"{W}(?: {W}){{0,3}} \d{{1,5}}[a-h]?\b)"
)
ANNOUNCED_SMALL = re.compile(
    rf"(?i:\b(?:address(?: is| to|:)?|lives? (?:at|on)|located at|(?:deliver|ship|send) (?:it )?to"
    rf"|moved to|meet me at|home is at|corner of)) ?:?\s{{0,3}}"
    rf"(?P<address>\d{{1,6}} (?:[a-z]+ ){{1,3}}(?:{STRONG})\b)"
)
STEMS = (
    "address",
    "live",
    "living",
    "located",
    "deliver",
    "ship",
    "sent",
    "send",
    "move",
    "meet",
    "i'll be at",
    "restaurant",
    "taxi",
    "resid",
    "drop",
    "arrived",
    "corner",
    "home",
    "office",
    "anschrift",
    "adresse",
    "wohn",
    "habit",
    "domicilio",
    "vive",
    "vivo",
    "direcci",
    "indirizzo",
    "abit",
    "endereço",
    "mor",
    "adres",
    "woon",
    "mieszka",
    "bor på",
    "osoite",
    "lieferung",
)
