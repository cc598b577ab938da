"""Cut a Document into Chunks that fit a token budget: at headings, then paragraphs, sentences, words, characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from src.records import Block, Document, Span

# A full stop, question mark or the end of a line, with the quotation marks and brackets that close behind it.
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_]*(?=\s)|[。！？]|\S(?=[^\S\n]*\n)")
_SPACE = re.compile(r"\s")
_UNDERLINE = re.compile(r"\n(={3,}|-{3,})$")
_HEADINGS = ("heading", "title")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: `document.text[span.start:span.end] == text`. `heading` is the nearest one above."""

    id: str
    document_id: str
    source_file: str
    text: str
    span: Span
    place: str
    heading: str


def chunk_document(
    document: Document, max_tokens: int, count_tokens: Callable[[str], int], overlap_tokens: int = 0
) -> list[Chunk]:
    """The document's text in order, each chunk of at most `max_tokens`; only white space falls between them.

    A heading begins a new chunk; a row that fits is never torn. With `overlap_tokens` a chunk begins with the
    last whole sentences of the one before, up to that many tokens, unless its own first sentence would not fit.
    Raises ValueError when the budget cannot hold a single character or is not larger than the overlap.
    """
    if max_tokens < 1 or not 0 <= overlap_tokens < max_tokens:
        raise ValueError(f"max_tokens={max_tokens} must be at least 1 and more than overlap_tokens={overlap_tokens}")
    budget = _Budget(document.text, max_tokens, overlap_tokens, count_tokens)
    return [
        _chunk(document, span, section.heading)
        for section in _sections(document)
        for span in _pack(budget, list(_atoms(budget, section.blocks)))
    ]


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    blocks: tuple[Block, ...]


def _sections(document: Document) -> Iterator[_Section]:
    """The blocks from one heading to the next; a title and the heading right below it stay together."""
    heading = ""
    blocks: list[Block] = []
    for block in document.blocks:
        is_heading = block.kind in _HEADINGS
        if is_heading and blocks and blocks[-1].kind not in _HEADINGS:
            yield _Section(heading, tuple(blocks))
            blocks = []
        heading = _heading_text(block.text) if is_heading else heading
        blocks.append(block)
    if blocks:
        yield _Section(heading, tuple(blocks))


def _heading_text(text: str) -> str:
    """The heading on one line, without the number signs or the underline that mark it in a text file."""
    return " ".join(_UNDERLINE.sub("", text).strip().lstrip("#").split())


def _chunk(document: Document, span: Span, heading: str) -> Chunk:
    identity = f"{document.short_id}:{span.start}-{span.end}"
    text = document.text_of(span)
    return Chunk(identity, document.id, document.source_file, text, span, document.place_of(span), heading)


@dataclass(frozen=True, slots=True)
class _Budget:
    """The text to cut and what it is measured with."""

    text: str
    limit: int
    overlap: int
    count: Callable[[str], int]

    def tokens(self, start: int, end: int) -> int:
        return self.count(self.text[start:end])

    def trim(self, start: int, end: int) -> Span:
        """The range without the white space at its ends."""
        part = self.text[start:end]
        return Span(start + len(part) - len(part.lstrip()), start + len(part.rstrip()))


@dataclass(frozen=True, slots=True)
class _Atom:
    """A block, or a part of one that is too long; it fits the budget."""

    start: int
    end: int
    tokens: int


def _atoms(budget: _Budget, blocks: Sequence[Block]) -> Iterator[_Atom]:
    for block in blocks:
        span = budget.trim(block.start, block.end)
        tokens = budget.tokens(span.start, span.end)
        if tokens <= budget.limit:
            yield _Atom(span.start, span.end, tokens)
        else:
            for sentence in _sentences(budget, span):
                yield from _words(budget, sentence)


def _sentences(budget: _Budget, span: Span) -> Iterator[Span]:
    start = span.start
    for match in _SENTENCE_END.finditer(budget.text, span.start, span.end):
        yield budget.trim(start, match.end())
        start = match.end()
    rest = budget.trim(start, span.end)
    if rest.start < rest.end:
        yield rest


def _words(budget: _Budget, span: Span) -> Iterator[_Atom]:
    """The span, halved at white space near its middle (within a word where there is none) until the parts fit."""
    tokens = budget.tokens(span.start, span.end)
    if tokens <= budget.limit:
        yield _Atom(span.start, span.end, tokens)
    elif span.end - span.start == 1:
        raise ValueError(f"max_tokens={budget.limit} cannot hold the single character {budget.text[span.start]!r}")
    else:
        middle = _middle(budget.text, span)
        yield from _words(budget, budget.trim(span.start, middle))
        yield from _words(budget, budget.trim(middle, span.end))


def _middle(text: str, span: Span) -> int:
    middle = (span.start + span.end) // 2
    after = _SPACE.search(text, middle, span.end)
    before = max(text.rfind(" ", span.start, middle), text.rfind("\n", span.start, middle))
    candidates = [at for at in (before, after.start() if after else -1) if at > 0]
    return min(candidates, key=lambda at: abs(at - middle), default=middle)


def _pack(budget: _Budget, atoms: Sequence[_Atom]) -> Iterator[Span]:
    """As many atoms as fit, one span after the other. Token counts do not add up, so the packed text is counted."""
    first, before = 0, None
    while first < len(atoms):
        room = budget.limit - (budget.overlap if before else 0)
        last = _guess(atoms, first, room)
        while last > first and budget.tokens(atoms[first].start, atoms[last].end) > room:
            last -= 1
        span = Span(atoms[first].start, atoms[last].end)
        before = Span(_overlap_start(budget, before, span), span.end) if before else span
        yield before
        first = last + 1


def _guess(atoms: Sequence[_Atom], first: int, room: int) -> int:
    last, tokens = first, atoms[first].tokens
    while last + 1 < len(atoms) and tokens + atoms[last + 1].tokens + 1 <= room:  # one token for the gap
        last += 1
        tokens += atoms[last].tokens + 1
    return last


def _overlap_start(budget: _Budget, before: Span, span: Span) -> int:
    """Where the last sentences of the chunk before begin that fit the overlap and leave the new chunk in budget."""
    start = span.start
    if budget.overlap:
        for sentence in reversed(list(_sentences(budget, before))):
            too_long = budget.tokens(sentence.start, before.end) > budget.overlap
            if sentence.start == before.start or too_long or budget.tokens(sentence.start, span.end) > budget.limit:
                break
            start = sentence.start
    return start
