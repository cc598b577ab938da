"""Find conversations on pages with numbered lines, as depositions and hearings are printed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from src.agents.recognisers.conversation import Conversation, Turn
from src.agents.recognisers.labelled.labelled_turns import find_labelled_turns
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.speaker_turns import find_speaker_turns
from src.agents.recognisers.roles import Roles
from src.records import Block, Document, Span

NAME = "line-numbered transcripts"

_LINE = re.compile(r"\n[ \t]{0,12}(?P<number>\d{1,2})(?P<space>[ \t]{1,60}|(?=\n|\Z))(?P<said>[^\n]{0,400})")
_SPEECH = re.compile(r"(?:[QA][.:]?[ \t]|(?:MR|MS|MRS|DR)\.? [A-Z]|THE (?:WITNESS|COURT))")
_CENTRED = re.compile(r"[^a-z]{3,60}\Z")
_LABEL = re.compile(r"(?:[QA][.:]?[ \t]|[^\n]{1,40}:)")
_MOST_LINES = 60  # on a page
_LEAST_LINES = 6
_LEAST_PAGE = 10  # lines before the numbers may begin again


@dataclass(frozen=True, slots=True)
class _Printed:
    """A printed line: where its words stand in the document."""

    start: int
    end: int
    number: int
    indent: int


def find_depositions(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """Conversations of labelled turns in the text without its line numbers and page headers.

    The words of each printed line are a piece of their own, so that neither number nor header is in a turn.
    """
    document = layout.document
    for pages in _numbered_pages(layout.scan, document.text):
        text, starts, lines = _as_plain_text(document.text, pages)
        plain = Layout(Document(document.id, document.source_file, (Block(text, "paragraph", "", 0),)))
        found = list(find_labelled_turns(plain, roles)) or list(find_speaker_turns(plain, roles))
        for conversation in found:
            yield _at_home(conversation, starts, lines)


def _numbered_pages(scan: str, text: str) -> Iterator[list[_Printed]]:
    """Stretches of numbered lines that count up from 1, page after page, with speech in them."""
    matches = list(_LINE.finditer(scan))
    if sum(_SPEECH.match(match["said"]) is not None for match in matches) < 2:
        return
    lines = [_printed(match) for match in matches]
    stretch: list[_Printed] = []
    for line in lines:
        follows = bool(stretch) and line.number == stretch[-1].number + 1
        new_page = line.number == 1 and (not stretch or stretch[-1].number >= _LEAST_PAGE)
        if stretch and not follows and not new_page:
            yield from _worthwhile(text, stretch)
            stretch = []
        if follows or new_page or not stretch:
            stretch.append(line)
    yield from _worthwhile(text, stretch)


def _printed(match: re.Match[str]) -> _Printed:
    said = match["said"].rstrip()
    start = match.start("said") - 1
    return _Printed(start, start + len(said), int(match["number"]), len(match["space"].expandtabs(8)))


def _worthwhile(text: str, stretch: list[_Printed]) -> Iterator[list[_Printed]]:
    speech = sum(_SPEECH.match(text, line.start, line.end) is not None for line in stretch)
    if len(stretch) >= _LEAST_LINES and speech >= 2 and max(line.number for line in stretch) <= _MOST_LINES:
        yield stretch


def _as_plain_text(text: str, lines: Sequence[_Printed]) -> tuple[str, list[int], list[_Printed]]:
    """The words of the lines one below the other, where each begins there, and the lines that were kept.

    Centred capitals and remarks in brackets stand as paragraphs of their own or fall away: nobody says them.
    """
    parts: list[str] = []
    starts: list[int] = []
    kept: list[_Printed] = []
    position = 0
    in_remark = False
    margin = sorted(line.indent for line in lines)[len(lines) // 4]
    for line in lines:
        said = text[line.start : line.end]
        in_remark = in_remark or _is_remark(said, line, margin, parts)
        if in_remark:
            in_remark = not said.endswith((")", "]", ").", ".)"))
            continue
        if not said:
            continue
        alone = _CENTRED.match(said) is not None and not _LABEL.match(said) and line.indent > margin + 3
        shown = f"\n{said}\n\n" if alone else f"{said}\n"
        starts.append(position + alone)
        kept.append(line)
        parts.append(shown)
        position += len(shown)
    return "".join(parts), starts, kept


def _is_remark(said: str, line: _Printed, margin: int, parts: Sequence[str]) -> bool:
    """Whether a line opens a remark of the reporter: in brackets, indented, after a finished sentence."""
    if not said.startswith(("(", "[")) or line.indent <= margin + 2:
        return False
    return not parts or parts[-1].rstrip().endswith((".", "?", "!", ":", "--", "-", ")"))


def _at_home(conversation: Conversation, starts: Sequence[int], lines: Sequence[_Printed]) -> Conversation:
    """The conversation with its spans in the document they came from."""

    def spans(piece: Span) -> Iterator[Span]:
        place = max(0, bisect_right(starts, piece.start) - 1)
        while place < len(lines) and starts[place] < piece.end:
            line, begin = lines[place], starts[place]
            start = line.start + max(0, piece.start - begin)
            end = min(line.end, line.start + piece.end - begin)
            if end > start:
                yield Span(start, end)
            place += 1

    turns = tuple(Turn(t.role, tuple(s for piece in t.pieces for s in spans(piece))) for t in conversation.turns)
    context = tuple(s for piece in conversation.context for s in spans(piece))
    return replace(conversation, turns=turns, context=context, recogniser=NAME)
