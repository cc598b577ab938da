"""Find the conversations that stand in a document, word for word."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from src.agents.recognisers.conversation import Conversation
from src.agents.recognisers.dialogue_tables import find_dialogue_tables
from src.agents.recognisers.exports.chat_json import find_json_conversations
from src.agents.recognisers.exports.chat_logs import find_chat_logs
from src.agents.recognisers.exports.email_threads import find_email_threads
from src.agents.recognisers.exports.labelled_cells import find_labelled_cells
from src.agents.recognisers.exports.subtitles import find_subtitle_speakers
from src.agents.recognisers.labelled.labelled_turns import find_labelled_turns
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.speaker_turns import find_speaker_turns
from src.agents.recognisers.labelled.tagged_turns import find_tagged_turns
from src.agents.recognisers.questions.numbered_questions import find_numbered_questions
from src.agents.recognisers.questions.question_headings import find_question_headings
from src.agents.recognisers.roles import Roles
from src.agents.recognisers.table_columns import find_table_conversations
from src.agents.recognisers.transcripts.depositions import find_depositions
from src.agents.recognisers.transcripts.screenplays import find_screenplays
from src.records import Document, Span

Recogniser = Callable[[Document, Roles], Iterator[Conversation]]
TextRecogniser = Callable[[Layout, Roles], Iterator[Conversation]]

# Both in order of trust: what an earlier line found is not given to a later one.
# These know the form of the source: cells, messages, headers.
RECOGNISERS: tuple[Recogniser, ...] = (
    find_json_conversations,
    find_table_conversations,
    find_dialogue_tables,
    find_labelled_cells,
    find_subtitle_speakers,
    find_email_threads,
    find_chat_logs,
)
# These read text, from one Layout of the document. Those of one line read the same labels in different ways: of two
# that overlap, the better one is kept, see _best.
TEXT_RECOGNISERS: tuple[tuple[TextRecogniser, ...], ...] = (
    (find_tagged_turns,),
    (find_depositions,),
    (find_screenplays,),
    (find_labelled_turns, find_speaker_turns),
    (find_question_headings,),
    (find_numbered_questions,),
)


class _Found(NamedTuple):
    span: Span
    conversation: Conversation


def find_conversations(document: Document, min_turns: int = 2, roles: Roles | None = None) -> list[Conversation]:
    """The conversations of a document in the order of its text, none overlapping another.

    All turns of a conversation are given, whoever speaks first or last. `min_turns` counts user and assistant
    turns. Every turn is a span of `document.text`; nothing is rewritten. `roles` is what the user chose for the
    speakers.
    """
    chosen = roles or Roles()
    layout = Layout(document)
    found: list[_Found] = []
    for recognise in RECOGNISERS:
        _add(found, _spanned(recognise(document, chosen)), layout)
    # A table or an export has nothing but cells, and the recognisers of text pass over them.
    for recognisers in TEXT_RECOGNISERS if _has_text(document) else ():
        if recognisers is not TEXT_RECOGNISERS[0] and not layout.has_room():
            break  # only tags may stand in one line
        _add(found, _best([one for find in recognisers for one in _spanned(find(layout, chosen))]), layout)
    in_order = (one.conversation for one in sorted(found, key=lambda one: one.span.start))
    return [one for one in in_order if sum(turn.role != "system" for turn in one.turns) >= min_turns]


def _has_text(document: Document) -> bool:
    return any(not block.cells and block.kind != "heading" for block in document.blocks)


def overlaps(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a span shares a character with one of `taken`, which are sorted and do not overlap each other."""
    place = bisect_left(taken, span.end, key=lambda other: other.start)
    return place > 0 and taken[place - 1].end > span.start


def _spanned(conversations: Iterable[Conversation]) -> list[_Found]:
    return [_Found(one.span, one) for one in conversations]


def _add(found: list[_Found], fresh: Sequence[_Found], layout: Layout) -> None:
    """Keep what does not overlap anything found before."""
    if fresh:
        taken = sorted((one.span for one in found), key=lambda span: span.start)
        kept = [one for one in fresh if not overlaps(one.span, taken)]
        found += kept
        layout.take(one.span for one in kept)


def _best(found: Sequence[_Found]) -> list[_Found]:
    """Of conversations that overlap the longest; of two that are about equally long the one with more turns."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: one.span.start):
        while kept and kept[-1].span.end > one.span.start and _is_better(one, kept[-1]):
            kept.pop()
        if not kept or kept[-1].span.end <= one.span.start:
            kept.append(one)
    return kept


def _is_better(one: _Found, other: _Found) -> bool:
    length, others = (found.span.end - found.span.start for found in (one, other))
    if abs(length - others) * 5 < max(length, others):
        return len(one.conversation.turns) > len(other.conversation.turns)
    return length > others
