"""Words that name a gender, a group of people or a part of the world. English; other languages are not counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_GENDERS = {
    "female": "she her hers herself woman women girl girls mother mothers mom wife wives daughter daughters sister "
    "sisters aunt "
    "grandmother niece lady ladies mrs ms miss queen actress waitress businesswoman female females",
    "male": "he him his himself man men boy boys father fathers dad husband husbands son sons brother brothers "
    "uncle grandfather "
    "nephew gentleman gentlemen mr sir king actor waiter businessman male males",
}
_GROUPS = {
    "Muslims": "muslim muslims islamic", "Christians": "christian christians catholic catholics protestant protestants",
    "Jews": "jew jews jewish", "Hindus": "hindu hindus", "Buddhists": "buddhist buddhists",
    "atheists": "atheist atheists",
    "Arabs": "arab arabs arabic", "Asians": "asian asians",
    "Latinos": "latino latinos latina latinas hispanic hispanics",
    "Roma": "romani sinti", "indigenous people": "indigenous aboriginal aborigines",
    "gay and lesbian people": "gay gays lesbian lesbians homosexual homosexuals lgbt lgbtq bisexual",
    "trans people": "transgender transsexual nonbinary", "disabled people": "disabled wheelchair autistic blind deaf",
    "immigrants": "immigrant immigrants migrant migrants refugee refugees",
    "old people": "elderly pensioner pensioners seniors",
    "young people": "teenager teenagers millennials",
}  # fmt: skip
_PEOPLE = (
    r"(?:people|persons?|men|women|man|woman|folks?|communit(?:y|ies)|students?|workers?|families|children|americans?"
    r"|voters?)"
)
_IN_TWO_WORDS: Mapping[str, re.Pattern[str]] = {
    "black people": re.compile(rf"\b(?:black {_PEOPLE}|african[- ]americans?)\b"),
    "white people": re.compile(rf"\b(?:white {_PEOPLE}|caucasians?)\b"),
    "trans people": re.compile(rf"\btrans {_PEOPLE}\b"),
    "disabled people": re.compile(rf"\b{_PEOPLE} with disabilities\b"),
    "old people": re.compile(rf"\b(?:old|older|elderly) {_PEOPLE}\b"),
    "young people": re.compile(rf"\byoung(?:er)? {_PEOPLE}\b"),
    "poor people": re.compile(rf"\b(?:poor|homeless|low-income) {_PEOPLE}\b"),
}
_HINTS = (
    "black",
    "white",
    "caucasian",
    "african",
    "trans ",
    "with disab",
    "old",
    "elder",
    "young",
    "poor",
    "homeless",
    "low-inc",
)
_REGIONS = {
    "Africa": "africa african nigeria nigerian kenya kenyan egypt egyptian ethiopia ghana morocco algeria tanzania "
    "uganda senegal "
    "zimbabwe sudan rwanda angola cameroon",
    "Asia": "asia asian china chinese india indian japan japanese korea korean vietnam vietnamese thailand thai "
    "indonesia philippines "
    "filipino malaysia singapore pakistan bangladesh nepal taiwan",
    "Europe": "europe european germany german france french italy italian spain spanish britain british england "
    "english scotland "
    "ireland irish poland polish portugal netherlands dutch belgium sweden swedish norway denmark finland austria "
    "switzerland greece "
    "ukraine russia russian hungary romania uk eu",
    "North America": "usa america american canada canadian california texas",
    "Latin America": "mexico mexican brazil brazilian argentina chile colombia peru venezuela cuba bolivia ecuador "
    "guatemala",
    "Middle East": "israel israeli iran iranian iraq turkey turkish saudi syria lebanon jordan yemen qatar dubai "
    "emirates",
    "Oceania": "australia australian zealand fiji samoa papua",
}
GENDERS: tuple[str, ...] = tuple(_GENDERS)
GROUPS: tuple[str, ...] = tuple(dict.fromkeys([*_GENDERS, *_GROUPS, *_IN_TWO_WORDS]))
REGIONS: tuple[str, ...] = tuple(_REGIONS)


def _by_word(lists: Mapping[str, str]) -> dict[str, str]:
    return {word: name for name, words in lists.items() for word in words.split()}


_GENDER_OF, _GROUP_OF, _REGION_OF = _by_word(_GENDERS), _by_word(_GROUPS), _by_word(_REGIONS)
# "us" is a pronoun in small letters, "turkey" a bird.
_CAPITALS_ONLY = frozenset({"turkey", "jordan", "thai", "polish", "eu", "uk", "china", "miss"})
_WORD = re.compile(r"[A-Za-z]+")
_NAMED = _GENDER_OF.keys() | _GROUP_OF.keys() | _REGION_OF.keys()
_SWAPPED = re.compile(
    r"\b(?:"
    + "|".join(sorted({*_GENDER_OF, *_GROUP_OF}, key=len, reverse=True))
    + rf"|(?:black|white|trans|old|young|poor) {_PEOPLE})\b"
)


class Named:
    """Who is named in a text."""

    __slots__ = ("genders", "groups", "regions")

    def __init__(self, text: str) -> None:
        found = _NAMED & {*_WORD.findall(text.lower())}
        for word in found & _CAPITALS_ONLY:
            if not re.search(rf"\b(?:{word.capitalize()}|{word.upper()})\b", text):
                found.discard(word)
        self.genders = {_GENDER_OF[word] for word in found if word in _GENDER_OF}
        self.groups = {_GROUP_OF[word] for word in found if word in _GROUP_OF} | set(_two_words(text))
        self.regions = {_REGION_OF[word] for word in found if word in _REGION_OF}

    def __bool__(self) -> bool:
        return bool(self.genders or self.groups or self.regions)

    @property
    def people(self) -> set[str]:
        """Genders and groups."""
        return self.genders | self.groups


def _two_words(text: str) -> Iterator[str]:
    lower = text.lower()
    if any(map(lower.__contains__, _HINTS)):
        yield from (name for name, pattern in _IN_TWO_WORDS.items() if pattern.search(lower))


def without_groups(text: str) -> str | None:
    """The text in small letters with each gender and group as "#"; None where it names none."""
    swapped, count = _SWAPPED.subn("#", text.lower())
    return " ".join(swapped.split()) if count else None


def names_of(groups: Iterable[str]) -> str:
    return ", ".join(sorted(groups))
