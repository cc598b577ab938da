"""Samples for the tests of what happens to samples after the agents."""

from __future__ import annotations

from collections.abc import Sequence

from src.records import Dataset, Message, Method, Origin, Sample, Span, Split


def make_example(
    number: int,
    *,
    source: str = "guide.pdf",
    method: Method = "created",
    chunk_id: str = "",
    keywords: Sequence[str] = (),
    tokens: int = 10,
    split: Split | None = None,
    text: str = "Answer",
) -> Sample:
    messages = (
        Message("system", "You help."),
        Message("user", f"Question {number}?"),
        Message("assistant", f"{text} {number}."),
    )
    origin = Origin(
        source,
        method,
        document_id="d" * 8,
        place="page 2",
        span=Span(number, number + 5),
        turn_spans=((Span(number, number + 2),), (Span(number + 2, number + 4), Span(number + 4, number + 5))),
        chunk_id=chunk_id,
        prompt_id="p1",
        model="m1",
    )
    return Sample(f"s{number:06d}", messages, origin, tuple(keywords), tokens, split)


def make_dataset(samples: Sequence[Sample], name: str = "handbook") -> Dataset:
    return Dataset(name, "openai", "gpt-4.1-mini", "create", tuple(samples))
