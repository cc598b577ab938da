"""The QA report of very many samples: single texts are looked at in parts, the figures are made of them in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from src.config.qa_settings import PiiSettings, QASettings
from src.dataset.quality.assessing import Surroundings, assess
from src.dataset.quality.facts import Facts, TextFacts
from src.dataset.quality.report import QAReport
from src.pipeline.engine.lines import decode_lines, encode_lines
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.duplicates import find_shared
from src.records import Sample

MOST_AT_ONCE = 4096
# Below this, the processes of this machine have hardly started when all is done.
SAMPLES_WORTH_IT = 2_000


def assess_shared(
    engine: Engine,
    job: str,
    samples: Sequence[Sample],
    settings: QASettings,
    around: Surroundings | None = None,
    *,
    name: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> QAReport:
    """What assess() gives, whoever looked at the texts. Raises EngineError and UsageError."""
    around = around or Surroundings()
    if not engine.shares:
        return assess(samples, settings, around, name=name, progress=progress)
    with closing(_facts(engine, job, samples, settings.pii)) as known:
        around = replace(
            around,
            known=lambda position: next(known),
            find_duplicates=partial(find_shared, engine, job),
        )
        report = assess(samples, settings, around, name=name, progress=progress)
        next(known, None)  # it tidies up behind its last part
    return report


def _facts(
    engine: Engine, job: str, samples: Iterable[Sample], pii: PiiSettings
) -> Generator[list[TextFacts], None, None]:
    """The facts of the messages of each sample, in order."""
    from msgspec.json import Decoder

    work = ShardWork("facts", f"{__name__}:find_part", {"pii": pii.model_dump(mode="json")})
    decode = Decoder(list[TextFacts]).decode
    texts = ([message.content for message in sample.messages] for sample in samples)
    for content in engine.share(work, job, engine.parts_of(work, job, texts, MOST_AT_ONCE)):
        yield from map(decode, content.splitlines())


def find_part(part: tuple[bytes, dict[str, Any]]) -> bytes:
    """A line with the facts of the messages of each sample of a shard."""
    content, params = part
    facts = Facts(PiiSettings(**params["pii"]))
    return encode_lines([facts.of(text) for text in texts] for texts in decode_lines(content))
