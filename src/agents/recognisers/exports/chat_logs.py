"""Find chats kept as text: WhatsApp, Telegram, Slack, Teams, Discord, IRC and messengers' logs, and call transcripts.

Each message begins with a line that tells who speaks and when; what follows up to the next such line is said.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from src.agents.recognisers.conversation import Conversation, looks_like_title, trimmed
from src.agents.recognisers.exports.clocks import DATE, clock_times
from src.agents.recognisers.exports.log_heads import (
    DAY,
    FORMS,
    LONGEST_HEAD,
    SHARED_FORMS,
    TICKET_FORMS,
    Head,
    heads_of,
)
from src.agents.recognisers.exports.message_lists import told_role
from src.agents.recognisers.exports.utterances import Said, between_silences, conversations
from src.agents.recognisers.roles import Roles
from src.records import Document, Span

NAME = "chat logs"
_MOST_ABOVE = 800  # characters: a title, or the fields of a ticket
_SENTENCE = re.compile(r"\w \w[^\n]{0,400}[.!?][ \t]*$", re.MULTILINE)
_ALONE = re.compile(r"\n[ \t]*\n(?P<line>[^\n]{1,60})(?=\n[ \t]*\n|\Z)")
_SPACE = re.compile(r"\s*")
_RULER = re.compile(r"\n[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t]*\n")
_NO_TEXT = re.compile(
    r"<[^<>\n]{3,60}>$|\u200e|(?:This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|"
    r"Se eliminó este mensaje|Ce message a été supprimé|Missed (?:voice|video) call|Waiting for this message|"
    r"Messages and calls are end-to-end encrypted)\b|(?:image|video|audio|sticker|GIF|document|Contact card) omitted$|"
    r"[^\n]{1,120} \((?:file attached|Datei angehängt|archivo adjunto|fichier joint|file allegato|arquivo anexado|"
    r"bestand bijgevoegd)\)$|null$",
)
_EDITED = re.compile(
    r"[ \t]?\u200e?(?:<This message was edited>|<Diese Nachricht wurde bearbeitet\.?>|\(edited\))\s*\Z"
)
_MONTH = (
    r"(?i:jan|feb|fév|m[aä]r|a[pvb]r|ma[iyg]|jun|jul|giu|lug|aug|ago|sep|set|o[ck]t|ott|nov|de[cz]|dic|déc|ene|gen)"
    r"\w{0,7}"
)
# The day that programs put between messages: alone between blank lines or between dashes.
_DAY_LINE = re.compile(
    rf"(?:\n[ \t]*\n|\n[-–—=]{{2,20}})[ \t]{{0,20}}"
    rf"(?:{DAY}|(?:\w{{3,10}},? )?(?:{DATE}|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?|"
    rf"\d{{1,2}}\.? {_MONTH}))[-–—=\s]{{0,20}}\Z"
)
_ASKS = re.compile(r"[?？؟](?:\s|\Z)|[？؟]")


@dataclass(frozen=True, slots=True)
class _Message:
    """A message and what is said in it; None for a notice, a place of media and an empty one."""

    head: Head
    span: Span | None


def find_chat_logs(document: Document, roles: Roles) -> Iterator[Conversation]:
    """Chats whose messages begin with a speaker and a time (or with <nick>), cut at long silences.

    Notices, deleted messages and places of media are no turns. A form that other texts share, as "[10:32] name:"
    in logs, counts only where the names look like people's and come again.
    """
    if all(block.cells for block in document.blocks):
        return  # a table's lines begin with the names of its columns
    heads = _frequent(heads_of(document.text))
    if not heads:
        return
    breaks = _breaks(document)
    runs = list(_runs(heads, breaks))
    for number, run in enumerate(runs):
        alone = len(runs) == 1 and _is_all_there_is(document, run, breaks)
        if run[0].form in SHARED_FORMS and not alone:
            continue  # left to the recogniser of speakers in documents
        following = runs[number + 1][0].line if number + 1 < len(runs) else len(document.text)
        whole = alone or (not number and _is_all_there_is(document, run, []))
        messages = _messages(document, run, int(min(_next(breaks, run[-1].text), following)), whole)
        if not _is_chat(document, run[0].form, messages):
            continue
        times = clock_times([message.head.clock for message in messages])
        told = {name: told_role(name, roles) for name in {message.head.name for message in messages}}
        said = [
            Said(message.head.name, (message.span,), told[message.head.name], at)
            for message, at in zip(messages, times, strict=True)
            if message.span
        ]
        groups = [said] if run[0].form in TICKET_FORMS else list(between_silences(said))
        yield from conversations(groups, roles, NAME)


def _breaks(document: Document) -> list[int]:
    """Where headings and rulers stand, which no message holds."""
    found = [block.start for block in document.blocks if block.kind in ("heading", "title")]
    return sorted([*found, *(match.start() for match in _RULER.finditer(document.text))])


def _runs(heads: Sequence[Head], breaks: Sequence[int]) -> Iterator[list[Head]]:
    """Heads of one form in a row, without a break between."""
    run: list[Head] = []
    for head in heads:
        if run and (run[-1].form != head.form or _next(breaks, run[-1].text) < head.line):
            yield run
            run = []
        run.append(head)
    if run:
        yield run


def _next(places: Sequence[int], after: int) -> float:
    place = bisect_left(places, after)
    return places[place] if place < len(places) else float("inf")


def _is_all_there_is(document: Document, run: Sequence[Head], breaks: Sequence[int]) -> bool:
    """Whether a text is a chat from its start, but for a title or the fields of a ticket."""
    start = run[0].line
    if start > _MOST_ABOVE or _SENTENCE.search(document.text[:start]) or _next(breaks, start) < float("inf"):
        return False
    if run[0].form not in SHARED_FORMS:
        return True
    text = document.text
    known = {head.line for head in run} | {_first_letter(text, head.text) for head in run}
    alone = (match for match in _ALONE.finditer(text, start) if match.start("line") not in known)
    return not any(looks_like_title(match["line"]) and not _DAY_LINE.search(match[0]) for match in alone)


def _first_letter(text: str, start: int) -> int:
    """Where the text goes on after spaces and blank lines."""
    match = _SPACE.match(text, start)
    return match.end() if match else start


def _frequent(heads: Sequence[Head]) -> list[Head]:
    """Without heads of forms that hardly occur: a line quoted in a message.

    In WhatsApp's export for iOS a notice looks like the first line of a message in Teams.
    """
    if len(heads) < 2:
        return []
    counts = Counter(head.form for head in heads)
    if counts["whatsapp ios"] > counts["timed head"]:
        heads = [replace(head, form="whatsapp ios", name="") if head.form == "timed head" else head for head in heads]
    most = max(counts.values(), default=0)
    return [head for head in heads if counts[head.form] > 1 and 10 * counts[head.form] >= most]


def _messages(document: Document, run: Sequence[Head], end: int, alone: bool) -> list[_Message]:
    """The messages of a run up to `end`; the last one ends with its paragraph, unless the chat is all there is."""
    ends = [head.line for head in run[1:]]
    found = [_Message(head, _said(document, head, end)) for head, end in zip(run, ends, strict=False)]
    last, text = run[-1], document.text
    paragraphs = any("\n\n" in document.text_of(message.span) for message in found if message.span)
    if not alone and not paragraphs:
        first = end - len(text[last.text : end].lstrip())
        blank = text.find("\n\n", first, end)
        end = blank if blank >= 0 else end
    return [*found, _Message(last, _said(document, last, end))]


def _said(document: Document, head: Head, end: int) -> Span | None:
    """What a message says, without the file it names, the day below it and the mark of a later change."""
    span = trimmed(document, head.text, end) if head.name else None
    if span is None:
        return None
    text = document.text_of(span)
    if _NO_TEXT.match(text):
        first = text.find("\n")
        return trimmed(document, span.start + first, span.end) if first >= 0 and "(" in text[:first] else None
    tail = text[-LONGEST_HEAD:]
    for pattern, sign in ((_EDITED, "edited"), (_EDITED, "bearbeitet"), (_DAY_LINE, "\n")):
        match = pattern.search(tail) if sign in tail else None
        if match:
            span = trimmed(document, span.start, span.end - (len(tail) - match.start())) or span
            tail = document.text_of(span)[-LONGEST_HEAD:]
    return span


def _is_chat(document: Document, form: str, messages: Sequence[_Message]) -> bool:
    named = [message.head.name for message in messages if message.head.name]
    said = [message for message in messages if message.span]
    people = Counter(message.head.name for message in said)
    if len(people) < 2:
        return False
    if FORMS.get(form, (False, ""))[0]:
        return True
    texts = [document.text_of(message.span) for message in said if message.span]
    if 5 * len(said) < 4 * len(named) or any("</" in text for text in texts[:20]):
        return False
    if len(people) > max(2, 0.6 * len(said)):
        return False
    if len(said) == len(people):
        return all(_is_full_name(name) for name in people)
    return any(_ASKS.search(text) for text in texts) or 2 * sum(map(_is_full_name, people)) > len(people)


def _is_full_name(name: str) -> bool:
    words = name.split()
    return told_role(name, Roles()) is not None or (len(words) > 1 and all(word[0].isupper() for word in words))
