"""Find connection strings and URLs that hold a password."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan
from src.analysis.pii.secrets.placeholders import is_placeholder

_URL = re.compile(r"://(?P<user>[^\s/:@\"'<>\[\]]{0,64}):(?P<password>[^\s/@\"'<>\[\]]{3,128})@[^\s\"'<>`]{1,250}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,24}\Z")
_PAIRS = re.compile(
    r"(?:[A-Za-z][A-Za-z ]{1,30}=[^;\s\"']{0,256};\s?){1,12}(?:[A-Za-z][A-Za-z "
    r"]{1,30}=[^;\s\"']{1,256})?"
)
_SECRET_PAIR = re.compile(
    r"(?:password|pwd|accountkey|sharedaccesskey|accesskey|secret)\s?=\s?([^;\s\"']{4,256})", re.I
)
_TRUSTED_WORDS = frozenset(
    [
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "user",
        "username",
        "postgres",
        "root",
        "admin",
        "guest",
        "token",
        "key",
    ]
)


def find_connection_strings(scan: Scan) -> Iterator[PIIFinding]:
    """scheme://user:password@host and Key=Value;Password=...; whole, for what is left would still tell where to go."""
    place = scan.text.find("://")
    while place >= 0:
        scheme, found = _SCHEME.search(scan.before(place, 26)), _URL.match(scan.text, place)
        if scheme and found and not _is_told(found["password"]):
            end = found.end() - (len(found.group()) - len(found.group().rstrip(".,;:)]}")))
            yield PIIFinding("API_KEY", place - len(scheme.group()), end, 0.95, "url-with-password")
        place = scan.text.find("://", place + 3)
    for secret in _SECRET_PAIR.finditer(scan.text):
        yield from _pairs(scan, secret)


def _pairs(scan: Scan, secret: re.Match[str]) -> Iterator[PIIFinding]:
    line_start = max(scan.text.rfind("\n", 0, secret.start()) + 1, secret.start() - 500)
    for found in _PAIRS.finditer(scan.text, line_start, min(len(scan.text), secret.end() + 200)):
        if (
            found.start() <= secret.start() < found.end()
            and found.group().count("=") >= 2
            and not _is_told(secret.group(1))
        ):
            yield PIIFinding("API_KEY", found.start(), found.end(), 0.92, "connection-string")


def _is_told(password: str) -> bool:
    """Whether the password is a word of the manual: user:password@host."""
    return password.lower() in _TRUSTED_WORDS or is_placeholder(password) or password[0] in "$%{[<*"
