"""Streets as the United States, Britain, Ireland, Canada, Australia and India write them: the number first."""

from __future__ import annotations

import re

from src.analysis.pii.addresses.parts import UNIT, Street, W, any_case, words
from src.analysis.pii.names.words import UPPER

# Words that stand for a street wherever they follow a number and a name
STRONG = (
    "street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|terrace|ter|close|crescent"
    "|cres|highway|hwy|parkway|pkwy|circle|cir|square|sq|mews|"
    "gardens|row|place|pl|trail|trl|alley|broadway|turnpike|tpke|expressway|way|walk|grove|plaza"
)
# The other street suffixes of USPS Publication 28, appendix C1: words as well, so a flat or a town must follow
_WEAK = (
    "annex|arcade|bayou|beach|bend|bluff|bluffs|bottom|branch|bridge|brook|brooks|burg|burgs|bypass"
    "|camp|canyon|cape|causeway|center|centers|circles|cliff|cliffs|"
    "club|common|commons|corner|corners|course|courts|cove|coves|creek|crest|crossing|crossroad"
    "|crossroads|curve|dale|dam|divide|drives|estate|estates|extension|"
    "extensions|fall|falls|ferry|field|fields|flat|flats|ford|fords|forest|forge|forges|fork|forks"
    "|fort|freeway|garden|gateway|glen|glens|green|greens|groves|harbor|"
    "harbors|haven|heights|hill|hills|hollow|inlet|island|islands|isle|junction|junctions|key|keys"
    "|knoll|knolls|lake|lakes|land|landing|light|lights|loaf|lock|locks|"
    "lodge|loop|mall|manor|manors|meadow|meadows|mill|mills|mission|motorway|mount|mountain|mountains"
    "|neck|orchard|oval|overpass|park|parks|parkways|pass|passage|path|"
    "pike|pine|pines|plain|plains|point|points|port|ports|prairie|radial|ramp|ranch|rapid|rapids|rest"
    "|ridge|ridges|river|roads|route|rue|run|shoal|shoals|shore|shores|"
    "skyway|spring|springs|spur|spurs|squares|station|stravenue|stream|streets|summit|throughway|trace"
    "|track|trafficway|tunnel|underpass|union|unions|valley|valleys|via|"
    "viaduct|view|views|village|villages|ville|vista|walks|wall|ways|well|wells|quay|parade|rise|bank"
)
_DIRECTION = r"(?:(?:[NSEW]|NE|NW|SE|SW|North|South|East|West)\.? )?"
_TOWN_FOLLOWS = rf"(?=,?\s+(?i:{UNIT})|,?\n ?[{UPPER}]|, ?[{UPPER}][\w ]{{1,30}}, ?[A-Z]{{1,2}}\d?)"

ENGLISH: tuple[Street, ...] = (
    Street(
        "english",
        re.compile(
            rf"\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? {_DIRECTION}(?:(?:{W}|\d{{1,3}}(?:st|nd|rd|th)|of|the) "
            rf"){{1,4}}?"
            rf"{any_case(STRONG)}\b\.?(?: (?:[NSEW]|NE|NW|SE|SW)\b)?"
        ),
        number_first=True,
    ),
    Street(
        "english-numbered",
        re.compile(rf"\d{{1,6}} {_DIRECTION}\d{{1,3}}(?:st|nd|rd|th) {any_case(STRONG)}\b\.?"),
        number_first=True,
    ),
    Street(
        "english-weak",
        re.compile(rf"\d{{1,6}}[A-Za-z]? {_DIRECTION}(?:{W} ){{1,3}}?{any_case(_WEAK)}\b{_TOWN_FOLLOWS}"),
        number_first=True,
    ),
    Street(
        "with-unit",
        re.compile(rf"\d{{1,6}} (?:(?:{W}|\d{{1,4}}) ){{1,5}}(?:\n ?)?(?:Apt|Suite|Unit|Ste|APT|SUITE)\b\.? \d{{1,5}}"),
        ("apt", "suite", "unit", "ste"),
        number_first=True,
    ),
    Street(
        "indian-road",
        re.compile(
            rf"\d{{1,4}}(?:/\d{{1,4}}|[A-Z])?,?\s(?:{W} ){{1,3}}(?:Marg|Nagar|Chowk|Ganj|Path|Zila|Circle"
            rf"|Layout|Colony|Enclave|Vihar|Bazaar|Puram)\b"
        ),
        (
            "marg",
            "nagar",
            "chowk",
            "ganj",
            "path",
            "zila",
            "circle",
            "layout",
            "colony",
            "enclave",
            "vihar",
            "bazaar",
            "puram",
        ),
        number_first=True,
    ),
    Street(
        "flat-first",
        re.compile(
            rf"(?<!\w)(?:Flat|Unit|Apartment|Apt\.?|Studio|Suite) \d{{1,4}}[A-Za-z]?,? \d{{1,5}}[A-Za-z]? "
            rf"{words(2, 4)}"
        ),
        ("flat", "unit", "apartment", "apt", "studio", "suite"),
    ),
    Street(
        "indian-house",
        re.compile(
            rf"(?<![\w.])(?:H\.? ?No|House No|Flat No|Plot No|Door No|D\.No|Shop No)\.? "
            rf"?[\w/-]{{1,10}},?\s{W}(?:,? {W}){{0,3}}"
        ),
        ("no",),
    ),
    Street(
        "british-postcode",
        re.compile(
            rf"(?<!\w)(?:(?:{W} |\d{{1,4}}[A-Za-z]? ){{0,3}}(?:{W}|\d{{1,3}}[A-Za-z]?)(?:,? ?\n|, "
            rf")){{1,4}}[A-Z]{{1,2}}\d[A-Z\d]? \d[A-Z]{{2}}\b"
        ),
    ),
    Street(
        "military",
        re.compile(
            (
                r"(?<!\w)(?:(?:PSC|Unit|CMR) \d{1,5},? Box \d{1,5}|US(?:NS|S|CGC|NV) [A-Z]\w{1,20}),?\s(?:APO|FPO"
                r"|DPO),? (?:AA|AE|AP),? \d{5}"
            ),
            re.I,
        ),
        (" aa", " ae", " ap"),
    ),
    Street(
        "po-box",
        re.compile(
            (
                r"(?<!\w)(?:P\.? ?O\.? ?Box|Post Office Box|Postfach|Apartado|Casilla|Boîte postale|Postbus|Caixa "
                r"Postal) \d{1,3}(?: ?\d{2,3}){0,2}\b"
            ),
            re.I,
        ),
        ("box", "postfach", "apartado", "casilla", "boîte postale", "postbus", "caixa postal"),
    ),
)
