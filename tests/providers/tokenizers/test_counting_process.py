"""Counting in a process of its own gives the same figures, and goes on here when that process is gone."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest
import tiktoken_ext.openai_public as official

from src.providers.token_counter import TokenCounter
from src.providers.tokenizers import TOKENIZERS
from src.providers.tokenizers.counting_process import CountingProcess
from src.providers.tokenizers.engines import MUCH_TEXT, PATTERNS, VocabularyEngine, start_counting
from src.providers.tokenizers.vocabularies import packaged_file
from src.records import Message

TEXTS = ["", "Hello, world", "日本語のテキスト 😀", "a\r\n\n  b\t", "half \ud83d of a pair", "<|endoftext|>"]
TEXTS += [" " * 40_000]


@pytest.fixture
def elsewhere() -> Iterator[CountingProcess]:
    process = start_counting("o200k_base")
    yield process
    process.close()


def test_it_counts_as_this_process_does(elsewhere: CountingProcess) -> None:
    here = VocabularyEngine("o200k_base")
    assert elsewhere.count(TEXTS) == here(TEXTS)
    assert elsewhere.count([]) == []
    assert elsewhere.count(["x " * 2_000_000]) == here(["x " * 2_000_000])


def test_a_counter_goes_on_here_when_the_process_is_killed() -> None:
    counter = TokenCounter(TOKENIZERS["o200k_base"])
    counter.count_elsewhere()
    assert counter._elsewhere is not None
    os.kill(counter._elsewhere._child.pid, signal.SIGTERM)
    counter._elsewhere._child.wait()
    talk = (Message("user", "Hello, world"), Message("assistant", "Yes"))
    assert counter.count(TEXTS) == VocabularyEngine("o200k_base")(TEXTS)
    assert counter.count_messages(talk) == 3 + 4 + 3 + 4 + 1


def test_much_text_is_counted_here_by_all_cores() -> None:
    counter = TokenCounter(TOKENIZERS["o200k_base"])
    counter.count_elsewhere()
    assert counter.count(["one two"]) == [2]
    process = counter._elsewhere
    assert process is not None
    assert counter.count(["word " * (MUCH_TEXT // 5)]) == [MUCH_TEXT // 5 + 1]
    assert counter._elsewhere is None and process._child.poll() is not None


def test_ctrl_c_does_not_end_it(elsewhere: CountingProcess) -> None:
    assert elsewhere.count(["ready"]) == [1]
    os.kill(elsewhere._child.pid, signal.SIGINT)
    assert elsewhere.count(["still here"]) == [2]


def test_a_closed_one_says_so(elsewhere: CountingProcess) -> None:
    elsewhere.close()
    with pytest.raises(OSError, match="ended"):
        elsewhere.count(["x"])


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_our_patterns_are_those_of_the_installed_tiktoken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "load_tiktoken_bpe", lambda *_, **__: {})
    assert getattr(official, name)()["pat_str"] == PATTERNS[name]


def test_our_pattern_for_tekken_is_mistrals() -> None:
    content = json.loads(packaged_file("mistral_common", "data/tekken_240718.json").read_text(encoding="utf-8"))
    assert content["config"]["pattern"] == PATTERNS["tekken"]
