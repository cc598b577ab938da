"""Find keys and passwords without a shape of their own: by the word before them and by how random they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan
from src.analysis.pii.secrets.placeholders import entropy, is_placeholder

_WORD = re.compile(
    r"(?:api|access|auth|secret|private|signing|encryption|master|service|account|client|shared|app"
    r"|consumer|license|deploy|admin|storage|subscription|webhook|session|refresh|bearer|id)"
    r"[ _\-]?(?:key|token|secret|credential)s?|secret|token|bearer|credentials?|apikey|clave|schlüssel"
    r"|clé|chiave|chave|sleutel|klucz|\bkey\b|_key\b|[a-z]Key\b",
    re.I,
)
_NOT_A_SECRET = re.compile(
    r"hash|sha-?\d|md5|checksum|digest|commit|fingerprint|public|primary|foreign|sort|partition|cache"
    r"|host key|count|limit|usage|budget|window|length|version|uuid|etag|"
    r"\burl\b|path|file|tokens\b|tokeni[sz]|csrf|name|keyboard|keyword|object|bucket|row key|secretary"
    r"|integrity|nonce|next",
    re.I,
)
_VALUE = re.compile(r"(?<![A-Za-z0-9_\-+/.~$%&@])[A-Za-z0-9][A-Za-z0-9_\-+/=.~]{15,511}(?![A-Za-z0-9(@])")
_VALUE_START = re.compile(r"(?<![A-Za-z0-9_\-+/.~$%&@])[A-Za-z0-9][A-Za-z0-9_\-+/=.~]{15}")
_PASSWORD = re.compile(
    r"(?:password|passwd|pwd|passphrase|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord"
    r"|hasło)\b[\"']?(?: is| ist| es|:| =|=| est){1,2}[ ]{0,2}"
    r"(?P<quote>[\"'`]?)(?P<value>[^\s\"'`<>()\[\]{}|,;]{8,64})(?P=quote)(?=[\s,;.\"'`]|\Z)",
    re.I,
)
_STEMS = (
    "key",
    "token",
    "secret",
    "bearer",
    "credential",
    "clave",
    "schlüssel",
    "clé",
    "chiave",
    "chave",
    "sleutel",
    "klucz",
)
_PASSWORD_STEMS = ("pass", "pwd", "kennwort", "contraseña", "senha", "wachtwoord", "hasło")
_BASIC = re.compile(r"\b(?:Basic|Bearer) (?P<value>[A-Za-z0-9+/_\-.~]{16,1000}={0,2})")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_GAP = 44


def find_bare_keys(scan: Scan) -> Iterator[PIIFinding]:
    """Random values of 16 characters or more within a few words after "API key", "secret" or "token"."""
    done = 0
    for word in _WORD.finditer(scan.text) if scan.has_any(_STEMS) else ():
        if word.start() < done:
            continue
        around = scan.before(word.start(), 14).rsplit("\n", 1)[-1] + word.group() + scan.after(word.end(), 10)
        value = _VALUE_START.search(scan.text, word.end(), word.end() + _GAP + 16)
        value = _VALUE.match(scan.text, value.start()) if value else None
        if value is None or _NOT_A_SECRET.search(around):
            continue
        done = value.end()
        between = scan.text[word.end() : value.start()]
        if (
            between.count("\n") <= 1
            and not _NOT_A_SECRET.search(between)
            and _is_key(value.group().rstrip("."), word.group().lower(), between)
        ):
            yield PIIFinding(
                "API_KEY", value.start(), value.start() + len(value.group().rstrip(".")), 0.85, "key-after-word"
            )
    for found in _BASIC.finditer(scan.text) if scan.has_any(("basic ", "bearer ")) else ():
        if _is_random(found["value"]):
            yield PIIFinding("API_KEY", *found.span("value"), 0.9, "authorization-header")


def find_passwords(scan: Scan) -> Iterator[PIIFinding]:
    """Values given to a password by ":", "=" or "is" that mix letters with digits or signs."""
    for found in _PASSWORD.finditer(scan.text) if scan.has_any(_PASSWORD_STEMS) else ():
        value = found["value"].rstrip(".")
        kinds = (
            any(c.islower() for c in value),
            any(c.isupper() for c in value),
            any(c.isdigit() for c in value),
            not value.isalnum(),
        )
        if (
            sum(kinds) >= 3
            and len(value) >= 8
            and not is_placeholder(value)
            and not re.search(r"\$|os\.|env|://|\w\.\w+\.|[a-z]_[a-z]", value, re.I)
        ):
            yield PIIFinding("API_KEY", found.start("value"), found.start("value") + len(value), 0.8, "password")


def _is_key(value: str, word: str, between: str) -> bool:
    if _UUID.fullmatch(value):
        return "key" in word and word != "key" and len(between) < 12
    if word == "key" and (
        len(value) < 20 or re.fullmatch(r"[ \"'`]*(?:for .{0,30})?(?:is|was|[:=]|->)*[ \"'`:=]*", between) is None
    ):
        return False
    return _is_random(value)


def _is_random(value: str) -> bool:
    """Letters and digits well mixed: no path, no name of a variable, no number, no word."""
    if is_placeholder(value) or value.count("/") > 2 + len(value) // 20 or value.count(".") > 2:
        return False
    letters, digits = sum(char.isalpha() for char in value), sum(char.isdigit() for char in value)
    mixed = value.lower() != value != value.upper()
    if (
        not letters
        or digits < (1 if mixed and len(value) >= 24 else 2)
        or re.search(r"[A-Za-z]{3,}[_.\-/][A-Za-z]{3,}[_.\-/]|\d{4}-\d\d-\d\d|[a-z]{12}", value)
    ):
        return False
    return entropy(value) >= (2.9 if len(value) < 24 else 3.1)
