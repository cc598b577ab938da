"""The links from a sample to its document: the file, the place, the spans and the chunk, read anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from src.agents.grounding import find_quote
from src.config.settings import IngestionSettings
from src.errors import IngestionError
from src.ingestion.document_reader import hash_file, stays_inside
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.file_processor import read_files
from src.pipeline.orchestrator import reading_plan
from src.pipeline.run_plan import Workspace
from src.pipeline.tracing.finding import Found
from src.pipeline.tracing.steps import Step, first_problem, shortened
from src.records import Document, Message, Origin, RunReport, Span, chunk_span


@dataclass(frozen=True, slots=True)
class Source:
    """The document of a sample, None with the `problem` where it could not be read; `step` is its link."""

    step: Step
    document: Document | None
    problem: str = ""


def find_source(found: Found, workspace: Workspace, passwords: Mapping[str, str]) -> Source:
    """Compare the source file with its hash, and read its text again (or take it from the cache)."""
    origin = found.origin
    digest, _, _ = origin.document_id.partition(".")
    value = f"{origin.source_file}, SHA-256 {digest or 'not known'}"
    path = workspace.input_dir / origin.source_file
    problem = _missing(path, workspace.input_dir, origin)
    if problem:
        return Source(Step("document", value, "not possible", problem), None, "the document is not here")
    try:
        now = hash_file(path)
    except IngestionError as error:
        return Source(Step("document", value, "not possible", str(error)), None, "the document cannot be read")
    if now != digest:
        remark = f"{path} was changed since: its SHA-256 is {now}"
        return Source(Step("document", value, "differs", remark), None, "the document was changed")
    step = Step("document", value, "verified", f"{path} has this hash")
    document, problem = _read_again(path, origin.document_id, found.ingestion, workspace, passwords)
    return Source(step, document, problem)


def place_step(origin: Origin, source: Source) -> Step:
    """The place a person would look up: of a made sample that of its passage, of an identified one that of its span."""
    if origin.span is None or source.document is None:
        return Step("place", origin.place, "not possible", source.problem or "the sample has no span")
    here = source.document.place_of(origin.span)
    if here == origin.place:
        return Step("place", origin.place, "verified", "the span stands there")
    chunk = chunk_span(origin.chunk_id)
    if chunk is not None and source.document.place_of(chunk) == origin.place:
        return Step("place", origin.place, "verified", f"the passage stands there, the span in it at {here}")
    return Step("place", origin.place, "differs", f"read anew, the span stands at {here}")


def span_step(found: Found, quote: str | None, source: Source) -> Step:
    """The characters: of an identified sample every turn, of a created one the quote that its answer gave."""
    origin = found.origin
    if origin.span is None:
        return Step("span", "none", "not possible", "the sample was stored without one")
    value = f"characters {origin.span.start:,} to {origin.span.end:,}"
    if source.document is None:
        return Step("span", value, "not possible", source.problem)
    text = source.document.text_of(origin.span)
    if not text.strip() or origin.span.end > len(source.document.text):
        return Step("span", value, "differs", "the document has no text there")
    if origin.method == "identified":
        return _turns_step(value, origin, found.messages, source.document)
    if origin.method == "free":
        return Step("span", value, "verified", f"the whole passage: {shortened(text)}")
    if origin.method == "edited":
        remark = f"the sample was edited afterwards (from {origin.edited_from}); there stands: {shortened(text)}"
        return Step("span", value, "not possible", remark)
    if quote is None:
        return Step(
            "span", value, "not possible", f"the quote is in the journal alone; there stands: {shortened(text)}"
        )
    if _quoted(quote, origin, source.document, found.threshold):
        return Step("span", value, "verified", f"the quote stands there: {shortened(text)}")
    return Step("span", value, "differs", f"the quote was {shortened(quote)}; there stands: {shortened(text)}")


def chunk_step(origin: Origin, source: Source) -> Step:
    """The passage: its name says of which document and which characters it is, and it holds the span."""
    if not origin.chunk_id:
        return Step("chunk", "none")
    chunk = chunk_span(origin.chunk_id)
    if chunk is None or origin.span is None:
        return Step("chunk", origin.chunk_id, "not possible", "its name does not say where it stands")
    if source.document is None:
        return Step("chunk", origin.chunk_id, "not possible", source.problem)
    inside = chunk.start <= origin.span.start <= origin.span.end <= chunk.end <= len(source.document.text)
    if origin.chunk_id.partition(":")[0] != source.document.short_id or not inside:
        return Step("chunk", origin.chunk_id, "differs", "it does not hold the span")
    return Step("chunk", origin.chunk_id, "verified", "it stands in the document and holds the span")


def _missing(path: Path, root: Path, origin: Origin) -> str:
    if not origin.document_id:
        return "the sample was stored without its document's hash"
    if not stays_inside(path, root):
        return f"it does not lie in {root}"
    return "" if path.is_file() else f"missing: there is no such file in {root}; give --input where it is now"


def _read_again(
    path: Path,
    document_id: str,
    ingestion: IngestionSettings,
    workspace: Workspace,
    passwords: Mapping[str, str],
) -> tuple[Document | None, str]:
    """The document of this id, or why there is none. Read as the run read it, in a process of its own."""
    report = RunReport()
    plan = replace(reading_plan(ingestion), passwords=passwords)
    cache = ExtractCache.open(workspace.extracts)
    (extract,) = read_files([path], workspace.input_dir, report, cache, plan)
    if extract is None:
        return None, f"its text cannot be read: {first_problem(issue.message for issue in report.issues)}"
    for document in extract.documents():
        if document.id == document_id:
            return document, ""
    return None, f"the file is read in {len(extract.contents.parts)} part(s) now, this one is not among them"


def _turns_step(value: str, origin: Origin, messages: tuple[Message, ...] | None, document: Document) -> Step:
    if messages is None:
        return Step("span", value, "not possible", "the export does not give the messages")
    turns = [message for message in messages if message.role != "system"]
    if len(turns) != len(origin.turn_spans):
        return Step("span", value, "differs", f"{len(turns)} turns, {len(origin.turn_spans)} of them with spans")
    problem = first_problem(_unlike(turns, origin, document))
    if problem:
        return Step("span", value, "differs", problem)
    return Step("span", value, "verified", f"{len(turns)} turns stand there word for word")


def _unlike(turns: list[Message], origin: Origin, document: Document) -> Iterator[str]:
    for number, (turn, pieces) in enumerate(zip(turns, origin.turn_spans, strict=True), 1):
        there = "\n".join(document.text_of(piece) for piece in pieces)
        if there != turn.content:
            yield f"turn {number} is {shortened(turn.content)}; in the document stands: {shortened(there)}"


def _quoted(quote: str, origin: Origin, document: Document, threshold: float) -> bool:
    """Whether the quote, looked for in its passage again, is found at these very characters."""
    chunk = chunk_span(origin.chunk_id)
    if chunk is None:
        return False
    there = find_quote(quote, document.text_of(chunk), threshold)
    return there is not None and Span(chunk.start + there.start, chunk.start + there.end) == origin.span
