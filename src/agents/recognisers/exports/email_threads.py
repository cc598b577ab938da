"""Find the letters of an e-mail thread, quoted or below header lines, oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from src.agents.recognisers.conversation import Conversation, trimmed
from src.agents.recognisers.exports.mail_lines import (
    SEPARATOR,
    MailLine,
    Writer,
    has_signs,
    header_block,
    introduction,
    is_header,
    is_signature,
    mail_lines,
)
from src.agents.recognisers.exports.utterances import Said, conversation, speakers_of
from src.agents.recognisers.roles import Roles
from src.records import Document, Span

NAME = "e-mail threads"
_LONGEST_LETTER = 3_000  # characters; where nothing tells who wrote the newest letter, more is a document that quotes
_MOST_WRITERS = 12  # a longer list of them is a digest or an archive


@dataclass(slots=True)
class _Letter:
    """One letter at a quote depth. `headed` by header lines, so that it may follow without quote marks."""

    writer: Writer
    depth: int
    headed: bool


@dataclass(slots=True)
class _Chunk:
    letter: _Letter
    lines: list[MailLine] = field(default_factory=list)
    signed: bool = False  # what follows is the signature


def find_email_threads(document: Document, roles: Roles) -> Iterator[Conversation]:
    """Threads of at least two letters by two writers; who wrote first is the user.

    Letters come in the order of writing. An answer that stands between quoted lines follows what it answers.
    Quote marks, introductions ("On ... wrote:"), header lines, signatures and legal notices are outside the turns.
    """
    if all(block.cells for block in document.blocks) or not has_signs(document.text):
        return
    subjects = _subjects(document)
    letters, chunks = _read([line for line in mail_lines(document.text) if line.start not in subjects])
    by_letter: dict[int, list[tuple[int, _Chunk]]] = {}
    for number, chunk in enumerate(chunks):
        by_letter.setdefault(id(chunk.letter), []).append((number, chunk))
    for thread in _threads(letters):
        own = sorted((item for letter in thread for item in by_letter.get(id(letter), ())), key=lambda item: item[0])
        found = _conversation(document, thread, [chunk for _, chunk in own], roles)
        if found is not None:
            yield found


def _subjects(document: Document) -> set[int]:
    """Where the headings stand that a reader of e-mail makes of the subject, above a note with the header."""
    return {one.start for one, other in pairwise(document.blocks) if one.kind == "heading" and other.kind == "note"}


def _read(lines: Sequence[MailLine]) -> tuple[list[_Letter], list[_Chunk]]:
    """The letters in the order in which they begin, and all chunks in the order of the text."""
    letters = [_Letter(Writer("", sure=False), 0, headed=False)]
    open_letters = {0: letters[0]}  # by quote depth
    chunks: list[_Chunk] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        found = header_block(lines, at)
        intro = None if found else introduction(lines, at)
        if found:
            _drop_headers(chunks, line)
            letter = _Letter(found[0], line.depth, headed=True)
            letters.append(letter)
            open_letters[line.depth] = letter
            at += found[1]
            continue
        if intro:
            _announce(lines, at + intro[1], line.depth, intro[0], letters, open_letters)
            at += intro[1]
            continue
        if SEPARATOR.match(line.text):
            chunks.append(_Chunk(open_letters.get(line.depth, letters[0]), signed=True))
            at += 1
            continue
        letter = _letter_at(line.depth, letters, open_letters)
        if line.text.strip():
            if not chunks or chunks[-1].letter is not letter:
                chunks.append(_Chunk(letter))
            _add(chunks[-1], line)
        at += 1
    return letters, chunks


def _drop_headers(chunks: Sequence[_Chunk], line: MailLine) -> None:
    """Take the header lines just above From: out of the letter that ends there."""
    below = line
    while (
        chunks and chunks[-1].lines and chunks[-1].lines[-1].end + 1 == below.start and is_header(chunks[-1].lines[-1])
    ):
        below = chunks[-1].lines.pop()


def _announce(
    lines: Sequence[MailLine],
    below: int,
    depth: int,
    writer: Writer,
    letters: list[_Letter],
    open_letters: dict[int, _Letter],
) -> None:
    """Open the letter that an introduction announces: the lines quoted below it, else all that follows."""
    while below < len(lines) and not lines[below].text.strip():
        below += 1
    if below >= len(lines):
        return
    deeper = lines[below].depth > depth
    if not deeper and not writer.opens_letter:
        return
    letter = _Letter(writer, lines[below].depth if deeper else depth, headed=not deeper)
    letters.append(letter)
    open_letters[letter.depth] = letter


def _letter_at(depth: int, letters: list[_Letter], open_letters: dict[int, _Letter]) -> _Letter:
    """The letter that lines of this depth belong to; quoted lines without introduction are of an unknown writer."""
    for deeper in [other for other in open_letters if other > depth + 1]:
        del open_letters[deeper]
    if depth not in open_letters:
        letter = _Letter(Writer("", sure=False), depth, headed=False)
        letters.append(letter)
        open_letters[depth] = letter
    return open_letters[depth]


def _add(chunk: _Chunk, line: MailLine) -> None:
    chunk.signed = chunk.signed or is_signature(line)
    if not chunk.signed:
        chunk.lines.append(line)


def _threads(letters: Sequence[_Letter]) -> Iterator[list[_Letter]]:
    """Letters below headers of another subject begin another thread."""
    thread: list[_Letter] = []
    subject = ""
    for letter in letters:
        other = letter.headed and letter.depth == 0 and letter.writer.subject
        if other and subject and letter.writer.subject != subject:
            yield thread
            thread = []
        subject = letter.writer.subject if other else subject
        thread.append(letter)
    yield thread


def _conversation(
    document: Document, letters: Sequence[_Letter], chunks: Sequence[_Chunk], roles: Roles
) -> Conversation | None:
    with_text = {id(chunk.letter) for chunk in chunks if chunk.lines}
    written = [letter for letter in letters if id(letter) in with_text]
    if len(written) < 2 or not _is_thread(document, written, chunks):
        return None
    oldest_first = written if _ascending(written) else written[::-1]
    names = _names(oldest_first)
    place = {id(letter): number for number, letter in enumerate(oldest_first)}
    order = _in_text_order(written, chunks) or sorted(chunks, key=lambda chunk: place.get(id(chunk.letter), 0))
    said = [
        Said(names[id(chunk.letter)], pieces) for chunk in order if chunk.lines and (pieces := _pieces(document, chunk))
    ]
    if len({one.speaker for one in said}) < 2:
        return None
    first = [Said(names[id(letter)], ()) for letter in oldest_first]
    return conversation(said, roles, NAME, speakers=speakers_of(first, roles))


def _is_thread(document: Document, letters: Sequence[_Letter], chunks: Sequence[_Chunk]) -> bool:
    """Whether these are letters, and not a text that quotes: some writer is named, and no letter is a book."""
    named = [letter for letter in letters if letter.writer.name or letter.writer.address]
    if not named or len({letter.writer.address or letter.writer.name for letter in named}) > _MOST_WRITERS:
        return False
    if letters[0].headed:
        return True
    own = [line for chunk in chunks if chunk.letter is letters[0] for line in chunk.lines]
    size = sum(len(line.text) for line in own)
    headings = any(document.block_at(line.start).kind in ("heading", "title") for line in own)
    return any(letter.writer.sure for letter in named) and size < _LONGEST_LETTER and not headings


def _ascending(letters: Sequence[_Letter]) -> bool:
    """Whether letters below header lines stand oldest first."""
    times = [letter.writer.at for letter in letters if letter.headed and letter.depth == 0]
    dated = [at for at in times if at is not None]
    return len(dated) == len(times) > 1 and dated[0] < dated[-1] and all(a <= b for a, b in pairwise(dated))


def _in_text_order(letters: Sequence[_Letter], chunks: Sequence[_Chunk]) -> list[_Chunk] | None:
    """The chunks as they stand, where answers stand below what they answer; None where the newest letter is on top."""
    if any(letter.headed for letter in letters[1:]):
        return None
    spoken = [chunk for chunk in chunks if chunk.lines]
    below = [b for a, b in pairwise(spoken) if b.letter.depth < a.letter.depth]
    return list(spoken) if below else None


def _names(letters: Sequence[_Letter]) -> dict[int, str]:
    """A speaker's name for each letter: one for all spellings with the same address.

    Where the newest letter has no header, its writer is who wrote before the last one.
    """
    by_key: dict[str, str] = {}
    names: dict[int, str] = {}
    for letter in letters:
        writer = letter.writer
        keys = [key for key in (writer.address, writer.name.lower()) if key]
        known = next((by_key[key] for key in keys if key in by_key), writer.name or writer.address)
        by_key.update(dict.fromkeys(keys, known))
        names[id(letter)] = known
    for number, letter in enumerate(letters):
        if not names[id(letter)]:
            before = names[id(letters[number - 2])] if number > 1 else ""
            neighbour = names[id(letters[number - 1])] if number else ""
            names[id(letter)] = before if before and before != neighbour else f"writer {number + 1}"
    return names


def _pieces(document: Document, chunk: _Chunk) -> tuple[Span, ...]:
    """The lines as pieces: one for lines that follow each other without quote marks."""
    pieces: list[Span] = []
    for quoted, group in groupby(chunk.lines, key=lambda line: line.depth > 0):
        lines = list(group)
        spans = (
            [trimmed(document, line.start, line.end) for line in lines]
            if quoted
            else [trimmed(document, lines[0].start, lines[-1].end)]
        )
        pieces += [span for span in spans if span]
    return tuple(pieces)
