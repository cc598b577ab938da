"""Count tokens as a provider's model does, offline, and say how exact the figure is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from threading import Lock

from src.errors import UsageError
from src.providers import find_provider
from src.providers.formats.training_example import TrainingExample, from_messages
from src.providers.tokenizers import TOKENIZERS, Tokenizer
from src.providers.tokenizers.counting_process import CountingProcess
from src.providers.tokenizers.engines import MUCH_TEXT, CountTexts, start_counting
from src.providers.tokenizers.frames.framed import Exactness, Frame, least_exact
from src.providers.tokenizers.frames.openai_frame import OpenAIFrame
from src.providers.tokenizers.frames.pictures import openai_pictures
from src.providers.tokenizers.gemma import fetch_gemma
from src.providers.tokenizers.online_counts import AskOnline, OnlineCounts
from src.records import Message

# Texts that are sent to the counting process at once.
SLICE = 512


class TokenCounter:
    """Counts for one model. Loads its vocabulary on the first count; safe to use from several threads.

    `tokenizer` is what really counts, `exactness` how far to trust it on texts, `note` what is known of the error.
    """

    def __init__(self, tokenizer: Tokenizer, frame: Frame | None = None) -> None:
        self.tokenizer = tokenizer.counts_with
        self.exactness: Exactness = tokenizer.exactness
        self.note = tokenizer.note
        self._frame = frame or tokenizer.frame
        self._load = partial(_engine, tokenizer)
        self._vocabulary = tokenizer.vocabulary
        self._here: CountTexts | None = None
        self._elsewhere: CountingProcess | None = None
        self._seen = 0
        self._lock = Lock()

    def count_elsewhere(self) -> None:
        """Until there is much text, count in a process of its own, which loads while the program goes on."""
        with self._lock:
            if self._here is None and self._elsewhere is None and self._vocabulary:
                with suppress(OSError):  # no process can be had: count here
                    self._elsewhere = start_counting(self._vocabulary)

    def count_text(self, text: str) -> int:
        """Tokens of one text, without any framing. Words like <|endoftext|> count as plain text."""
        return self.count((text,))[0]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without any framing. Give it many at once: it then uses all cores."""
        if self._elsewhere is not None:
            self._seen += sum(map(len, texts))
            if self._seen <= MUCH_TEXT:
                with suppress(OSError):
                    slices = [texts[start : start + SLICE] for start in range(0, len(texts), SLICE)]
                    return [count for slice_ in slices for count in self._elsewhere.count(slice_)]
            self._end_elsewhere()
        return self._load_here()(texts)

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of one training example, with the provider's framing."""
        return self.count_examples((messages,))[0]

    def count_examples(self, examples: Sequence[Sequence[Message]]) -> list[int]:
        """Tokens of each training example, with the provider's framing."""
        return self.count_training_examples(list(map(from_messages, examples)))

    def count_training_examples(self, examples: Sequence[TrainingExample]) -> list[int]:
        """Tokens of each example as the model reads it: template, tools, calls, names, and pictures where known.

        Of a preference, the conversation and both answers. exactness_of() says how far to trust each.
        """
        framed = list(map(self._frame, examples))
        counts = iter(self.count([text for one in framed for text in one.texts]))
        return [one.tokens + sum(next(counts) for _ in one.texts) for one in framed]

    def exactness_of(self, example: TrainingExample) -> Exactness:
        """How exact the count of this example is: `exactness`, or less where its framing is not published."""
        return least_exact(self.exactness, self._frame(example).exactness)

    def _load_here(self) -> CountTexts:
        if self._here is None:
            with self._lock:
                self._here = self._here or self._load()
        return self._here

    def _end_elsewhere(self) -> None:
        with self._lock:
            if self._elsewhere is not None:
                self._elsewhere.close()
                self._elsewhere = None


_engines: dict[Callable[[], CountTexts], CountTexts] = {}
_engines_lock = Lock()


def _engine(tokenizer: Tokenizer) -> CountTexts:
    """One engine for all counters that load alike."""
    with _engines_lock:
        if tokenizer.load not in _engines:
            _engines[tokenizer.load] = tokenizer.load()
        return _engines[tokenizer.load]


class OnlineTokenCounter(TokenCounter):
    """Counts examples by the provider's own endpoint, and texts without an example here."""

    def __init__(self, tokenizer: Tokenizer, counts: OnlineCounts, sister: str = "") -> None:
        super().__init__(tokenizer)
        self._counts = counts
        self.exactness = "assumed" if sister else "exact"
        of = f", which counted for its sister {sister}" if sister else ""
        self.note = f"examples were counted by the provider's own endpoint{of}; single texts by {self.tokenizer}"

    def count_training_examples(self, examples: Sequence[TrainingExample]) -> list[int]:
        """Tokens of each example, asked for one after the other where they are not remembered. Raises LLMError."""
        return list(map(self._counts.count, examples))

    def exactness_of(self, example: TrainingExample) -> Exactness:
        """What the provider itself counts is exact, unless it counts for another model."""
        return self.exactness


def counter_for(provider: str, model: str, ask_online: AskOnline | None = None, asked_of: str = "") -> TokenCounter:
    """The counter for a provider's model, by id or alias; the same one as long as the machine has the same tokenizers.

    A model of OpenAI's that is not listed is counted as the newer ones are. `ask_online` counts a request of
    Anthropic's (AnthropicClient.count_tokens) and makes the counter use it; `asked_of` is the model it counts for,
    where that is another one. Raises UsageError for unknown models.
    """
    judge = find_provider(provider)
    try:
        facts = judge.facts(model)
    except UsageError:
        if provider != "openai":
            raise
        return _counter(TOKENIZERS["openai-unknown"], model)
    if ask_online is not None and provider == "anthropic":
        sister = asked_of if asked_of != facts.id else ""
        counts = OnlineCounts(sister or facts.id, ask_online)
        return OnlineTokenCounter(TOKENIZERS[facts.tokenizer].resolved(), counts, sister)
    return _counter(TOKENIZERS[facts.tokenizer].resolved(), facts.id if provider == "openai" else "")


@cache
def _counter(tokenizer: Tokenizer, openai_model: str) -> TokenCounter:
    if openai_model and isinstance(tokenizer.frame, OpenAIFrame):
        return TokenCounter(tokenizer, OpenAIFrame(tokenizer.frame.vocabulary, openai_pictures(openai_model)))
    return TokenCounter(tokenizer)


def fetch_tokenizers(progress: Callable[[int, int], None] = lambda done, total: None) -> list[tuple[str, Path]]:
    """Fetch the tokenizers that no package brings: the name and the path of each. Raises UsageError."""
    return [("gemma3", fetch_gemma(progress))]
