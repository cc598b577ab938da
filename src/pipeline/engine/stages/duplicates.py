"""The duplicates among very many samples: their texts are made into numbers in parts, the numbers compared at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from src.dataset.duplicates.coding import Coded, code_sides
from src.dataset.duplicates.finding import NEAR, find_duplicates
from src.dataset.duplicates.report import DuplicateReport
from src.dataset.duplicates.semantic import SemanticModelName
from src.dataset.duplicates.sides import Samples, Side, What, in_batches, sides_of
from src.pipeline.engine.lines import decode_lines, encode_lines
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine


def find_shared(
    engine: Engine,
    job: str,
    samples: Samples,
    *,
    what: What = "conversation",
    threshold: float = NEAR,
    near: bool = True,
    semantic: SemanticModelName | None = None,
) -> DuplicateReport:
    """What find_duplicates gives, whoever made the numbers; a model for `semantic` is asked here.

    Raises EngineError and UsageError.
    """

    def code(samples: Samples) -> Iterator[Coded]:
        work = ShardWork("duplicates", f"{__name__}:code_part", {"near": near})
        parts = (encode_lines(batch) for batch in in_batches(sides_of(samples, what)))
        return map(Coded.from_bytes, engine.share(work, job, parts))

    coded_elsewhere = code if engine.shares and semantic is None else None
    return find_duplicates(samples, what=what, threshold=threshold, near=near, semantic=semantic, code=coded_elsewhere)


def code_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """The numbers of a shard's texts."""
    content, params = part
    return code_sides([Side(*row) for row in decode_lines(content)], near=params["near"]).to_bytes()
