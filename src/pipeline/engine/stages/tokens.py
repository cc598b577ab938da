"""Tokens of very many samples, counted in parts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from src.errors import EngineError
from src.pipeline.engine.lines import decode_lines, encode_lines
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.providers.token_counter import TokenCounter, counter_for
from src.records import Message, Sample

MOST_AT_ONCE = 16_384
_COUNTED_AT_ONCE = 2_000


def count_samples(engine: Engine, job: str, samples: Sequence[Sample], provider: str, model: str) -> Sequence[int]:
    """The tokens of each sample, as the provider's model counts them.

    Raises EngineError when a node counts with another tokenizer than this machine.
    """
    counter = counter_for(provider, model)
    if not engine.is_cluster:  # it uses all cores by itself
        counts = array("q")
        for start in range(0, len(samples), _COUNTED_AT_ONCE):
            some = samples[start : start + _COUNTED_AT_ONCE]
            counts.extend(counter.count_examples([sample.messages for sample in some]))
        return counts
    work = ShardWork(
        "tokens", f"{__name__}:count_part", {"provider": provider, "model": model, "tokenizer": _name(counter)},
        threaded=True,
    )  # fmt: skip
    made = engine.share(work, job, engine.parts_of(work, job, map(_plain, samples), MOST_AT_ONCE))
    return [count for content in made for count in decode_lines(content)]


def count_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """A line with the tokens of each sample of a shard."""
    content, params = part
    counter = counter_for(params["provider"], params["model"])
    if _name(counter) != params["tokenizer"]:
        raise EngineError(
            f"it counts with {_name(counter)} instead of {params['tokenizer']}; run `python -m src.main tokenizers` "
            "there."
        )
    return encode_lines(counter.count_examples(list(_messages(content))))


def _plain(sample: Sample) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in sample.messages]


def _messages(content: bytes) -> Iterator[list[Message]]:
    rows: Iterable[Any] = decode_lines(content)
    return ([Message(role, text) for role, text in row] for row in rows)


def _name(counter: TokenCounter) -> str:
    return f"{counter.tokenizer} ({counter.exactness})"
