"""Mask what nobody may learn: passwords, card numbers and tokens in inputs, addresses and texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

PASSWORD, CARD, TOKEN, SECRET = "[password]", "[card number]", "[token]", "[secret]"

# https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill (read 2026-11-21)
_AUTOFILL = {
    "current-password": PASSWORD, "new-password": PASSWORD, "one-time-code": TOKEN, "cc-number": CARD,
    "cc-csc": SECRET, "cc-exp": SECRET, "cc-exp-month": SECRET, "cc-exp-year": SECRET,
}  # fmt: skip
# Names of fields, by their words: cardNumber, card_number and card-number are one.
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (PASSWORD, re.compile(r"passw|passphrase|passcode|(?:^| )pw[d]?(?: |$)|kennwort|contrase|mot de passe|senha")),
    (
        CARD,
        re.compile(
            r"card ?(?:number|num|no)(?: |$)|(?:^| )cc ?(?:number|num|no)(?: |$)|credit ?card(?! ?(?:name|holder))"
        ),
    ),
    (SECRET, re.compile(r"(?:^| )(?:cvv2?|cvc2?|csc|ssn|social security|pin|pin code|iban|secret)(?: |$)")),
    (
        TOKEN,
        re.compile(
            r"(?:^| )(?:otp|totp|mfa code|token|csrf|xsrf|nonce|jwt|authenticity token|api ?key|access ?key|session ?id"
            r"|view ?state|verification ?code|one time code|2fa)(?: |$)"
        ),
    ),
)
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
# What a card number or a key is at least: twelve digits, spaces and dashes left out, or a word of twenty characters.
# Tables over bytes: regular expressions take thirty times as long to find that there is nothing.
_BYTES = bytes(range(256))
_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in _BYTES)
_WORD = bytes(97 if chr(byte).isascii() and (chr(byte).isalnum() or byte == 95) else 32 for byte in _BYTES)
_LONG_NUMBER, _LONG_WORD = b"0" * 12, b"a" * 20
# A key is a long word with letters and digits in it
_KEY_LIKE = re.compile(r"(?=[A-Za-z0-9_]{20})(?:[A-Za-z_]{1,100}[0-9]|[0-9]{1,100}[A-Za-z_])", re.ASCII)
_RANDOM = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_+/=.~-]{32,}")
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&#;?]{1,80})=([^&#;]+)")
_SECRET_PARAMETERS = frozenset({
    "token", "secret", "password", "passwd", "pwd", "session", "sid", "auth", "authorization", "key", "apikey",
    "signature", "sig", "jwt", "otp", "code", "ticket",
})  # fmt: skip
_USERINFO = re.compile(r"(?<=//)[^/@\s:]{1,100}:[^/@\s]{1,200}(?=@)")


def mask_of_field(tag: str, attributes: Mapping[str, str | None]) -> str:
    """What stands for anything typed into this input; "" where only what looks like a secret is masked."""
    if (attributes.get("type") or "").lower() == "password":
        return PASSWORD
    for word in (attributes.get("autocomplete") or "").lower().split():
        if word in _AUTOFILL:
            return _AUTOFILL[word]
    return _mask_of_name(
        attributes.get("name") or "", attributes.get("id") or "", attributes.get("aria-label") or "",
        attributes.get("placeholder") or "",
    )  # fmt: skip


_known_names: dict[tuple[str, ...], str] = {}


def _mask_of_name(*names: str) -> str:
    known = _known_names.get(names)
    if known is None:
        known = next((mask for name in names if name and (mask := _mask_of_words(name))), "")
        if len(_known_names) < 20_000 and sum(map(len, names)) < 400:
            _known_names[names] = known
    return known


def _mask_of_words(name: str) -> str:
    words = " ".join(_WORDS.findall(name[:200])).lower()
    return next((mask for mask, pattern in _FIELDS if pattern.search(words)), "")


def mask_text(text: str) -> str:
    """The text with card numbers and keys in a vendor's shape replaced."""
    if len(text) < 12:
        return text
    content = text.encode("utf-8", "replace")
    word = _LONG_WORD in content.translate(_WORD) and _KEY_LIKE.search(text) is not None
    number = _LONG_NUMBER in content.translate(_DIGITS, b" -")
    if not word and not number:
        return text
    return _masked(text, word, number) if len(text) < 1_000 else _searched(text, word, number)


def _searched(text: str, word: bool, number: bool) -> str:
    """The text without keys, where it has a word long enough, and without cards, where it has a number long enough."""
    # Here, because most pages need none of it, and it takes half of a process's start
    from src.analysis.pii.banking import find_cards
    from src.analysis.pii.scan import Scan
    from src.analysis.pii.secrets.vendors import find_vendor_keys

    scan = Scan(text, frozenset())
    found = [(one.start, one.end, CARD) for one in find_cards(scan)] if number else []
    if word:
        found += [(one.start, one.end, TOKEN) for one in find_vendor_keys(scan)]
    pieces, place = [], 0
    for start, end, mask in sorted(found):
        if start >= place:
            pieces += [text[place:start], mask]
            place = end
    return "".join([*pieces, text[place:]])


# Pages of a session have the same long words in them: names of files, of classes, ids
_masked = lru_cache(maxsize=8_192)(_searched)


def mask_value(value: str) -> str:
    """The same for what stands in an input, where a long random word is a token as well."""
    masked = mask_text(value)
    return TOKEN if masked == value and len(value) >= 32 and _RANDOM.fullmatch(value) else masked


def mask_address(url: str) -> str:
    """The address without a password and without the values of parameters named like secrets."""
    masked = _PARAMETER.sub(_without_secret, url) if "=" in url else url
    if "@" in masked:
        masked = _USERINFO.sub(SECRET, masked)
    return mask_text(masked)


def _without_secret(parameter: re.Match[str]) -> str:
    words = {word.lower() for word in _WORDS.findall(parameter[1])}
    return f"{parameter[1]}={TOKEN}" if words & _SECRET_PARAMETERS else parameter[0]
