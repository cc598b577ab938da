"""Conversations with known turns, drawn from content/*.txt with a seed, and the prose that stands around them."""

from __future__ import annotations

import random
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).parent / "content"
POOLS = ("everyday", "professions", "software", "languages")
NAMES = (
    "Anna Keller", "Luis Ortega", "Mei Tanaka", "Jonas Brandt", "Priya Nair", "Tom Fisher", "Zoë Martin",
    "Ahmed Haddad", "Olga Petrova", "Grace Okafor", "Noah Levi", "Ines Duarte", "Patrick O'Brien", "Sofia Rossi",
    "Jean-Luc Picot",
)  # fmt: skip
CITIES = ("Bremen", "Lyon", "Sevilla", "Osaka", "Leeds", "Gdansk", "Turin", "Aarhus", "Porto", "Denver")
GREETINGS = {
    "en": ("Hello, this is «first». How can I help you?", "Good morning! What can I do for you?", "Hi there."),
    "de": ("Guten Tag, was kann ich für Sie tun?",), "fr": ("Bonjour, que puis-je faire pour vous ?",),
    "es": ("Buenos días, ¿en qué puedo ayudarle?",), "ja": ("こんにちは。ご用件をどうぞ。",),
}  # fmt: skip
ACKNOWLEDGED = {
    "en": (("Thanks!", "You're welcome."), ("Really?", "Yes."), ("Okay, got it 👍", "Anything else?"),
           ("Are you sure?", "Quite sure. I looked it up on «day», and nothing has changed since.")),
    "de": (("Danke!", "Gern."), ("Wirklich?", "Ja.")), "fr": (("Merci !", "Je vous en prie."), ("Ah bon ?", "Oui.")),
    "es": (("¡Gracias!", "De nada."), ("¿Seguro?", "Sí.")),
    "ja": (("ありがとうございます。", "どういたしまして。"), ("本当ですか？", "はい。")),
}  # fmt: skip
CLOSINGS = {"en": "Great, that was all. Bye!", "de": "Das war alles, danke.", "fr": "C'est tout, merci.",
            "es": "Eso es todo, gracias.", "ja": "以上です。ありがとうございました。"}  # fmt: skip
_SLOT = re.compile("«([a-z]+)»")
_TURN_MARK = re.compile(r"^@([ua])\n", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """One turn: whether it is the asking side's, and its words."""

    asks: bool
    text: str


@dataclass(frozen=True)
class Talk:
    """A conversation of two, turn by turn. `names` are the one who asks and the one who answers."""

    topic: str
    language: str
    said: tuple[Said, ...]
    names: tuple[str, str]

    def name_of(self, said: Said) -> str:
        return self.names[0] if said.asks else self.names[1]


@dataclass(frozen=True)
class Topic:
    name: str
    language: str
    exchanges: tuple[tuple[str, str], ...]


@cache
def topics() -> tuple[Topic, ...]:
    """The pools as they stand in the files."""
    return tuple(topic for pool in POOLS for topic in _read_pool((CONTENT / f"{pool}.txt").read_text("utf-8")))


def _read_pool(text: str) -> list[Topic]:
    found = []
    for part in re.split(r"^@topic ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        name, _, language = head.partition(" | ")
        marks = _TURN_MARK.split(body)[1:]
        turns = [(mark, words.strip("\n")) for mark, words in zip(marks[::2], marks[1::2], strict=True)]
        pairs = [(a[1], b[1]) for a, b in zip(turns[::2], turns[1::2], strict=True)]
        found.append(Topic(name, language or "en", tuple(pairs)))
    return found


@cache
def paragraphs() -> tuple[str, ...]:
    text = (CONTENT / "prose.txt").read_text("utf-8").partition("\n")[2]
    return tuple(" ".join(part.split()) for part in text.split("\n\n"))


@cache
def headings() -> tuple[str, ...]:
    return tuple((CONTENT / "headings.txt").read_text("utf-8").splitlines())


def wrapped(text: str, width: int) -> list[str]:
    """The text cut into lines between words only, never within one."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


class Scribe:
    """Draws talks, question lists and prose with a random generator of its own; the same seed draws the same."""

    def __init__(self, seed: str, latin_only: bool = False) -> None:
        self.rng = random.Random(seed)
        self.latin_only = latin_only  # the PDF's own fonts have no other letters
        self._headings: list[str] = []

    def talk(self, plain: bool = False, greet: bool = True, language: str = "", least: int = 2) -> Talk:
        """A conversation of `least` to 14 turns. `plain`: every turn is one paragraph without code or list."""
        rng = self.rng
        topic = rng.choice([t for t in self._topics(language) if len(self._usable(t, plain)) >= 2])
        usable = self._usable(topic, plain)
        count = max(least // 2, rng.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7)))
        start = rng.randrange(max(1, len(usable) - count + 1))
        said = [Said(i == 0, words) for pair in usable[start : start + count] for i, words in enumerate(pair)]
        if rng.random() < 0.35 and len(said) <= 12:
            said += [Said(i == 0, words) for i, words in enumerate(rng.choice(ACKNOWLEDGED[topic.language]))]
        if greet and rng.random() < 0.2 and len(said) <= 13:
            said.insert(0, Said(False, rng.choice(GREETINGS[topic.language])))
        if rng.random() < 0.12 and len(said) <= 13:
            said.append(Said(True, CLOSINGS[topic.language]))
        return self._filled(topic, said)

    def questions(self, at_least: int = 2, at_most: int = 6, plain: bool = False, language: str = "") -> Talk:
        """Questions with answers as on an FAQ page: each question is one line that ends with a question mark."""
        topic = self.rng.choice([t for t in self._topics(language) if len(self._asked(t, plain)) >= at_least])
        asked = self._asked(topic, plain)
        count = min(len(asked), self.rng.randint(at_least, at_most))
        pairs = self.rng.sample(asked, count)
        return self._filled(topic, [Said(i == 0, words) for pair in pairs for i, words in enumerate(pair)])

    def prose(self, least: int = 1, most: int = 2) -> list[str]:
        return self.rng.sample(paragraphs(), self.rng.randint(least, most))

    def heading(self) -> str:
        """A heading, none twice before all were drawn: two sections of one name would look like one."""
        self._headings = self._headings or self.rng.sample(headings(), len(headings()))
        return self._headings.pop()

    def name(self) -> str:
        return self.rng.choice(NAMES)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _topics(self, language: str) -> list[Topic]:
        return [t for t in topics() if (not language or t.language == language) and not self._foreign(t)]

    def _foreign(self, topic: Topic) -> bool:
        return self.latin_only and topic.language == "ja"

    def _usable(self, topic: Topic, plain: bool) -> list[tuple[str, str]]:
        pairs = [pair for pair in topic.exchanges if not self.latin_only or _is_latin(pair[0] + pair[1])]
        return [pair for pair in pairs if "\n" not in pair[0] + pair[1]] if plain else pairs

    def _asked(self, topic: Topic, plain: bool) -> list[tuple[str, str]]:
        return [p for p in self._usable(topic, plain) if p[0][-1] in "?？" and "\n" not in p[0] and len(p[0]) <= 90]

    def _filled(self, topic: Topic, said: list[Said]) -> Talk:
        rng = self.rng
        names = rng.sample(NAMES, 2)
        known: dict[str, str] = {"first": names[1].split()[0]}

        def fill(match: re.Match[str]) -> str:
            key = match[1]
            if key not in known:
                known[key] = {
                    "num": str(rng.randint(3, 98)), "city": rng.choice(CITIES), "name": rng.choice(NAMES).split()[-1],
                    "time": f"{rng.randint(6, 22)}:{rng.randint(10, 59)}", "day": rng.choice(("Monday", "Tuesday")),
                }[key]  # fmt: skip
            return known[key]

        filled = [Said(one.asks, self._shown(_SLOT.sub(fill, one.text))) for one in said]
        return Talk(topic.name, topic.language, tuple(filled), (names[0], names[1]))

    def _shown(self, text: str) -> str:
        return text.replace(" 👍", "").replace(" 🙂", "") if self.latin_only else text


def _is_latin(text: str) -> bool:
    try:
        text.replace("🙂", "").replace("👍", "").encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
