"""Claude's words, remembered, add up to what ctok makes of whole texts."""

from __future__ import annotations

import random

import pytest

ctok = pytest.importorskip("ctok", reason="ctok wants Python 3.12")

from src.providers.tokenizers.claude import ClaudeEngine  # noqa: E402

SIGNS = list("abAB 's'\"“’.,!?()=_-01٣½ \n\t\u3000\u00a0\r漢字かな한é́àIİΣßẞ🚀⚖️\ufe0f\u200d\u0301\ufdd0\ue000\x00ЖжOK")
WORDS = ["It's", "TODO", "camelCase", "don't", "(see", "Größe", "日本語", "x=1;", "'quoted'", '"so"', "3.14", "и"]
FRAME = 7


def strange_texts() -> list[str]:
    pick = random.Random(9)
    texts = ["".join(pick.choices(SIGNS, k=pick.randint(0, 30))) for _ in range(1500)]
    spaces = [" ", " ", " ", "  ", "\n", "\n\n", "\t", " \n", "\n "]
    for _ in range(500):
        texts.append("".join(pick.choice(WORDS) + pick.choice(spaces) for _ in range(pick.randint(0, 15))))
    return texts


def test_words_add_up_to_texts() -> None:
    texts = strange_texts()
    engine = ClaudeEngine()
    truth = [ctok.token_count(text) - FRAME for text in texts]
    assert engine._trusted
    assert engine(texts) == truth
    assert engine(texts) == truth  # now from memory


def test_a_recorded_figure_of_anthropics_is_reproduced() -> None:
    # "the" costs 12 with its message and a template of 4 (witness in ctok 1.3.0's vocabulary for the piece "the").
    recorded = ctok.main.witness("⟨bow⟩the⟨eow⟩")
    assert ClaudeEngine()([recorded["probe"].strip()]) == [1]


def test_words_that_do_not_add_up_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctok, "token_count", lambda text: 2 * len(text))
    engine = ClaudeEngine()
    assert not engine._trusted
    assert engine(["abc"]) == [2 * 3 - 1]


def test_the_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.providers.tokenizers.claude._MOST_CHARACTERS", 200)
    texts = [f"word{number} and {number * 7} more" for number in range(60)]
    engine = ClaudeEngine()
    assert engine(texts) == [ctok.token_count(text) - FRAME for text in texts]
    assert len(engine._words._outer) < 50
