"""Fakes of the right shape: the same value always becomes the same fake, and a second search passes every fake by.

Each kind has a corner of its own that nobody uses, and find_pii leaves exactly that corner out:
e-mail at redacted.example.com, .org and .net (RFC 2606); telephone numbers 555-01xx behind area codes with a 9 in the
middle, which the North American plan keeps free; IP addresses of 198.51.100.0/24 (RFC 5737) and 2001:db8:fa4e::/48
(RFC 3849); MAC addresses of RFC 7042; cards, accounts and national numbers whose check digits are wrong; social
security numbers of a range that is never given out; keys that say EXAMPLE; invented names and streets.
"""

from __future__ import annotations

import hashlib
import random
import re
import string
from collections.abc import Callable

from src.analysis.pii.checksums import luhn, mod_97
from src.analysis.pii.finder import find_pii
from src.analysis.pii.identities.national import passes_a_check
from src.analysis.pii.names.gazetteer import given_names, surnames
from src.analysis.pii.names.invented import invented
from src.analysis.pii.network import FAKE_DOMAINS


def fake_for(kind: str, value: str, seed: int) -> str:
    """The fake that stands for `value` in every text of a dataset with this `seed`. It needs no escaping in JSON."""
    plain = _plain(kind, value)
    digest = hashlib.blake2b(
        f"{kind}\0{plain}".encode("utf-8", "surrogatepass"), key=str(seed).encode()[:64], digest_size=16
    ).digest()
    rng = random.Random(int.from_bytes(digest, "big"))  # noqa: S311 - fakes are no secrets
    for _ in range(_TRIES):
        if not find_pii(made := _MAKERS[kind](value, rng)):
            return made
    return f"[{kind}]"


_TRIES = 50


def _plain(kind: str, value: str) -> str:
    """What two ways to write one value share: +1 (202) 555-0147 and 202-555-0147 are one number."""
    if kind == "PHONE":
        return re.sub(r"\D", "", value)[-9:]
    if kind in ("CARD", "IBAN", "SSN", "NATIONAL_ID", "MAC"):
        return re.sub(r"[\W_]", "", value).upper()
    return value if kind == "API_KEY" else " ".join(value.lower().split())


def _email(value: str, rng: random.Random) -> str:
    first = invented(*_like(value.split("@")[0]), rng.randrange(10**6), 1).lower()
    user = first.encode("ascii", "ignore").decode().strip("-") or "user"
    return f"{user}.{rng.randrange(16**6):06x}@{rng.choice(FAKE_DOMAINS)}"


def _phone(value: str, rng: random.Random) -> str:
    area, line = f"{rng.choice('2345678')}9{rng.randrange(10)}", f"01{rng.randrange(100):02d}"
    if value.lstrip().startswith("("):
        return f"({area}) 555-{line}"
    if value.lstrip().startswith(("+", "00")):
        return f"+1 {area} 555 {line}" if " " in value else f"+1{area}555{line}"
    gap = next((char for char in value if char in "-. "), "-")
    return f"{area}{gap}555{gap}{line}"


def _number(value: str, rng: random.Random, kept: int, wrong: Callable[[str], bool]) -> str:
    """`value` with other letters and digits behind the first `kept`, its separators where they were."""
    while True:
        seen, made = 0, ""
        for char in value:
            seen += char.isalnum()
            made += (
                char
                if seen <= kept or not char.isalnum()
                else rng.choice(string.digits if char.isdigit() else string.ascii_uppercase)
            )
        if wrong(re.sub(r"[\W_]", "", made).upper()):
            return made


def _card(value: str, rng: random.Random) -> str:
    return _number(
        value,
        rng,
        1,
        lambda digits: not any(luhn(digits[:length]) for length in range(12, 20)) and not passes_a_check(digits),
    )


def _iban(value: str, rng: random.Random) -> str:
    return _number(value, rng, 4, lambda iban: not mod_97(iban))


def _ssn(value: str, rng: random.Random) -> str:
    gap = next((char for char in value if not char.isdigit()), "")
    # Groups 50 to 99 behind a 9 are taxpayer numbers of people without a social security number
    return gap.join((f"9{rng.randrange(100):02d}", f"{rng.randrange(1, 50):02d}", f"{rng.randrange(1, 10000):04d}"))


def _national(value: str, rng: random.Random) -> str:
    """Zeros and a tail: right in length, refused by every check (no such month, no such prefix, no such sum)."""
    made = "".join("0" if char.isdigit() else "Q" if char.isalpha() else char for char in value)
    while True:
        fake = "".join(
            rng.choice(string.digits) if char == "0" and place >= len(made) - 4 else char
            for place, char in enumerate(made)
        )
        if not passes_a_check(fake):
            return fake


def _ip(value: str, rng: random.Random) -> str:
    if "." in value and ":" not in value:
        return f"198.51.100.{rng.randrange(1, 255)}"
    return f"2001:db8:fa4e::{rng.randrange(1, 0xFFFF):x}:{rng.randrange(1, 0xFFFF):x}"


def _mac(value: str, rng: random.Random) -> str:
    gap = "-" if "-" in value else ":"
    return gap.join(("00", "00", "5E", "00", "53", f"{rng.randrange(256):02X}"))


def _key(value: str, rng: random.Random) -> str:
    if "\n" in value or len(value) > 400:
        return "-----EXAMPLE KEY REMOVED-----"
    if "://" in value:
        return f"{value.split('://')[0]}://user:EXAMPLE@{rng.randrange(16**6):06x}.redacted.example.com"
    head = re.match(r"[A-Za-z]{2,6}(?:[-_](?:live|test|proj|ant)?)?(?=[-_A-Z0-9])", value)
    tail = "".join(rng.choice(string.ascii_uppercase) for _ in range(max(4, min(len(value), 40) - 12)))
    return f"{head.group() if head and len(head.group()) < 8 else ''}EXAMPLE{tail}"


def _name(value: str, rng: random.Random) -> str:
    made = invented(*_like(value), rng.randrange(10**6), len(value.split()))
    return made.upper() if value.isupper() and len(value) > 3 else made


def _like(value: str) -> tuple[str, str]:
    """The country and gender of a name as the lists have them."""
    words = [word for word in re.split(r"[\W\d_]+", value.lower()) if word]
    countries = [given_names()[word][0] for word in words if word in given_names()]
    countries += [surnames()[word] for word in words if word in surnames()]
    gender = next((given_names()[word][1] for word in words if word in given_names()), "u")
    return next((country for country in countries if country not in ("", "us")), "us"), gender


def _address(value: str, rng: random.Random) -> str:
    number, code = rng.randrange(1, 400), rng.randrange(10000, 99999)
    for pattern, made in _STREETS:
        if re.search(pattern, value, re.I):
            return made.format(number=number, code=code)
    return f"{number} Example Street, Sampletown"


_STREETS = (
    (r"str(?:aße|asse|\.)|weg \d|platz \d|gasse|allee \d", "Musterstraße {number}, {code} Musterstadt"),
    (r"\brue\b|\bboulevard de|\bimpasse\b|\bchemin\b", "{number} rue de l'Exemple, {code} Exempleville"),
    (r"\bcalle\b|\bavenida\b|\bplaza\b|\bpaseo\b", "Calle Ejemplo {number}, {code} Ejemplo"),
    (r"\bvia\b|\bviale\b|\bpiazza\b|\bcorso\b", "Via Esempio {number}, {code} Esempio"),
    (r"straat|laan|gracht|plein", "Voorbeeldstraat {number}, Voorbeeld"),
    (r"\brua\b|\btravessa\b|\bpraça\b", "Rua Exemplo {number}, Exemplo"),
)
_MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "EMAIL": _email,
    "PHONE": _phone,
    "CARD": _card,
    "IBAN": _iban,
    "SSN": _ssn,
    "NATIONAL_ID": _national,
    "IP": _ip,
    "MAC": _mac,
    "API_KEY": _key,
    "NAME": _name,
    "ADDRESS": _address,
}
