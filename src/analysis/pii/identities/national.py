"""Find national numbers outside the United States. Each has its check digit; common shapes need a word nearby, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from src.analysis.pii.checksums import cpf, fiscal_code, luhn, mod_11_10, verhoeff, weighted
from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan

_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"  # Real Decreto 1553/2005: remainder of 23
_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"  # Finland: remainder of 31


@dataclass(frozen=True)
class NationalId:
    """`pattern` finds it, `check` is told the characters without separators; a `word` must stand before it."""

    rule: str
    locale: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool]
    word: str = ""


def _nino(value: str) -> bool:
    return value[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def _tax_id(value: str) -> bool:
    """§ 139b AO: of the first ten digits one or two occur twice or three times, none is missing otherwise."""
    most = max(value[:10].count(digit) for digit in set(value[:10]))
    return value[0] != "0" and most in (2, 3) and mod_11_10(value)


def _nir(value: str) -> bool:
    plain = value.replace("2A", "19").replace("2B", "18") if value[5:7] in ("2A", "2B") else value
    month = int(value[3:5])
    if not plain.isdigit() or not (1 <= month <= 12 or 20 <= month <= 42 or month >= 50):
        return False
    return 97 - int(plain[:13]) % 97 == int(plain[13:])


def _dni(value: str) -> bool:
    number = value[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _DNI[int(number) % 23] == value[-1] and len(set(number)) > 1


def _bsn(value: str) -> bool:
    return value[:2] != "00" and (weighted(value, (9, 8, 7, 6, 5, 4, 3, 2)) - int(value[8])) % 11 == 0


def _pesel(value: str) -> bool:
    return (10 - weighted(value, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(value[10])


def _portuguese(value: str) -> bool:
    rest = weighted(value, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return value[0] in "12356789" and (0 if rest < 2 else 11 - rest) == int(value[8])


def _swedish(value: str) -> bool:
    plain = re.sub(r"\D", "", value)[-10:]
    return 1 <= int(plain[2:4]) <= 12 and 1 <= int(plain[4:6]) % 60 <= 31 and luhn(plain)


def _finnish(value: str) -> bool:
    return _HETU[int(value[:6] + value[7:10]) % 31] == value[10]


def _danish(value: str) -> bool:
    return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12


def _norwegian(value: str) -> bool:
    first = 11 - weighted(value, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = 11 - weighted(value, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return first % 11 == int(value[9]) and second % 11 == int(value[10])


def _belgian(value: str) -> bool:
    return int(value[9:]) in (97 - int(value[:9]) % 97, 97 - int("2" + value[:9]) % 97)


def _swiss(value: str) -> bool:
    return (10 - weighted(value, (1, 3) * 6) % 10) % 10 == int(value[12])


def _nhs(value: str) -> bool:
    rest = 11 - weighted(value, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return rest != 10 and rest % 11 == int(value[9])


def _aadhaar(value: str) -> bool:
    return value[0] not in "01" and value != value[::-1] and verhoeff(value)


def _made(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?<!\d[.\-/])(?:{pattern})(?![A-Za-z0-9]|[.\-/]\d)")


def _any(value: str) -> bool:
    """No check digit is known, but nobody has a number that begins with three zeros."""
    return not value.startswith("000")


NATIONAL_IDS: tuple[NationalId, ...] = (
    NationalId("uk-nino", "gb", _made(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"), _nino),
    NationalId("uk-nhs", "gb", _made(r"\d{3}[ \-]?\d{3}[ \-]?\d{4}"), _nhs, r"\bnhs\b"),
    NationalId(
        "de-tax-id",
        "de",
        _made(r"\d\d ?\d{3} ?\d{3} ?\d{3}"),
        _tax_id,
        r"steuer|\bid(?:entifikations)?-?n(?:umme)?r|\btin\b|tax id|\btax\b",
    ),
    NationalId("fr-nir", "fr", _made(r"[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d"), _nir),
    NationalId("es-dni", "es", _made(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ \-]?[A-HJ-NP-TV-Z]"), _dni),
    NationalId("es-nie", "es", _made(r"[XYZ][ \-]?\d{7}[ \-]?[A-HJ-NP-TV-Z]"), _dni),
    NationalId(
        "it-codice-fiscale",
        "it",
        _made(r"[A-Z]{6} ?[0-9LMNP-V]{2} ?[ABCDEHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3} ?[A-Z]"),
        fiscal_code,
    ),
    NationalId(
        "nl-bsn",
        "nl",
        _made(r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}"),
        _bsn,
        r"\bbsn\b|burgerservice|sofi|citizen service",
    ),
    NationalId("in-aadhaar", "in", _made(r"\d{12}|\d{4}[ \-]\d{4}[ \-]\d{4}"), _aadhaar, r"aadhaa?r|\buid(?:ai)?\b"),
    NationalId("in-pan", "in", _made(r"[A-Z]{3}P[A-Z]\d{4}[A-Z]"), _any),
    NationalId("in-pan", "in", _made(r"[A-Z]{3}[ABCFGHLJT][A-Z]\d{4}[A-Z]"), _any, r"\bpan\b|permanent account"),
    NationalId("br-cpf", "br", _made(r"\d{3}\.\d{3}\.\d{3}-\d\d"), cpf),
    NationalId("br-cpf", "br", _made(r"\d{11}|\d{9}-\d\d"), cpf, r"\bcpf\b"),
    NationalId("pl-pesel", "pl", _made(r"\d{11}"), _pesel, r"pesel"),
    NationalId("pt-nif", "pt", _made(r"\d{3} ?\d{3} ?\d{3}"), _portuguese, r"\bnif\b|contribuinte"),
    NationalId("se-personnummer", "se", _made(r"(?:19|20)?\d{6}[-+]\d{4}"), _swedish),
    NationalId(
        "se-personnummer", "se", _made(r"(?:19|20)?\d{10}"), _swedish, r"person(?:n(?:umme)?r|al (?:identity )?number)"
    ),
    NationalId("fi-hetu", "fi", _made(r"[0-3]\d[01]\d{3}[-+A]\d{3}[0-9A-Y]"), _finnish),
    NationalId("dk-cpr", "dk", _made(r"\d{6}-?\d{4}"), _danish, r"\bcpr\b"),
    NationalId("no-fodselsnummer", "no", _made(r"\d{6} ?\d{5}"), _norwegian, r"f[øo]dselsn|personn|national id"),
    NationalId("be-national", "be", _made(r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"), _belgian),
    NationalId("ch-ahv", "ch", _made(r"756\.\d{4}\.\d{4}\.\d\d"), _swiss),
    NationalId(
        "au-tfn",
        "au",
        _made(r"\d{3} ?\d{3} ?\d{3}"),
        lambda v: weighted(v, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0,
        r"\btfn\b|tax file",
    ),
    NationalId(
        "ca-sin",
        "us",
        _made(r"\d{3}[ \-]?\d{3}[ \-]?\d{3}"),
        lambda v: v[0] not in "08" and luhn(v),
        r"\bsin\b|social insurance",
    ),
    NationalId("us-itin", "us", _made(r"9\d\d-?[5-9]\d-?\d{4}"), _any, r"\bitin\b|taxpayer"),
    NationalId("us-passport", "us", _made(r"(?:[A-Z]\d{8}|\d{9})"), _any, r"\bpassport (?:no\.?|number|#|is)"),
)
# Where numbers can be at all: eight or more capitals and digits in a row, single gaps between
_PLACE = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9](?:[ .+\-]?[A-Z0-9]){7,60}")
_LETTERED = frozenset(("uk-nino", "es-dni", "es-nie", "it-codice-fiscale", "in-pan"))
_GAPS = re.compile(r"[ .\-]")
_WORDS = {one.word: re.compile(one.word, re.I) for one in NATIONAL_IDS if one.word}


def passes_a_check(value: str) -> bool:
    """Whether `value`, as it is written, would do for a number of any country."""
    return any(
        one.pattern.fullmatch(value) and one.check(value if one.rule == "fi-hetu" else _GAPS.sub("", value))
        for one in NATIONAL_IDS
    )


def find_national_ids(scan: Scan) -> Iterator[PIIFinding]:
    """Numbers of the countries in the scan's locales whose check digits are right."""
    places = [found for found in _PLACE.finditer(scan.text) if sum(map(str.isdigit, found.group())) >= 4]
    spans = [found.span() for found in places]
    lettered = [found.span() for found in places if any(map(str.isalpha, found.group()))]
    for one in NATIONAL_IDS if places else ():
        if one.locale not in scan.locales or (one.word and _WORDS[one.word].search(scan.text) is None):
            continue
        for found in (
            match
            for start, end in (lettered if one.rule in _LETTERED else spans)
            for match in one.pattern.finditer(scan.text, start, end + 1)
        ):
            plain = found.group() if one.rule in ("fi-hetu",) else _GAPS.sub("", found.group())
            if one.check(plain) and _told(scan, one, found.start()):
                yield PIIFinding("NATIONAL_ID", *found.span(), 0.95 if one.word else 0.9, one.rule)


def _told(scan: Scan, one: NationalId, start: int) -> bool:
    return not one.word or _WORDS[one.word].search(scan.before(start, 60)) is not None
