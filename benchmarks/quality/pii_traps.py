"""Texts without personal data that look as if they had some: what a careless search would flag."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator

from benchmarks.quality.pii_scoring import Text
from benchmarks.quality.pii_values import Maker, grouped, luhn_digit


def clean_texts(seed: int, count: int) -> Iterator[Text]:
    maker = Maker(seed + 7)
    for number in range(count):
        form = sorted(_TRAPS)[number % len(_TRAPS)]
        yield Text(_TRAPS[form](maker), (), form)


def _failed_luhn(m: Maker) -> str:
    body = m.rng.choice(("4", "51", "6011")) + m.digits(14)
    body = body[:15]
    wrong = str((int(luhn_digit(body)) + m.rng.randint(1, 9)) % 10)
    return m.rng.choice(("The number {} was rejected by the form.", "Sample number {} fails the check.", "{}")).format(
        grouped(body + wrong, m.rng.choice(("", " ", "-")), (4,))
    )


def _isbn(m: Maker) -> str:
    body = "978" + m.digits(9)
    check = -sum(int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(body)) % 10
    return m.rng.choice(
        ("ISBN {}", "The second edition (ISBN-13: {}) is out of print.", "See ISBN {} for details.")
    ).format(m.rng.choice((body + str(check), f"978-{body[3]}-{body[4:8]}-{body[8:12]}-{check}")))


def _isbn10(m: Maker) -> str:
    return f"Knuth's book has ISBN 0-{m.digits(3)}-{m.digits(5)}-{m.rng.choice('0123456789X')}."


def _hash(m: Maker) -> str:
    value = hashlib.new(m.rng.choice(("md5", "sha1", "sha256")), m.digits(8).encode()).hexdigest()
    return m.rng.choice(
        (
            "sha256: {}",
            "commit {}",
            "The MD5 checksum should read {}.",
            "Downloaded layer {} from cache",
            "git checkout {}",
            'ETag: "{}"',
            "integrity check of {} passed",
        )
    ).format(value)


def _uuid(m: Maker) -> str:
    value = str(uuid.UUID(int=m.rng.getrandbits(128), version=4))
    return m.rng.choice(
        ("Request {} failed.", "session id {}", '{{"id": "{}"}}', "GET /v1/orders/{} 200", "correlation-id: {}")
    ).format(value)


def _version(m: Maker) -> str:
    version = ".".join(str(m.rng.randint(0, 30)) for _ in range(4))
    big = f"{m.rng.randint(1, 130)}.{m.rng.randint(0, 9)}.{m.rng.randint(0, 250)}.{m.rng.randint(0, 250)}"
    return m.rng.choice(
        (
            f"Upgrade to version {version} first.",
            f"v{big} fixes the crash",
            f"Chrome/{big} Safari",
            f"pip install tool=={version}",
            f"firmware {version} is required",
            f"Release {big} of the driver",
            f"Version: {big}",
            f"app-{big}.tar.gz",
        )
    )


def _chapter(m: Maker) -> str:
    r = m.rng
    return r.choice(
        (
            (
                f"As section {r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)} explains, "
                f"nothing is stored."
            ),
            f"{r.randint(1, 12)}.{r.randint(1, 9)}.{r.randint(1, 9)} Results and discussion",
            f"See chapter {r.randint(1, 20)}, pages {r.randint(100, 200)}-{r.randint(201, 300)}.",
            f"{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)} Installation",
        )
    )


def _coordinates(m: Maker) -> str:
    r = m.rng
    lat, lon = r.uniform(-80, 80), r.uniform(-170, 170)
    return r.choice(
        (
            f"The site lies at {lat:.6f}, {lon:.6f}.",
            f"lat={lat:.5f}&lon={lon:.5f}",
            f"{abs(lat):.4f}° N, {abs(lon):.4f}° E",
            f"POINT({lon:.7f} {lat:.7f})",
        )
    )


def _order(m: Maker) -> str:
    return m.rng.choice(
        (
            "Order {} has shipped.",
            "Your order number is {}.",
            "Invoice no. {} is overdue.",
            "Ticket #{} was closed.",
            "Tracking number: {}",
            "Bestellnummer {}",
            "Reference: {}",
            "SKU {} is sold out",
            "N° de commande : {}",
            "Rechnung {} vom Montag",
        )
    ).format(
        m.rng.choice(
            (
                m.digits(10),
                f"{m.digits(3)}-{m.digits(7)}-{m.digits(7)}",
                f"{m.digits(4)}-{m.digits(4)}-{m.digits(2)}",
                f"2026-{m.digits(6)}",
                f"{m.digits(3)}-{m.digits(3)}-{m.digits(4)}",
                m.digits(8),
                f"{m.digits(3)}-{m.digits(2)}-{m.digits(4)}",
                f"PO-{m.digits(9)}",
            )
        )
    )


def _date(m: Maker) -> str:
    r = m.rng
    y, mo, d = r.randint(1950, 2026), r.randint(1, 12), r.randint(1, 28)
    return r.choice(
        (
            f"The contract runs from {y}-{mo:02d}-{d:02d} to {y + 2}-{mo:02d}-{d:02d}.",
            f"{d:02d}.{mo:02d}.{y} {r.randint(0, 23):02d}:{r.randint(0, 59):02d}",
            f"{mo}/{d}/{y}",
            f"{y}{mo:02d}{d:02d}T{r.randint(0, 23):02d}{r.randint(0, 59):02d}00Z",
            f"between {y} and {y + 5}",
            f"the years {y}-{y + 4}",
            f"epoch {r.randint(10**9, 2 * 10**9)}",
            f"at 1{r.randint(10**11, 9 * 10**11)} ms",
        )
    )


def _placeholder_key(m: Maker) -> str:
    value = m.rng.choice(
        (
            "YOUR_API_KEY",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-your-key-here",
            "<your-token>",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "hf_...",
            "${API_KEY}",
            "os.environ['API_KEY']",
            "changeme",
            "sk-ant-...",
            "AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
            "sk_test_YOUR_STRIPE_KEY",
            "{{ secrets.TOKEN }}",
            "xoxb-your-bot-token",
            "REPLACE_WITH_YOUR_SECRET_KEY_0000",
            "********************************",
            "0000000000000000000000000000000000",
        )
    )
    return (
        m.rng.choice(
            (
                'api_key = "{}"',
                "export OPENAI_API_KEY={}",
                "Set the token to {} in the settings.",
                "Authorization: Bearer {}",
            )
        ).format(value)
        if "{{" not in value
        else f"token: {value}"
    )


def _product(m: Maker) -> str:
    return m.rng.choice(
        (
            "We replaced Jenkins with GitHub Actions last year.",
            "Alexa and Siri both misheard the question.",
            "Pour the Jack Daniels over ice and stir.",
            "The Dr. Martens boots run half a size large.",
            "Ask Claude or Gemini for a summary.",
            "Django and Flask are web frameworks; Jupyter is a notebook.",
            "The Harley Davidson needs a new chain.",
            "Cassandra handles writes better than Mongo here.",
            "The Hugo Boss store on the corner closes at six.",
            "Our team moved from Julia to Python for plotting.",
            "The Ada compiler and the Pascal compiler disagree.",
            "John Deere tractors are green.",
            "Wells Fargo and Morgan Stanley both raised their forecast.",
            "The Victoria line was closed on Sunday.",
            "San Jose and Santa Clara are next to each other.",
            "Mount Rainier is visible from Austin Street on no day at all.",
            "Stella Artois is on tap.",
            "The Lincoln Memorial is open all night.",
            "The Madison Square Garden concert sold out.",
            "Tesla, Edison and Marconi are units of nothing.",
            "Calvin Klein jeans were on sale.",
            "Add two spoons of Earl Grey to the pot.",
            "Mercedes Benz recalled the model.",
            "The Nobel Prize is awarded in Stockholm.",
            "Will Smart Home devices work offline?",
            "May Day is a holiday in many countries.",
        )
    )


def _words(m: Maker) -> str:
    return m.rng.choice(
        (
            "How do I sort a dictionary by value in Python?",
            "Explain photosynthesis to a ten-year-old in three sentences.",
            "The quarterly report shows that revenue grew by 12.5 % to 1,234,567 euros.",
            "Berlin is the capital of Germany; about 3,769,000 people live there.",
            "Le chat dort sur le canapé depuis 14 heures.",
            "Die Sitzung beginnt um 9 Uhr im Raum 204 und dauert 90 Minuten.",
            "Mix 250 g flour, 3 eggs and 500 ml milk; bake at 180 °C for 45 minutes.",
            "Use the @property decorator and call self.load() before the loop.",
            "Row 12: 4.5, 6.7, 8.9, 10.1, 1200 3400 5600 7800",
            "The train leaves platform 9 at 17:45 and arrives at 21:30.",
            "In Chapter 3 the hero crosses the river and finds the road to the city.",
            "El presupuesto de 2025 es de 3.400.000 euros.",
            "Il treno parte alle 18:30 dal binario 4.",
            "Set max_tokens to 4096 and temperature to 0.7.",
            "Error 0x80070057 at line 1042 of module 17",
            "std::vector<int> v = {1, 2, 3}; auto it = v.begin();",
            "A 16:9 display with 1920x1080 pixels at 60 Hz",
            "The road to the house was long, and the street lights were off.",
            "The answer is 42, not 41 or 43.",
            "SELECT id, total FROM orders WHERE total > 1000 ORDER BY id LIMIT 50;",
            "The password must have at least 12 characters and one digit.",
            "Your API key is shown once; store the token in a vault.",
            "The secret to a good token budget is short prompts.",
            "Turn left at the second street, then right onto the avenue.",
            "Population: 10 000 000; area: 357 022 square km",
            "Table 4: 0.91 0.83 0.77 0.95 / 12 14 19 22",
            "Phone support is available on weekdays from 9 to 17.",
            "Email us any time, we answer within 24 hours.",
            "The card has 16 digits and a three-digit code on its back.",
            "Mit der IBAN 22 Stellen, in Großbritannien ebenso.",
            "An IPv4 address has four numbers, an IPv6 address eight groups.",
        )
    )


def _numbers(m: Maker) -> str:
    r = m.rng
    return r.choice(
        (
            f"user_id={r.randint(10**8, 10**9)} processed {r.randint(10**6, 10**8)} rows",
            f"${r.randint(1, 9)},{m.digits(3)},{m.digits(3)}.00",
            f"{r.randint(1, 9)}.{m.digits(3)}.{m.digits(3)},50 EUR",
            f"Serial No. {m.digits(12)}",
            f"IMEI {m.digits(15)}",
            f"doi:10.{m.digits(4)}/{m.digits(7)}.{m.digits(7)}",
            f"Part number {m.digits(3)}-{m.digits(2)}-{m.digits(4)}",
            f"HTTP 404 after {r.randint(100, 999)} ms, {r.randint(10**6, 10**7)} bytes",
            f"{m.digits(4)} {m.digits(4)} {m.digits(4)}",
            f"pid {r.randint(1000, 99999)}, inode {m.digits(9)}",
            f"RFC {r.randint(1000, 9999)}, section {r.randint(1, 9)}.{r.randint(1, 9)}",
            f"0x{m.text('0123456789abcdef', 16)}",
        )
    )


def _impossible(m: Maker) -> str:
    return m.rng.choice(
        (
            f"The form refused 000-{m.digits(2)}-{m.digits(4)}.",
            f"Example SSN 666-{m.rng.randint(10, 99)}-{m.rng.randint(1000, 9999)}",
            f"DE{m.rng.randint(10, 97)} 0000 0000 0000 0000 00 is no account",
            f"mask 255.255.{m.rng.choice((0, 128, 240))}.0",
            f"10.{m.rng.randint(256, 999)}.1.1 is not an address",
            "user@localhost and @handle are not addresses",
            "icon@2x.png and logo@3x.png",
            "git@github.com:team/project.git",
            "ping 127.0.0.1 and ::1",
            "12:34:56 and 01:02:03 UTC",
        )
    )


_TRAPS: dict[str, Callable[[Maker], str]] = {
    "failed Luhn": _failed_luhn,
    "ISBN-13": _isbn,
    "ISBN-10": _isbn10,
    "hash": _hash,
    "UUID": _uuid,
    "version": _version,
    "chapter": _chapter,
    "coordinates": _coordinates,
    "order": _order,
    "date": _date,
    "placeholder key": _placeholder_key,
    "product": _product,
    "words": _words,
    "numbers": _numbers,
    "impossible": _impossible,
    "order again": _order,
}
