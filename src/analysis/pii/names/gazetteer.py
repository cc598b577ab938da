"""Lists of given names and surnames. Where they come from stands in data/SOURCES.md."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import util
from pathlib import Path

from src.analysis.stopwords import STOPWORDS

_DATA = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def given_names() -> dict[str, tuple[str, str]]:
    """Given name in small letters -> (country, gender: f, m or u)."""
    known = {name: (country, gender) for country, gender, name in _entries("given_names.txt")}
    return {**{name: ("", gender) for name, gender in _installed()}, **known}


@lru_cache(maxsize=1)
def surnames() -> dict[str, str]:
    """Surname in small letters -> country."""
    return {name: country for country, _, name in _entries("surnames.txt")}


@lru_cache(maxsize=1)
def function_words() -> frozenset[str]:
    """Words that begin no name, though some list may hold them: the, you, der, una. Will and May stay names."""
    words = frozenset(word for language in STOPWORDS.values() for word in language)
    return (words | {"seit", "season", "pan", "guten"}) - {"will", "may", "see", "dos", "dei", "della", "don", "eve"}


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Names that are words, places or products as well: alone they say nothing."""
    return frozenset((_DATA / "common_words.txt").read_text(encoding="utf-8").split()) | function_words()


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """English words that no list has as a name: behind a given name they make a thing of it (Ford Focus)."""
    return frozenset((_DATA / "plain_words.txt").read_text(encoding="utf-8").split())


def _entries(file: str) -> Iterator[tuple[str, str, str]]:
    for line in (_DATA / file).read_text(encoding="utf-8").splitlines():
        country, gender, *names = line.split()
        yield from ((country, gender, name.lower()) for name in names)


def _installed() -> Iterator[tuple[str, str]]:
    """The names of gender-guesser (48,000 of 54 countries), where a user has it; read as data, its code is not run."""
    found = util.find_spec("gender_guesser")
    folder = found.submodule_search_locations if found else None
    path = Path(next(iter(folder))) / "data" / "nam_dict.txt" if folder else None
    if path is None or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        kind, _, rest = line.partition(" ")
        name = rest.split()[0] if rest.split() else ""
        if kind in ("M", "F", "1M", "1F", "?M", "?F", "?") and name.isalpha() and len(name) > 2:
            yield name.lower(), {"M": "m", "F": "f"}.get(kind[-1], "u")
