"""Ask phonenumbers, where it is installed, whether a number can exist in a numbering plan."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType


@lru_cache(maxsize=1)
def phonenumbers() -> ModuleType | None:
    """The library, or None where the extra [qa] is not installed."""
    try:
        import phonenumbers as library
    except ImportError:
        return None
    return library


def is_possible(value: str, locales: frozenset[str]) -> bool | None:
    """Whether `value` is a valid number abroad or in one of `locales`; None without the library."""
    library = phonenumbers()
    if library is None:
        return None
    plain = "+" + value.lstrip("(").removeprefix("00") if value.lstrip("(").startswith("00") else value
    regions = [None] if "+" in plain else [locale.upper() for locale in sorted(locales)]
    return any(_valid(plain, region) for region in regions)


@lru_cache(maxsize=4096)
def _valid(value: str, region: str | None) -> bool:
    library = phonenumbers()
    assert library is not None
    try:
        return bool(library.is_valid_number(library.parse(value, region)))
    except library.NumberParseException:
        return False
