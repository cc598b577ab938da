"""Count as Claude 3 does, by ctok's reconstruction of its tokenizer, word by word.

ctok 1.3.0 (MIT, Sander Land) was worked out from the figures of Anthropic's count_tokens endpoint: it gives all 2,514
of those its author recorded (replayed 2026-11-21), but is no more than a reconstruction. It counts 0.3 MB a second. No
piece of its vocabulary mixes white space with other characters, so the words between can be counted apart and
remembered; where two words meet at one space, that space costs a token unless both write a border there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_VERSION = "3.0"
# After ctok's own normalisation these are the only characters that part words.
_BREAKS = re.compile("([ \t\n\u3000]{2,}|[\t\n\u3000])")
_NEEDS_NO_NORMALISING = re.compile(r"[\t\n\x20-\x7e]*")
# Of remembered words: about 100 MB in memory.
_MOST_CHARACTERS = 5_000_000
# What stands beside a word: the edge of the text, a space (to the right: one space, not a run of them), other space.
_EDGE, _SPACE, _BREAK = "", " ", "\n"
_CHECKS = (
    "It's 3 o'clock, isn't it?\n\n  Yes: (NO) \"so\" x_1 = f(y);",
    "Ärger, 日本語 и мир… — ok 🚀 é",
    "\tA\n",
    " ",
)


class ClaudeEngine:
    """Counts texts as Claude 3 reads them in one user message, without the message's own frame."""

    def __init__(self) -> None:
        import ctok

        self._token_count: Callable[[str], int] = ctok.token_count
        self._frame: int = self._token_count("a") - 1
        self._lock = Lock()
        self._words = _Words()
        # A later ctok may have changed what the word by word count rests on.
        self._trusted = all(self._by_words(text) == self._whole(text) for text in _CHECKS)

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text."""
        with self._lock:
            return list(map(self._by_words if self._trusted else self._whole, texts))

    def _whole(self, text: str) -> int:
        return self._token_count(text) - self._frame

    def _by_words(self, text: str) -> int:
        words = self._words
        words.forget_some()
        body, tokens = words.open(text)
        if not body:
            return tokens
        *lines, last_line = _BREAKS.split(body)
        left = _EDGE
        for line, space in zip(lines[::2], lines[1::2], strict=True):
            cost, right, next_left = words.spaces[space]
            tokens += cost + (words.line_cost(line, left, right) if line else 0)
            left = next_left
        return tokens + (words.line_cost(last_line, left, _EDGE) if last_line else 0)


class _Words:
    """The costs of words, by ctok's model."""

    def __init__(self) -> None:
        from ctok.constants import BOW_G, EOW_G, MARKER_GLYPHS
        from ctok.engine import char_cost, frame_tail, min_vocab_tile
        from ctok.main import _family, _model
        from ctok.normalize import nfc, stream_norm

        self._model: Any = _model(_family(_VERSION))
        self._normalise: Callable[..., str] = nfc
        self._stream: Callable[..., str] = stream_norm
        self._tile, self._char_cost, self._frame_tail = min_vocab_tile, char_cost, frame_tail
        self._markers: frozenset[str] = MARKER_GLYPHS
        self._neighbour: str = BOW_G + "a" + EOW_G
        # Of words between two spaces: their costs, and whether they write a border to the left (B) and right (E).
        self._inner: dict[str, int] = {}
        self._borders = _Known(self._remember)
        # The same of words at the ends of a line, by their neighbours.
        self._outer: _Known[tuple[str, str, str], tuple[int, str]] = _Known(self._cost_of)
        # Of white space between lines: its tokens, and what it is to the words to its left and right.
        self.spaces = _Known(self._space)
        self._kept = 0

    def open(self, text: str) -> tuple[str, int]:
        """The text that is left to be cut into words, and the tokens of its edges."""
        model = self._model
        plain = _NEEDS_NO_NORMALISING.fullmatch(text) is not None
        norm = text if plain else self._normalise(text, fold_quotes=model.fold_quotes)
        body = norm.rstrip("\n")
        newlines = len(norm) - len(body)
        tokens = len(self._frame_tail(newlines, model)) if newlines else 0
        if text[:1] == " " and body[:1] == " " and body[1:2] != " ":
            body = body[1:]  # the frame's own border stands for it
        if not body or body[0] in "\t\n\u3000":
            tokens += 1  # nothing takes up that border
        return body, tokens

    def line_cost(self, line: str, left: str, right: str) -> int:
        """The tokens of words parted by single spaces. Where both sides of a space have a border, it costs nothing."""
        words = line.split(" ")
        if len(words) == 1:
            return self._outer[left, line, right][0]
        first_cost, first_borders = self._outer[left, words[0], _SPACE]
        last_cost, last_borders = self._outer[_SPACE, words[-1], right]
        if len(words) == 2:
            return first_cost + last_cost + (first_borders[1] != "E" or last_borders[0] != "B")
        inner = words[1:-1]
        borders = " ".join([first_borders, *map(self._borders.__getitem__, inner), last_borders])
        spaces = len(words) - 1 - borders.count("E B")
        return first_cost + sum(map(self._inner.__getitem__, inner)) + last_cost + spaces

    def forget_some(self) -> None:
        """Bound the memory. Not while a text is being counted, which looks its words up twice."""
        if self._kept > _MOST_CHARACTERS:
            for known in (self._inner, self._borders, self._outer, self.spaces):
                known.clear()
            self._kept = 0

    def _space(self, space: str) -> tuple[int, str, str]:
        self._kept += len(space) + 10
        right = _SPACE if space[0] == " " and space[:2] != "  " else _BREAK
        return self._tokens(space), right, _SPACE if space[-1] == " " else _BREAK

    def _remember(self, word: str) -> str:
        self._inner[word], borders = self._cost(word, _SPACE, _SPACE)
        return borders

    def _cost_of(self, key: tuple[str, str, str]) -> tuple[int, str]:
        left, word, right = key
        return self._cost(word, left, right)

    def _cost(self, word: str, left: str, right: str) -> tuple[int, str]:
        """A word's tokens between its neighbours, and its borders: "BE", small where it writes none on that side."""
        self._kept += len(word) + 10
        if not word:  # a space at the edge of the text
            return 0, "be"
        before, after = "a" + left if left else "", right + "a" if right else ""
        marked = self._stream(before + word + after, self._model, raw_head_space=False)
        begins = ends = False
        if before:
            marked = marked[len(self._neighbour) :]
            begins = not marked.startswith(left)
            marked = marked if begins else marked[1:]
        if after:
            marked = marked[: -len(self._neighbour)]
            ends = not marked.endswith(right)
            marked = marked if ends else marked[:-1]
        return self._tokens(marked), ("B" if begins else "b") + ("E" if ends else "e")

    def _tokens(self, marked: str) -> int:
        """The fewest pieces that make up a part of ctok's marked text."""

        def single(place: int) -> int:
            character = marked[place]
            return 1 if character in self._markers else int(self._char_cost(self._model, character))

        return int(self._tile(marked, self._model.trie, single)[0])


class _Known(dict[_Key, _Value]):
    """Values that are worked out when they are first asked for."""

    def __init__(self, value_of: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._value_of = value_of

    def __missing__(self, key: _Key) -> _Value:
        value = self[key] = self._value_of(key)
        return value
