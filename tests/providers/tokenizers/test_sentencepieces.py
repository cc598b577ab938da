"""Counts word by word are those of whole texts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor

from src.config.environment import cache_folder
from src.providers.tokenizers.gemma import is_gemma_here, verified_gemma
from src.providers.tokenizers.sentencepieces import GemmaPieces, MistralPieces
from src.providers.tokenizers.vocabularies import packaged_file

MISTRAL = packaged_file("mistral_common", "data/mistral_instruct_tokenizer_240323.model.v3")
WORDS = ["the", "of", "And", "3", "x1", "é", "日本", "🚀", ">", "</", "<td>", "[INST]", "</s>", "<0x0A>"]
WORDS += ["<start_of_turn>", "\ufb01"]
WORDS += [">\u2581</", "\u2581", ".\u0301", "\u00a0", "\x00"]
SPACES = ["", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n ", "\u3000", " " * 33]


def strange_texts(count: int) -> Iterator[str]:
    pick = random.Random(5)
    for _ in range(count):
        yield "".join(pick.choice(WORDS) + pick.choice(SPACES) for _ in range(pick.randint(0, 12)))
        yield pick.choice(SPACES) + pick.choice(WORDS)


def assert_same(counted: list[int], model: Path, texts: list[str]) -> None:
    whole = map(len, SentencePieceProcessor(model_file=str(model)).encode(texts))
    differing = [(text, ours, truth) for text, ours, truth in zip(texts, counted, whole, strict=True) if ours != truth]
    assert differing == []


def test_mistrals_words_add_up_to_its_texts() -> None:
    texts = list(strange_texts(3000))
    counter = MistralPieces(MISTRAL)
    counted = counter(texts)
    assert_same(counted, MISTRAL, texts)
    assert counter(texts) == counted  # now from memory


@pytest.mark.parametrize("version", ["tokenizer.model.v1", "mistral_instruct_tokenizer_241114.model.v7"])
def test_texts_have_the_same_tokens_in_all_of_mistrals_versions(version: str) -> None:
    texts = list(strange_texts(500))
    assert_same(MistralPieces(MISTRAL)(texts), packaged_file("mistral_common", f"data/{version}"), texts)


@pytest.mark.parametrize(
    ("model", "exceptions"), [("mistral", set()), pytest.param("gemma", {">\u2581</"}, id="gemma")]
)
def test_no_piece_reaches_into_the_next_word(model: str, exceptions: set[str]) -> None:
    if model == "gemma" and not is_gemma_here():
        pytest.skip("Gemma's tokenizer was not fetched")
    processor = SentencePieceProcessor(model_file=str(MISTRAL if model == "mistral" else verified_gemma()))
    white = "\u2581\n\t" if model == "gemma" else "\u2581\n"
    pieces = map(processor.id_to_piece, range(processor.get_piece_size()))
    reaching = {piece for piece in pieces if any(sign in piece.lstrip(white) for sign in white)}
    assert reaching == exceptions


@pytest.mark.skipif(not is_gemma_here(), reason=f"Gemma's tokenizer is not in {cache_folder()}")
def test_gemmas_words_add_up_to_its_texts() -> None:
    texts = list(strange_texts(3000))
    counter = GemmaPieces(verified_gemma())
    counted = counter(texts)
    assert_same(counted, verified_gemma(), texts)
    assert counter(texts) == counted


def test_half_a_surrogate_pair_counts_as_the_sign_for_what_cannot_be_read() -> None:
    counter = MistralPieces(MISTRAL)
    assert counter(["a \ud83d b"]) == counter(["a \ufffd b"])


def test_the_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.providers.tokenizers.chunk_memory._MOST_CHUNKS", 50)
    counter = MistralPieces(MISTRAL)
    texts = [f"word{number} of {number * 7}" for number in range(300)]
    assert [counter([text])[0] for text in texts] == MistralPieces(MISTRAL)(texts)
    assert len(counter._costs) < 60
