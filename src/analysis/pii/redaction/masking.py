"""What may be shown of a value that was found: two characters and a keyed hash."""

from __future__ import annotations

import hashlib
import secrets

# A key of this process: the hash tells two values of one report apart, and nobody can try all telephone numbers on it.
_KEY = secrets.token_bytes(32)


def mask_value(kind: str, value: str, key: bytes | None = None) -> str:
    """`value` as a report may show it: its first two characters at most (one of a short value, none of a key or a
    number that the state gives), and eight digits of a keyed hash. The same value has the same mask while `key` is the
    same; without one it is this process's own."""
    digest = hashlib.blake2b(
        value.encode("utf-8", "surrogatepass"), key=key or _KEY, digest_size=4, person=kind.encode()[:16]
    ).hexdigest()
    shown = 0 if kind in ("API_KEY", "SSN", "NATIONAL_ID", "CARD", "IBAN") else min(2, len(value) // 4)
    plain = "".join(char if char.isalnum() or char in "+(" else "*" for char in value[:shown])
    return f"{plain}*** #{digest}"
