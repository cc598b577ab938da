"""Find e-mail, IP and MAC addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan, last_end

# Where our own fakes live: a corner of the reserved ranges that nobody types, so that a second search passes it by.
FAKE_DOMAINS = ("redacted.example.com", "redacted.example.org", "redacted.example.net")
FAKE_NETWORKS = (ipaddress.ip_network("198.51.100.0/24"), ipaddress.ip_network("2001:db8:fa4e::/48"))
FAKE_MAC = "00005e0053"  # RFC 7042, section 2.1.2

_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_DOMAIN = re.compile(r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-z0-9-]{2,40}|[^\W\d_]{2,24})(?![\w@])", re.I)
_SPELLED = re.compile(
    r"(?<![\w.])[\w.+-]{1,64} ?[\[({<] ?(?:at|@|ät|arobase|arroba) ?[\])}>] ?[\w-]{1,63}"
    r"(?: ?[\[({<] ?(?:dot|punkt|point|punto|\.) ?[\])}>] ?[\w-]{2,63}|\.[\w-]{2,63}){1,4}",
    re.I,
)
_SPOKEN = re.compile(
    (
        r"(?<![\w.])[\w.+-]{2,64} at [\w-]{2,63}(?: dot [\w-]{2,63}){0,2} dot (?:com|org|net|edu|gov|io|de"
        r"|uk|fr|es|it|nl|eu|ch|at|co)\b"
    ),
    re.I,
)
# image@2x.png, git@github.com:owner/name
_FILE_TYPES = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "css",
        "js",
        "ts",
        "json",
        "html",
        "htm",
        "pdf",
        "txt",
        "py",
        "xml",
        "yaml",
        "yml",
        "map",
        "md",
    ]
)
_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_V6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?![\w:])", re.I)
_MAC = re.compile(r"(?<![\w:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w]|[:-][0-9a-f])", re.I)
_VERSION_BEFORE = re.compile(
    r"(?:\b(?:v|ver|vers|version|versión|versione|versie|wersja|release|released|rel|build|firmware"
    r"|upgrade[ds]?|update[ds]?|bump(?:ed)?|patch|driver"
    r"|sdk|api level|revision|rev|sections?|sect|chapter|kapitel|abschnitt|chapitre|capítulo|figure"
    r"|table|clause|article|oid|asn\.1)\b\.?"
    r"[ :=#(\"]{0,3}(?:to|from|from version|number|no\.?|auf|of)?[ :=]{0,2}|[A-Za-z]/|[=~<>^!]=? ?"
    r"|[A-Za-z0-9_]-v?|§ ?)\Z",
    re.I,
)
_VERSION_NEAR = re.compile(
    r"\b(?:version|versions|release|releases|upgrad\w+|updat\w+|changelog|firmware|build)\b", re.I
)
_HOST_NEAR = re.compile(
    r"\b(?:ip|ipv[46]|address|adresse|host|hosts|server|ping|dns|gateway|router|login|logged|client"
    r"|network|subnet|port|from|"
    r"firewall|connect\w*|request\w*|traffic|range|proxy|ssh|http|block\w*|whitelist\w*|allow\w*"
    r"|nameserver|listen\w*|bind)\b",
    re.I,
)


def find_emails(scan: Scan) -> Iterator[PIIFinding]:
    """Addresses as RFC 5321 has them, in any script, and as people spell them out: name [at] host [dot] com."""
    place = scan.text.find("@")
    while place >= 0:
        local, domain = _LOCAL.search(scan.before(place, 64)), _DOMAIN.match(scan.text, place)
        if local is not None and domain is not None and (span := _email_span(scan, local.group(), place, domain)):
            yield PIIFinding("EMAIL", *span, 0.99, "email")
        place = scan.text.find("@", place + 1)
    spelled = list(_SPELLED.finditer(scan.text)) if any(bracket in scan.text for bracket in "[({<") else []
    spelled += _SPOKEN.finditer(scan.text) if " dot " in scan.text else []
    for found in spelled:
        yield PIIFinding("EMAIL", *found.span(), 0.85, "email-spelled-out")


def find_ip_addresses(scan: Scan) -> Iterator[PIIFinding]:
    """Addresses that may be somebody's: no loopback, netmask or broadcast, and no version of a program."""
    for found in _V4.finditer(scan.text) if "." in scan.text else ():
        if _is_v4(found.group()) and not _is_version(scan, found):
            yield PIIFinding("IP", *found.span(), 0.95, "ipv4")
    for found in _V6.finditer(scan.text) if ":" in scan.text else ():
        if _is_v6(found.group()):
            yield PIIFinding("IP", *found.span(), 0.97, "ipv6")


def find_mac_addresses(scan: Scan) -> Iterator[PIIFinding]:
    """Six bytes with colons or dashes; a fingerprint is longer."""
    for found in _MAC.finditer(scan.text):
        plain = re.sub(r"[:-]", "", found.group()).lower()
        if not plain.startswith(FAKE_MAC) and len(set(plain)) > 1:
            yield PIIFinding("MAC", *found.span(), 0.95, "mac")


def _email_span(scan: Scan, local: str, at: int, domain: re.Match[str]) -> tuple[int, int] | None:
    name = local.lstrip(".!#$%&'*+/=?^`{|}~-").split("..")[-1]
    name = name.rsplit("=", 1)[-1].rsplit("/", 1)[-1] if "=" in name or "/" in name else name
    host = domain.group()[1:].lower()
    if not name or name.endswith(".") or host.rsplit(".", 1)[-1] in _FILE_TYPES or host.endswith(FAKE_DOMAINS):
        return None
    if name.lower() == "git" and scan.after(domain.end(), 1) in (":", "/"):
        return None
    if ":" in scan.before(at - len(name), 1) and "://" in scan.before(at, 140).rsplit(" ", 1)[-1]:
        return None  # user:password@host, which is a key's business
    return at - len(name), domain.end()


def _is_v4(value: str) -> bool:
    parts = [int(part) for part in value.split(".")]
    if max(parts) > 255 or any(len(part) > 1 and part[0] == "0" for part in value.split(".")):
        return False
    if parts[0] in (0, 127) or value == "255.255.255.255" or value.startswith(("255.255.", "255.0.0")):
        return False
    return ipaddress.ip_address(value) not in FAKE_NETWORKS[0]


def _is_version(scan: Scan, found: re.Match[str]) -> bool:
    """Whether four numbers with dots are a version or a heading rather than an address."""
    line = scan.before(found.start(), 48).rsplit("\n", 1)[-1]
    if _VERSION_BEFORE.search(line) and not line.endswith(
        ("//", "ip=", "IP=", "host=", "addr=", "client=", "->", "=> ")
    ):
        return last_end(_HOST_NEAR, line[:-1]) < 0 or line[-1:].isalpha() or "ersion" in line
    around = line + scan.after(found.end(), 24)
    small = max(int(part) for part in found.group().split(".")) <= 30 and not found.group().startswith("10.")
    same = len(set(found.group().split("."))) == 1
    if last_end(_VERSION_NEAR, line) > last_end(_HOST_NEAR, line):
        return True
    return small and not same and _HOST_NEAR.search(around) is None


def _is_v6(value: str) -> bool:
    if value.count(":") < 2 or not any(char.isdigit() for char in value):
        return False
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or address in FAKE_NETWORKS[1]:
        return False
    # abc::d1 is a path in C++, Rust or Ruby as well
    return len([group for group in value.split(":") if group]) >= 3 or value.lower().startswith(
        ("fe80", "2", "fd", "fc")
    )
