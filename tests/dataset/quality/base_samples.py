"""A clean dataset of 306 samples: 294 generated exchanges on 98 subjects, 12 identified conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from src.records import Message, Origin, Sample, Span, Split, make_sample

_TEXTS = Path(__file__).with_name("base_texts.txt")
_SPLITS: tuple[Split, ...] = ("train",) * 8 + ("validation", "test")


@dataclass(frozen=True)
class Item:
    """A sample before it is made: its exchanges, and the passage it is said to be made from."""

    exchanges: tuple[tuple[str, str], ...]
    passage: str
    topic: str
    source: str
    split: Split | None
    identified: bool = False
    tokens: int = 0
    extra: str = ""

    @property
    def question(self) -> str:
        return self.exchanges[0][0]

    @property
    def answer(self) -> str:
        return self.exchanges[0][1]

    def with_question(self, question: str) -> Item:
        return replace(self, exchanges=((question, self.answer), *self.exchanges[1:]))

    def with_answer(self, answer: str) -> Item:
        return replace(self, exchanges=((self.question, answer), *self.exchanges[1:]))

    def saying_also(self, sentence: str) -> Item:
        """With a sentence more in answer and passage."""
        return replace(self.with_answer(f"{self.answer} {sentence}"), passage=f"{self.passage} {sentence}")


@dataclass(frozen=True)
class Planted:
    """Samples, and the passage of each by its id."""

    samples: Sequence[Sample]
    passages: dict[str, str] = field(default_factory=dict)

    def passage_of(self, sample: Sample) -> str | None:
        return self.passages.get(sample.id)


@cache
def base_items() -> tuple[Item, ...]:
    items: list[Item] = []
    subject = 0
    for block in _TEXTS.read_text(encoding="utf-8").split("\n@"):
        head, *lines = block.lstrip("@ ").strip().split("\n")
        topic, source = head.split(" | ")
        pairs = [(question, answer) for question, answer in (line.split(" | ") for line in lines)]
        subject += 1
        split = _SPLITS[subject % len(_SPLITS)]
        if source == "support.md":
            items.append(Item(tuple(pairs), "", topic, source, "train", identified=True))
            continue
        passage = " ".join(answer for _, answer in pairs)
        items += [Item((pair,), passage, topic, source, split) for pair in pairs]
    return tuple(items)


def singles(items: Sequence[Item]) -> list[int]:
    """The places of the generated exchanges."""
    return [place for place, item in enumerate(items) if not item.identified]


def change(items: Sequence[Item], count: int, edit: Callable[[Item, int], Item]) -> list[Item]:
    """The items, `count` of the exchanges edited, evenly taken from all subjects."""
    changed, places = list(items), singles(items)
    for number in range(count):
        place = places[number * len(places) // count]
        changed[place] = edit(changed[place], number)
    return changed


def make(items: Sequence[Item]) -> Planted:
    planted = Planted([], {})
    for number, item in enumerate(items):
        sample, passage = _identified(item, number) if item.identified else _created(item)
        tokens = item.tokens or sum(len(message.content.split()) * 4 // 3 for message in sample.messages)
        sample = replace(sample, token_length=tokens, split=item.split)
        planted.samples.append(sample)  # type: ignore[attr-defined]
        planted.passages[sample.id] = passage
    return planted


def _created(item: Item) -> tuple[Sample, str]:
    messages = [Message("user", item.question), Message("assistant", item.answer)]
    origin = Origin(
        item.source, "created", f"doc-{item.source}", "page 1", Span(0, 5), chunk_id=f"{item.topic}{item.extra}"
    )
    return make_sample(messages, origin, (item.topic,)), item.passage


def _identified(item: Item, number: int) -> tuple[Sample, str]:
    """Cut from a document: each turn stands behind its speaker's name."""
    start = 1000 * number
    text, spans, messages = "", [], []
    for question, answer in item.exchanges:
        for role, name, said in (("user", "Customer: ", question), ("assistant", "Support: ", answer)):
            text += name
            spans.append((Span(start + len(text), start + len(text) + len(said)),))
            messages.append(Message(role, said))  # type: ignore[arg-type]
            text += said + "\n"
    origin = Origin(item.source, "identified", "doc-support", "page 1", Span(start, start + len(text)), tuple(spans))
    return make_sample(messages, origin, (item.topic,)), text
