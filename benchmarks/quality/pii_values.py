"""Personal data made from the standards' definitions, in the forms people type. Knows nothing of our rules."""

from __future__ import annotations

import base64
import ipaddress
import json
import random
import string
from collections.abc import Callable

from faker import Faker

_ENDINGS = ("com", "de", "co.uk", "io", "com.br", "museum")
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pt_BR", "en_IN", "pl_PL")
Value = tuple[str, str]  # the value, its form

_UPPER, _LOWER, _DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
_ALNUM, _HEX, _URLSAFE = string.ascii_letters + _DIGITS, "0123456789abcdef", string.ascii_letters + _DIGITS + "-_"


class Maker:
    """Values from a seed. `kind(name)` gives one of each kind, or of a locale."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.faker = {locale: Faker(locale) for locale in LOCALES}
        for number, one in enumerate(self.faker.values()):
            one.seed_instance(seed * 100 + number)

    def make(self, kind: str, locale: str) -> Value:
        makers: dict[str, Callable[[str], Value]] = {
            "EMAIL": self.email,
            "PHONE": self.phone,
            "CARD": self.card,
            "IBAN": self.iban,
            "SSN": self.ssn,
            "IP": self.ip,
            "API_KEY": self.key,
            "NAME": self.name,
            "ADDRESS": self.address,
            "NATIONAL_ID": self.national_id,
        }
        return makers[kind](locale)

    def text(self, alphabet: str, length: int) -> str:
        return "".join(self.rng.choice(alphabet) for _ in range(length))

    def digits(self, length: int) -> str:
        return self.text(_DIGITS, length)

    def name(self, locale: str) -> Value:
        return self.faker[locale].name(), locale

    def address(self, locale: str) -> Value:
        address = self.faker[locale].address()
        return (
            (address.replace("\n", ", "), f"{locale} one line")
            if self.rng.random() < 0.5
            else (address, f"{locale} lines")
        )

    def email(self, locale: str) -> Value:
        fake, rng = self.faker[locale], self.rng
        user = self.ascii_word(fake.first_name()) + rng.choice((".", "_", "", "-")) + self.ascii_word(fake.last_name())
        forms = {
            "faker": fake.email(),
            "company": f"{user}@{self.ascii_word(fake.last_name())}.{rng.choice(_ENDINGS)}",
            "plus": f"{user}+{rng.choice(('news', 'test1', 'shop'))}@gmail.com",
            "upper": f"{user}@outlook.com".upper(),
            "digits": f"{user}{rng.randint(1, 1999)}@mail.{self.ascii_word(fake.last_name())}.org",
            "idn": f"{user}@{rng.choice(('müller-söhne.de', 'peña.es', 'bücher.example.de', 'xn--bcher-kva.de'))}",
            "one letter": f"{user[0]}@x.co",
            "apostrophe": f"o'{user}@university.edu",
        }
        return self._pick(forms)

    def ascii_word(self, word: str) -> str:
        plain = "".join(char for char in word.lower() if char in _LOWER)
        return plain or "kim"

    def phone(self, locale: str) -> Value:
        if self.rng.random() < 0.4:
            return self.faker[locale].phone_number(), f"{locale} faker"
        plan = _PLANS[locale]
        shape = self.rng.choice(plan)
        number = "".join(self._plan_digit(char) for char in shape)
        return number, f"{locale} {shape}"

    def _plan_digit(self, char: str) -> str:
        return {"N": self.text("23456789", 1), "X": self.digits(1)}.get(char, char)

    def card(self, _: str) -> Value:
        brand, prefixes, lengths = self.rng.choice(_CARDS)
        length = self.rng.choice(lengths)
        body = self.rng.choice(prefixes)
        body += self.digits(length - 1 - len(body))
        number = body + luhn_digit(body)
        group = self.rng.choice(("", " ", "-"))
        return grouped(
            number, group, (4, 6, 5) if length == 15 else (4, 6, 4) if length == 14 else (4,)
        ), f"{brand} {group!r}"

    def iban(self, _: str) -> Value:
        country, structure = self.rng.choice(sorted(_IBANS.items()))
        bban = "".join(
            self.text(_DIGITS if kind == "n" else _UPPER if kind == "a" else _UPPER + _DIGITS, count)
            for count, kind in structure
        )
        rest = int("".join(str(int(char, 36)) for char in bban + country + "00")) % 97
        iban = f"{country}{98 - rest:02d}{bban}"
        form = self.rng.choice(("compact", "printed", "printed", "small"))
        return (
            grouped(iban, " ", (4,)) if form == "printed" else iban.lower() if form == "small" else iban
        ), f"{country} {form}"

    def ssn(self, _: str) -> Value:
        area = self.rng.choice([number for number in range(1, 900) if number != 666])
        parts = (f"{area:03d}", f"{self.rng.randint(1, 99):02d}", f"{self.rng.randint(1, 9999):04d}")
        return self.rng.choice("-- ").join(parts), "ssn"

    def ip(self, _: str) -> Value:
        rng = self.rng
        v4 = ipaddress.IPv4Address(
            rng.choice(
                (
                    rng.randrange(0x01000000, 0x0A000000),
                    rng.randrange(0x0B000000, 0x7F000000),
                    rng.randrange(0x80000000, 0xDF000000),
                )
            )
        )
        private = rng.choice(
            (
                f"192.168.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
                f"172.{rng.randint(16, 31)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}",
            )
        )
        v6 = ipaddress.IPv6Address((0x2000 << 112) + rng.getrandbits(125))
        short = (
            f"2a0{rng.choice('1236')}:{rng.randint(1, 0xFFFF):x}:{rng.randint(1, 0xFFFF):x}::{rng.randint(1, 0xFFF):x}"
        )
        return self._pick(
            {
                "v4": str(v4),
                "v4 ": str(v4),
                "private": private,
                "v6": str(v6),
                "v6 full": v6.exploded.upper(),
                "v6 short": short,
                "link local": f"fe80::{rng.randint(1, 0xFFFF):x}:{rng.getrandbits(8):x}ff:fe"
                + f"{rng.getrandbits(8):02x}:{rng.getrandbits(16):x}",
            }
        )

    def key(self, _: str) -> Value:
        form = self.rng.choice(sorted(_KEYS))
        return _KEYS[form](self), form

    def national_id(self, _: str) -> Value:
        form = self.rng.choice(sorted(_NATIONAL))
        return _NATIONAL[form](self), form

    def _pick(self, forms: dict[str, str]) -> Value:
        form = self.rng.choice(sorted(forms))
        return forms[form], form

    def web_token(self) -> str:
        parts = (
            {"alg": "HS256", "typ": "JWT"},
            {"sub": self.digits(10), "name": self.text(_LOWER, 8), "iat": self.rng.randint(10**9, 2 * 10**9)},
        )
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return ".".join([*encoded, self.text(_URLSAFE, 43)])

    def key_block(self) -> str:
        name = self.rng.choice(("RSA ", "EC ", "OPENSSH ", ""))
        lines = [self.text(_ALNUM + "+/", 64) for _ in range(self.rng.randint(6, 14))]
        return "\n".join([f"-----BEGIN {name}PRIVATE KEY-----", *lines, f"-----END {name}PRIVATE KEY-----"])

    def connection(self) -> str:
        secret = self.text(_ALNUM + "!*_", 14)
        host = f"db{self.rng.randint(1, 9)}.{self.text(_LOWER, 6)}.net"
        return self.rng.choice(
            (
                f"postgresql://svc_{self.text(_LOWER, 5)}:{secret}@{host}:5432/prod",
                f"mongodb+srv://{self.text(_LOWER, 6)}:{secret}@{host}/?retryWrites=true",
                f"redis://:{secret}@{host}:6379/0",
                f"mysql://{self.text(_LOWER, 5)}:{secret}@{host}/shop",
                f"amqp://{self.text(_LOWER, 5)}:{secret}@{host}:5672",
                f"https://{self.text(_LOWER, 6)}:{secret}@{host}/repo.git",
                f"Server=tcp:{host},1433;Database=crm;User Id={self.text(_LOWER, 6)};Password={secret};",
                f"DefaultEndpointsProtocol=https;AccountName={self.text(_LOWER, 8)};AccountKey="
                + f"{self.text(_ALNUM + '+/', 86)}==;EndpointSuffix=core.windows.net",
            )
        )


def grouped(number: str, gap: str, sizes: tuple[int, ...]) -> str:
    """The last size goes on to the end."""
    parts, place, step = [], 0, 0
    while place < len(number):
        size = sizes[min(step, len(sizes) - 1)]
        parts.append(number[place : place + size])
        place, step = place + size, step + 1
    return gap.join(parts)


def luhn_digit(body: str) -> str:
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(reversed(body))
    )
    return str(-total % 10)


def _weights(body: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))


def _steuer_id(maker: Maker) -> str:
    digits = list("1234567890")
    maker.rng.shuffle(digits)
    digits[9] = digits[0] if digits[0] != "0" else digits[1]
    if digits[0] == "0":
        digits[0] = digits[1]
        digits[9] = maker.rng.choice(digits[2:9])
    product = 10
    for digit in digits[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return "".join(digits[:10]) + str((11 - product) % 10)


def _nir(maker: Maker) -> str:
    rng = maker.rng
    body = f"{rng.choice('12')}{rng.randint(0, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 95):02d}"
    body += f"{rng.randint(1, 990):03d}{rng.randint(1, 999):03d}"
    body = body[:5] + ("75" if body[5:7] == "20" else body[5:7]) + body[7:]
    key = f"{97 - int(body) % 97:02d}"
    return (
        body + key
        if rng.random() < 0.5
        else f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {key}"
    )


def _dni(maker: Maker) -> str:
    number = maker.rng.randint(1_000_000, 99_999_999)
    return f"{number:08d}{maker.rng.choice(('', '-'))}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _nie(maker: Maker) -> str:
    first, number = maker.rng.randrange(3), maker.rng.randint(0, 9_999_999)
    return f"{'XYZ'[first]}{number:07d}{'TRWAGMYFPDXBNJZSQVHLCKE'[(first * 10_000_000 + number) % 23]}"


def _bsn(maker: Maker) -> str:
    while True:
        body = maker.digits(8)
        check = _weights(body, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10 and body[:2] != "00":
            return body + str(check)


def _cpf(maker: Maker) -> str:
    body = maker.digits(9)
    for length in (10, 11):
        rest = _weights(body, tuple(range(length, 1, -1))) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}" if maker.rng.random() < 0.6 else body


def _aadhaar(maker: Maker) -> str:
    from stdnum import verhoeff

    body = maker.text("23456789", 1) + maker.digits(10)
    return grouped(body + verhoeff.calc_check_digit(body), maker.rng.choice((" ", " ", "")), (4,))


def _fiscal(maker: Maker) -> str:
    from stdnum.it import codicefiscale

    rng = maker.rng
    consonants = "BCDFGLMNPRSTVZ"
    day = rng.choice((rng.randint(1, 31), rng.randint(41, 71)))  # forty more for a woman
    body = (
        maker.text(consonants, 6)
        + f"{rng.randint(0, 99):02d}{rng.choice('ABCDEHLMPRST')}{day:02d}"
        + f"{rng.choice('ABCDEFGHIL')}{rng.randint(100, 999)}"
    )
    return body + codicefiscale.calc_check_digit(body)


def _nino(maker: Maker) -> str:
    head = maker.rng.choice(("AB", "CE", "JG", "PW", "SN", "TY", "ZX", "HK"))
    tail = f"{head}{maker.digits(6)}{maker.rng.choice('ABCD')}"
    return tail if maker.rng.random() < 0.5 else f"{tail[:2]} {tail[2:4]} {tail[4:6]} {tail[6:8]} {tail[8]}"


_NATIONAL: dict[str, Callable[[Maker], str]] = {
    "nino": _nino,
    "Steuer-ID": _steuer_id,
    "NIR": _nir,
    "DNI": _dni,
    "NIE": _nie,
    "codice fiscale": _fiscal,
    "BSN": _bsn,
    "Aadhaar": _aadhaar,
    "PAN card": lambda m: m.text(_UPPER, 3) + "P" + m.text(_UPPER, 1) + m.digits(4) + m.text(_UPPER, 1),
    "CPF": _cpf,
}
# N: 2-9, X: 0-9
_PLANS: dict[str, tuple[str, ...]] = {
    "en_US": (
        "(NXX) NXX-XXXX",
        "NXX-NXX-XXXX",
        "NXX.NXX.XXXX",
        "+1 NXX NXX XXXX",
        "1-NXX-NXX-XXXX",
        "NXXNXXXXXX",
        "+1NXXNXXXXXX",
        "(NXX)NXX-XXXX",
        "NXX NXX XXXX",
        "NXX-NXX-XXXX ext. 12X",
    ),
    "en_GB": (
        "020 7NXX XXXX",
        "07NXX XXXXXX",
        "+44 7NXX XXXXXX",
        "+44 (0)20 7NXX XXXX",
        "01NX XXX XXXX",
        "0161 NXX XXXX",
        "07NXXXXXXXX",
        "(0161) NXX XXXX",
    ),
    "de_DE": (
        "030 NXXXXXX",
        "0171 NXXXXXX",
        "+49 171 NXXXXXX",
        "+49 (0)89 NXXXXXX",
        "0NX1/NXXXXX",
        "040-NXXXXXXX",
        "+4915NXXXXXXXX",
        "(0221) NXXXXX",
        "0NXX1 NXXXX-X",
    ),
    "fr_FR": (
        "06 NX XX XX XX",
        "01 NX XX XX XX",
        "+33 6 NX XX XX XX",
        "+33 (0)1 NX XX XX XX",
        "06.NX.XX.XX.XX",
        "07NXXXXXXX",
        "+336NXXXXXXX",
    ),
    "es_ES": (
        "6NX XX XX XX",
        "91N XX XX XX",
        "+34 6NX XXX XXX",
        "6NXXXXXXX",
        "+34 91N XX XX XX",
        "6NX-XXX-XXX",
        "+346NXXXXXXX",
    ),
    "it_IT": (
        "34N NXXXXXX",
        "06 NXXXXXX",
        "+39 34N NXX XXXX",
        "+39 06 NXXX XXXX",
        "02-NXXXXXXX",
        "33NXXXXXXX",
        "+3933NXXXXXXX",
    ),
    "nl_NL": (
        "06-NXXXXXXX",
        "06 NXXXXXXX",
        "+31 6 NXXXXXXX",
        "020-NXXXXXX",
        "+31 (0)20 NXX XXXX",
        "06NXXXXXXX",
        "010 NXX XX XX",
    ),
    "pt_BR": (
        "(11) 9NXXX-XXXX",
        "(21) NXXX-XXXX",
        "+55 11 9NXXX-XXXX",
        "11 9NXXX-XXXX",
        "+55 (31) 9NXXX-XXXX",
        "119NXXXXXXX",
    ),
    "en_IN": (
        "+91 9NXXX XXXXX",
        "9NXXXXXXXX",
        "09NXXXXXXXX",
        "+91-9NXXXXXXXX",
        "9NXXX XXXXX",
        "022 NXXX XXXX",
        "+919NXXXXXXXX",
    ),
    "pl_PL": (
        "+48 5NX XXX XXX",
        "5NX XXX XXX",
        "22 NXX XX XX",
        "5NX-XXX-XXX",
        "+485NXXXXXXX",
        "(22) NXX XX XX",
        "5NXXXXXXX",
    ),
}
_CARDS: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("visa", ("4",), (16, 16, 16, 13)),
    ("mastercard", ("51", "52", "53", "54", "55", "2221", "2500", "2720"), (16,)),
    ("amex", ("34", "37"), (15,)),
    ("discover", ("6011", "644", "65"), (16,)),
    ("diners", ("300", "305", "36", "38"), (14,)),
    ("jcb", ("3528", "3560", "3589"), (16,)),
    ("unionpay", ("62",), (16, 19)),
    ("maestro", ("5018", "5020", "6304", "6759", "6761"), (12, 13, 16, 18)),
)
# BBAN structures of the SWIFT registry
_IBANS: dict[str, tuple[tuple[int, str], ...]] = {
    "DE": ((18, "n"),),
    "GB": ((4, "a"), (14, "n")),
    "FR": ((10, "n"), (11, "c"), (2, "n")),
    "ES": ((20, "n"),),
    "IT": ((1, "a"), (10, "n"), (12, "c")),
    "NL": ((4, "a"), (10, "n")),
    "BE": ((12, "n"),),
    "AT": ((16, "n"),),
    "CH": ((5, "n"), (12, "c")),
    "PL": ((24, "n"),),
    "PT": ((21, "n"),),
    "SE": ((20, "n"),),
    "NO": ((11, "n"),),
    "DK": ((14, "n"),),
    "FI": ((14, "n"),),
    "IE": ((4, "a"), (14, "n")),
    "GR": ((7, "n"), (16, "c")),
    "CZ": ((20, "n"),),
    "HU": ((24, "n"),),
    "RO": ((4, "a"), (16, "c")),
    "TR": ((5, "n"), (1, "n"), (16, "c")),
    "LU": ((3, "n"), (13, "c")),
    "MT": ((4, "a"), (5, "n"), (18, "c")),
    "BR": ((23, "n"), (1, "a"), (1, "c")),
    "SA": ((2, "n"), (18, "c")),
    "AE": ((19, "n"),),
    "UA": ((6, "n"), (19, "c")),
}
_KEYS: dict[str, Callable[[Maker], str]] = {
    "OpenAI": lambda m: "sk-" + m.text(_ALNUM, 20) + "T3BlbkFJ" + m.text(_ALNUM, 20),
    "OpenAI project": lambda m: "sk-proj-" + m.text(_URLSAFE, 90) + m.text(_ALNUM, 10),
    "Anthropic": lambda m: "sk-ant-api03-" + m.text(_URLSAFE, 92) + "AA",
    "AWS": lambda m: "AKIA" + m.text(_UPPER + "234567", 16),
    "GitHub": lambda m: m.rng.choice(("ghp_", "gho_", "ghs_")) + m.text(_ALNUM, 36),
    "GitHub fine": lambda m: "github_pat_" + m.text(_ALNUM, 22) + "_" + m.text(_ALNUM, 59),
    "GitLab": lambda m: "glpat-" + m.text(_URLSAFE, 19) + m.text(_ALNUM, 1),
    "Google": lambda m: "AIza" + m.text(_URLSAFE, 34) + m.text(_ALNUM, 1),
    "Slack": lambda m: f"xoxb-{m.digits(11)}-{m.digits(12)}-{m.text(_ALNUM, 24)}",
    "Slack hook": lambda m: (
        f"https://hooks.slack.com/services/T{m.text(_UPPER, 8)}/B{m.text(_UPPER + _DIGITS, 8)}/{m.text(_ALNUM, 24)}"
    ),
    "Stripe": lambda m: "sk_live_" + m.text(_ALNUM, 24),
    "Stripe restricted": lambda m: "rk_live_" + m.text(_ALNUM, 24),
    "Hugging Face": lambda m: "hf_" + m.text(string.ascii_letters, 33) + m.digits(1),
    "JWT": Maker.web_token,
    "private key": Maker.key_block,
    "npm": lambda m: "npm_" + m.text(_ALNUM, 36),
    "PyPI": lambda m: "pypi-AgEIcHlwaS5vcmc" + m.text(_URLSAFE, 119) + "z",
    "Twilio": lambda m: "SK" + m.text(_HEX, 32),
    "SendGrid": lambda m: f"SG.{m.text(_ALNUM, 22)}.{m.text(_URLSAFE, 42)}x",
    "Azure storage": lambda m: m.text(_ALNUM, 86) + "==",
    "connection": Maker.connection,
    "bare 32": lambda m: m.text(_ALNUM, 32),
    "bare hex": lambda m: m.text(_HEX, 32),
    "bare 40": lambda m: m.text(_ALNUM + "/+", 39) + "k",
}
KEYS_THAT_NEED_A_WORD = frozenset(("bare 32", "bare hex", "bare 40", "Azure storage"))
IDS_THAT_NEED_A_WORD = frozenset(("Steuer-ID", "BSN", "Aadhaar", "CPF"))
