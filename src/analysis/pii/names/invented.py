"""Names that nobody has, to stand in for real ones; whoever searches again passes them by.

A fake keeps its country's shape and the gender of what it replaces. The names are made up, so that a text full of fakes
does not look like a text full of people.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "invented_names.txt"
# Countries whose names look most like another's
_LIKE = {"nl": "de", "nordic": "de", "slavic": "de", "pl": "de", "pt": "es"}
# The streets and towns of our fakes, and of every form to be filled in
_PLACES = (
    "Example Sample Sampletown Exemple Exempleville Ejemplo Esempio Exemplo Voorbeeld Voorbeeldstraat Musterstraße "
    "Musterstadt Mustermann"
)


def invented(country: str, gender: str, number: int, parts: int) -> str:
    """The `number`th invented name: a given name for one part, given name and surname for more."""
    country = _LIKE.get(country, country)
    country = country if (country, "s") in _lists() else "us"
    given = _lists()[country, gender if gender in ("m", "f") else "mf"[number % 2]]
    family = _lists()[country, "s"]
    first = given[number % len(given)]
    return first if parts < 2 else f"{first} {family[number // len(given) % len(family)]}"


def is_invented(name: str) -> bool:
    """Whether a word of `name` is one of ours."""
    return any(word in _known() or word.title() in _known() for word in name.split())


@lru_cache(maxsize=1)
def _lists() -> dict[tuple[str, str], list[str]]:
    rows = (line.split() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {(country, kind): names for country, kind, *names in rows}


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(name for names in _lists().values() for name in names) | frozenset(_PLACES.split())
