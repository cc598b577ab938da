"""Texts for messages: stretches of prose with some words changed, so that no two are alike, in five languages.

Frames hold some 60 kB, of which little comes twice, so a pool of 3 MB compresses there as any real text does. The share
of changed words is set so that it compresses neither better nor worse (`python -m benchmarks.packing.chats.ratios`).
"""

from __future__ import annotations

import random
import re
from typing import Protocol

from benchmarks.packing.chats.english import Prose, passages
from benchmarks.packing.chats.languages import LANGUAGES, Language, sentences_of

# One word in so many is exchanged for any other of the pool.
ONE_CHANGED_IN = 9
# What a text is: shares of all texts; the rest is plain English. Two in three curly ones have a curly quote or a dash.
_CURLY, _EMOJI, _FOREIGN = 0.28, 0.12, 0.16
_SENTENCES = 4_000
_EMOJIS = (
    "😀", "🎉", "🚀", "✅", "👍", "❤️", "🔥", "💡", "📌", "🙏", "😅", "🤔",
    "👩\u200d💻", "📦", "⚠️", "🌍", "☕", "🧪", "🇩🇪", "⏱️", "🐍", "✨", "📈", "🔧",
)  # fmt: skip
_BYTES_A_LETTER = {"German": 1.03, "French": 1.04, "Chinese": 2.9, "Japanese": 3.0}


class Texts(Protocol):
    """Where the texts of messages come from."""

    def text(self, size: int) -> str:
        """Another text of about so many bytes."""


class MixedTexts:
    """Endless texts of about the length asked for; the same ones for the same seed and Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random
        found = passages()
        self._plain = Prose(found)
        self._curly = Prose([_curly(passage) for passage in found])
        chance = random.Random(seed + 1)
        self._foreign = [_foreign(language, chance) for language in LANGUAGES]

    def text(self, size: int) -> str:
        kind = self._random()
        if kind < _FOREIGN:
            return self._sentences(LANGUAGES[int(kind / _FOREIGN * len(LANGUAGES))], size)
        if kind < _FOREIGN + _CURLY:
            return self._prose(self._curly, size)
        text = self._prose(self._plain, size)
        return self._with_emoji(text) if kind < _FOREIGN + _CURLY + _EMOJI else text

    def _prose(self, prose: Prose, size: int) -> str:
        chance, pool = self._random, prose.words
        words = prose.cut(chance(), size)
        for _ in range(int(len(words) / ONE_CHANGED_IN + chance())):
            at = int(chance() * len(words))
            # Indentation and the ends of paragraphs stay as they are.
            if words[at] and not words[at].isspace():
                words[at] = pool[int(chance() * len(pool))]
        # A stretch of white space says nothing.
        return " ".join(words).strip() or self._prose(prose, size)

    def _sentences(self, language: Language, size: int) -> str:
        made = self._foreign[LANGUAGES.index(language)]
        left, chosen = size / _BYTES_A_LETTER[language.name], []
        while left > 0:
            sentence = made[int(self._random() * len(made))]
            chosen.append(sentence)
            left -= len(sentence)
        # The last one is cut, as the limit on tokens cuts answers.
        return "".join(chosen)[: max(8, int(size / _BYTES_A_LETTER[language.name]))].strip()

    def _with_emoji(self, text: str) -> str:
        emoji = _EMOJIS[int(self._random() * len(_EMOJIS))]
        ends = [found.end() for found in re.finditer(r"[.!?:](?=\s|$)", text)]
        at = ends[int(self._random() * len(ends))] if ends else len(text)
        return f"{text[:at]} {emoji}{text[at:]}"


def _foreign(language: Language, chance: random.Random) -> list[str]:
    made = sentences_of(language, _SENTENCES, chance)
    return [sentence + "\n" if chance.random() < 0.12 else sentence for sentence in made]


def _curly(text: str) -> str:
    """As from a word processor: typographic quotes, dashes and dots, and no breaks inside a paragraph."""
    text = re.sub(r"(?<=\S)\n(?=[^\s>*-])", " ", text)
    text = re.sub(r'(^|[\s(\[])"', r"\1“", text).replace('"', "”")
    text = re.sub(r"(^|[\s(\[])'", r"\1‘", text).replace("'", "’")
    return re.sub(r" --? ", " – ", text).replace("...", "…")
