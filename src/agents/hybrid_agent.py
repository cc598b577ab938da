"""Hybrid mode: part identified, part generated, each topping the other up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from src.agents.base_agent import Agent, FirstRequests
from src.agents.create_agent import HybridCreateAgent
from src.agents.grounding import question_key
from src.agents.identify_agent import IdentifyAgent
from src.errors import LLMError, RunPausedError
from src.records import Document, Sample, Span


class HybridAgent(Agent):
    """`generation_ratio` of the samples are generated. No generated question repeats an identified one."""

    def run(self, documents: Sequence[Document], size: int) -> Iterator[Sample]:
        wanted = round(size * self.bench.settings.hybrid.generation_ratio)
        identify = IdentifyAgent(self.bench)
        found = list(identify.find(documents))
        # When too little was found, more is generated.
        identified = identify.choose(found, size - wanted) if wanted < size else []
        wanted = size - len(identified)
        yield from identified
        if identify.failure is not None:
            raise identify.failure
        generated = 0
        for sample in self._generate(documents, found, wanted):
            generated += 1
            yield sample
        if self.bench.dispatcher is None or not self.bench.dispatcher.stopped or self._broken:
            yield from self._top_up(found, identified, wanted - generated)

    def requests(self, documents: Sequence[Document], size: int, most: int) -> FirstRequests:
        """Of the generated half."""
        wanted = round(size * self.bench.settings.hybrid.generation_ratio)
        return HybridCreateAgent(self.bench).requests(documents, wanted, most)

    _broken = False  # the LLM cannot be had, so nothing is gained by leaving room for it

    def _generate(self, documents: Sequence[Document], found: Sequence[Sample], wanted: int) -> Iterator[Sample]:
        if not wanted:
            return
        avoid: dict[str, list[Span]] = {}
        for sample in found:
            self.bench.asked.add(question_key(sample.turns[0].content), sample.turns[0].content)
            if sample.origin.span:
                avoid.setdefault(sample.origin.document_id, []).append(sample.origin.span)
        try:
            yield from HybridCreateAgent(self.bench, avoid).run(documents, wanted)
        except RunPausedError:
            raise  # the rest comes when the run is resumed
        except LLMError as error:
            # What was identified costs nothing and is kept; the reason stands in the report.
            self._broken = True
            self.report.error("LLM", f"Generating stopped: {error}")

    def _top_up(self, found: Sequence[Sample], used: Sequence[Sample], missing: int) -> Iterator[Sample]:
        """Identified samples in the place of generated ones that could not be made."""
        used_ids = {sample.id for sample in used}
        spare = [sample for sample in found if sample.id not in used_ids][: max(0, missing)]
        if spare:
            self.report.dropped["found beyond dataset_size"] -= len(spare)
            self.report.note("hybrid", f"{len(spare)} more identified samples stand in for generated ones.")
        yield from spare
