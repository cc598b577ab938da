"""Write the files, read them, find the conversations, score them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.detection import gold
from benchmarks.detection.families import Family
from benchmarks.detection.gold import Gold, Normal
from benchmarks.detection.natural import riddles
from benchmarks.detection.negatives import write_negatives
from benchmarks.detection.scoring import Score, count_unproven, score, texts
from benchmarks.detection.talks import Scribe
from src.agents.conversation_detector import find_conversations
from src.agents.recognisers.conversation import Conversation
from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.records import Document


@dataclass
class Negatives:
    """What was found where nothing is."""

    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    false: int = 0
    unproven: int = 0
    unread: int = 0
    examples: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    @property
    def megabytes(self) -> float:
        return self.bytes / 1e6


def measure_family(family: Family, folder: Path, seed: int) -> Score:
    """The family's files written, read and scored, added up."""
    total = Score()
    for number in range(family.files):
        path = folder / f"{family.name.replace(' ', '_').replace('/', '_')}_{number}{family.suffix}"
        wanted = family.write(path, Scribe(f"{seed} {family.name} {number}", family.latin_only))
        total.add(_score_file(path, folder, wanted, family.normal))
    return total


def measure_natural(folder: Path) -> Score | None:
    if (found := riddles()) is None:
        return None
    path = folder / "riddles.txt"
    path.write_text(found[0], "utf-8")
    return _score_file(path, folder, found[1], gold.exact)


def _score_file(path: Path, folder: Path, wanted: Sequence[Gold], normal: Normal) -> Score:
    try:
        document = read_document(path, folder)
    except IngestionError as error:
        lost = score([], wanted, normal)
        lost.misses.insert(0, f"not read: {error}")
        return lost
    _, first = _timed(document)
    conversations, again = _timed(document)
    result = score(texts(conversations, document), wanted, normal)
    result.seconds, result.bytes = min(first, again), _size(document)
    result.unproven = count_unproven(conversations, document)
    result.misses = [f"{path.name}: {miss}" for miss in result.misses]
    return result


def measure_negatives(folder: Path, seed: int) -> Negatives:
    result = Negatives()
    for name, path in write_negatives(folder, seed).items():
        try:
            document = read_document(path, folder)
        except IngestionError:
            result.unread += 1
            continue
        conversations, seconds = _timed(document)
        result.slowest = max(result.slowest, (seconds, name))
        result.seconds += seconds
        result.files += 1
        result.bytes += _size(document)
        result.false += len(conversations)
        result.unproven += count_unproven(conversations, document)
        for one in conversations:
            turns = [f"        {turn.role}: {turn.text(document)[:160]!r}" for turn in one.turns[:4]]
            result.examples.append("\n".join([f"{name} ({one.recogniser}, {len(one.turns)} turns)", *turns]))
    return result


def _timed(document: Document) -> tuple[list[Conversation], float]:
    """What is found, and the CPU seconds it took."""
    started = time.process_time()
    return find_conversations(document), time.process_time() - started


def _size(document: Document) -> int:
    return len(document.text.encode("utf-8", "replace"))
