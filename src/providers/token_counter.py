"""Count tokens as a provider's model does, offline, and say how exact the figure is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock

from src.providers import find_provider
from src.providers.tokenizers import TOKENIZERS, Exactness, Tokenizer
from src.providers.tokenizers.counting_process import CountingProcess
from src.providers.tokenizers.engines import start_counting
from src.providers.tokenizers.vocabulary_counter import Count
from src.records import Message

# Texts that are sent to the counting process at once.
SLICE = 512


@dataclass(frozen=True, slots=True)
class Frame:
    """The tokens a provider puts around the texts: once, per turn, and per system message.

    `trimmed` means that the template strips each text.
    """

    once: int = 0
    per_turn: int = 0
    per_system: int = 0
    trimmed: bool = False


FRAMES: dict[str, Frame] = {
    # 3 for each message, 1 for its role, 3 to open the answer: OpenAI's cookbook, "How to count tokens with
    # tiktoken" (read 2026-11-21). Every role is one token in o200k_base and in cl100k_base.
    "openai": Frame(once=3, per_turn=4, per_system=4),
    # Llama 3.1's chat template, which always writes a system block with two dates: 26 tokens, then 5 a message
    # (measured with Meta's tokenizer, 2026-11-21).
    "llama": Frame(once=26, per_turn=5, trimmed=True),
    # AWS's validation script adds up the texts alone.
    "anthropic": Frame(),
    # Google publishes no frame for tuning; the texts alone are counted.
    "google": Frame(),
    # [INST] and [/INST] around a user's turn, one end mark after an answer, one start mark: at most 2 a turn.
    "mistral": Frame(once=1, per_turn=2),
}


class TokenCounter:
    """Counts for one model. Loads its vocabulary on the first count; safe to use from several threads.

    `tokenizer` is what really counts, `exactness` how far to trust it, `note` what is known of the error.
    """

    def __init__(self, tokenizer: Tokenizer, frame: Frame) -> None:
        self.tokenizer = tokenizer.counts_with
        self.exactness: Exactness = tokenizer.exactness
        self.note = tokenizer.note
        self._frame = frame
        self._load = tokenizer.load
        self._vocabulary = tokenizer.vocabulary
        self._here: Count | None = None
        self._elsewhere: CountingProcess | None = None
        self._lock = Lock()

    def count_elsewhere(self) -> None:
        """From now on, count in a process of its own, whose vocabulary is loaded while the program goes on."""
        with self._lock:
            if self._here is None and self._elsewhere is None and self._vocabulary:
                with suppress(OSError):  # no process can be had: count here
                    self._elsewhere = start_counting(self._vocabulary)

    def count_text(self, text: str) -> int:
        """Tokens of one text, without any framing. Words like <|endoftext|> count as plain text."""
        return self.count((text,))[0]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without any framing."""
        if self._elsewhere is not None:
            try:
                slices = [texts[start : start + SLICE] for start in range(0, len(texts), SLICE)]
                return [count for slice_ in slices for count in self._elsewhere.count(slice_)]
            except OSError:
                self._elsewhere = None
        count = self._load_here()
        return [count(text) for text in texts]

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of one training example, with the provider's framing."""
        return self.count_examples((messages,))[0]

    def count_examples(self, examples: Sequence[Sequence[Message]]) -> list[int]:
        """Tokens of each training example, with the provider's framing."""
        frame = self._frame
        texts = [m.content.strip() if frame.trimmed else m.content for messages in examples for m in messages]
        counts = iter(self.count(texts))
        return [
            frame.once + sum(next(counts) + _framing(frame, message) for message in messages) for messages in examples
        ]

    def _load_here(self) -> Count:
        if self._here is None:
            with self._lock:
                self._here = self._here or self._load()
        return self._here


def _framing(frame: Frame, message: Message) -> int:
    return frame.per_system if message.role == "system" else frame.per_turn


def counter_for(provider: str, model: str) -> TokenCounter:
    """The counter for a provider's model, by id or alias; the same one every time. Raises UsageError."""
    return _counter(provider, find_provider(provider).facts(model).tokenizer)


@cache
def _counter(provider: str, tokenizer: str) -> TokenCounter:
    return TokenCounter(TOKENIZERS[tokenizer], FRAMES[provider])
