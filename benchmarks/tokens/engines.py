"""The fastest exact engine of each tokenizer, bare, and a second implementation to agree with."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.tokens.by_hand import by_rank, by_score
from benchmarks.tokens.corpora import ROOT
from src.providers.tokenizers.engines import PATTERNS
from src.providers.tokenizers.fast_engines import _tekken
from src.providers.tokenizers.gemma import verified_gemma
from src.providers.tokenizers.vocabularies import packaged_file, read_vocabulary, vocabulary_file

CountTexts = Callable[[Sequence[str]], list[int]]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
SKETCH = ROOT.parent / "shared" / "examples" / "fastctok.py"


@dataclass(frozen=True, slots=True)
class Rival:
    """An engine by itself, called as its makers advise."""

    name: str
    count: CountTexts


def fastest(tokenizer: str) -> list[Rival]:
    """The fastest exact engines that are installed; where one could be faster than the other, both."""
    if tokenizer in ("o200k_base", "cl100k_base"):
        return [_toktok(tokenizer) if find_spec("toktok") else _quicktok(tokenizer)]
    if tokenizer == "llama3":
        return [_tiktoken(tokenizer)]
    if tokenizer == "mistral-tekken":
        return [_quicktok("tekken")]
    if tokenizer == "claude-3":
        return [_ctok_remembered()] if SKETCH.is_file() else [_ctok()]
    model = _model(tokenizer)
    exact_too = tokenizer.startswith("mistral") and find_spec("kitoken") is not None
    return [_sentencepiece(model), *([_kitoken(model)] if exact_too else [])]


def second(tokenizer: str) -> Rival:
    """Another implementation, slow as it may be."""
    if tokenizer == "claude-3":
        return _ctok()
    if tokenizer in ("gemma3", "mistral-v3"):
        one = by_score(_model(tokenizer), space_before=tokenizer != "gemma3")
        return Rival("SentencePiece's BPE by hand", lambda texts: list(map(one, texts)))
    name = "tekken" if tokenizer == "mistral-tekken" else tokenizer
    count = by_rank(PATTERNS[name], read_vocabulary(vocabulary_file(name)))
    return Rival("byte-pair merging by hand", lambda texts: list(map(count, texts)))


def library(tokenizer: str) -> Rival:
    """The library that the provider itself publishes or names, on whole texts."""
    if tokenizer == "claude-3":
        return _ctok()
    if tokenizer in ("gemma3", "mistral-v3"):
        return _sentencepiece(_model(tokenizer))
    return _tiktoken("tekken" if tokenizer == "mistral-tekken" else tokenizer)


def _toktok(name: str) -> Rival:
    import toktok

    return Rival("toktok-rs", lambda texts: toktok.batch_count(texts, name))


def _quicktok(name: str) -> Rival:
    import quicktok

    encoding: Any = _tekken() if name == "tekken" else quicktok.get_encoding(name)
    return Rival(f"quicktok, {CORES} threads", lambda texts: quicktok.count_batch(encoding, texts, CORES))


def _tiktoken(name: str) -> Rival:
    import tiktoken

    ranks = read_vocabulary(vocabulary_file(name))
    encode = tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={}).encode_ordinary

    def share(texts: Sequence[str]) -> list[int]:
        return [len(encode(text)) for text in texts]

    def count(texts: Sequence[str]) -> list[int]:
        shares = [texts[start : start + len(texts) // (4 * CORES) + 1] for start in _starts(len(texts), 4 * CORES)]
        with ThreadPoolExecutor(CORES) as pool:
            return [tokens for done in pool.map(share, shares) for tokens in done]

    return Rival(f"tiktoken, {CORES} threads with lists", count)


def _starts(length: int, shares: int) -> range:
    return range(0, length, length // shares + 1)


def _sentencepiece(model: Path) -> Rival:
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(model))
    return Rival(
        f"sentencepiece, {CORES} threads",
        lambda texts: list(map(len, processor.encode(list(texts), num_threads=CORES))),
    )


def _kitoken(model: Path) -> Rival:
    import kitoken

    engine = kitoken.Kitoken.from_sentencepiece_file(str(model))
    return Rival("kitoken", lambda texts: list(map(len, engine.encode_all(list(texts)))))


def _ctok() -> Rival:
    import ctok

    frame = ctok.token_count("a") - 1
    return Rival("ctok", lambda texts: [ctok.token_count(text) - frame for text in texts])


def _ctok_remembered() -> Rival:
    """The facts' sketch of a memoised ctok, where it lies beside the project."""
    spec = importlib.util.spec_from_file_location("fastctok", SKETCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    engine = module.FastClaude()
    return Rival("the facts' memoised ctok", lambda texts: [engine.count(text) for text in texts])


def _model(tokenizer: str) -> Path:
    if tokenizer == "gemma3":
        return verified_gemma()
    return packaged_file("mistral_common", "data/mistral_instruct_tokenizer_240323.model.v3")
