"""From labels to turns: which labelled turns belong together, and where each of them ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from src.agents.recognisers.conversation import Utterance
from src.agents.recognisers.labelled.layout import Break, Layout
from src.records import Role, Span

_BLANK = re.compile(r"\n[ \t\u00a0\u3000]*\n[\s]*")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*•+▪‣◦–]|\(?\d{1,2}[.)]|\(?[a-z]\))[ \t]+|[ \t]*(?:\||>|```|~~~)|\t| {2,}\S")
_LEADS_ON = (":", ",", ";", "：", "、", "，", "-", "–", "—", "(")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][ \u00a0\u202f]?[\"'”’»)\]*_]{0,4}\Z")
_CLOSING = re.compile(
    r"\W{0,6}(?:end of (?:the )?(?:conversation|transcript|chat|interview|deposition|"
    r"call|recording|session|dialogue|log)"
    r"|(?:the )?(?:chat|conversation|call|interview|recording|session) (?:has |was )?(?:ended|closed|concluded)"
    r"|the end\W{0,3}\Z"
    r"|\(?(?:whereupon|the deposition (?:was )?concluded))",
    re.IGNORECASE,
)  # fmt: skip
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_LONGEST_CONTEXT_LINE = 300
_FORTUNE = "\n%\n"  # parts the entries of files of fortunes and riddles
_LONGEST_GAP = 40_000  # characters without a label: more is no turn but a document that follows
_MOST_TAIL_PARAGRAPHS = 8
_NEAR = 6  # turns before, by which is told how a conversation is laid out
_MARKUP_AROUND = 600
_MARKUP = re.compile(r"\*\*|^#{1,6} |^[ \t]*[-*] |```", re.MULTILINE)


@dataclass(slots=True)
class Mark:
    """A label at the start of a line.

    `start` is where its line begins, `text` where the words after it begin, `stop` where the words on that line
    end. `key` is the label as it is compared; `opening` the marks of emphasis that are still open after it.
    """

    start: int
    text: int
    stop: int
    label: str
    key: str
    role: Role
    number: str = ""
    opening: str = ""
    quoted: bool = False
    indent: int = 0
    blank_before: int = 0


@dataclass(slots=True)
class Run:
    """Labelled turns that belong together; `ends` says for each mark where its turn ends."""

    marks: list[Mark]
    ends: list[int] = field(default_factory=list)

    def turns(self) -> Iterator[tuple[Mark, int]]:
        return zip(self.marks, self.ends, strict=True)


@dataclass(slots=True)
class Habits:
    """How a document's turns look where it is certain where they end: what the last turns are judged by.

    `tight`: around here, turns stand line below line without blank lines between.
    """

    tight: bool = False
    several: int = 0  # turns of more than one paragraph
    strict: bool = False  # without certainty a turn ends with its paragraph
    blank_lines: int = 1  # that usually stand before a label


def runs_of(
    layout: Layout, marks: Sequence[Mark], opens: Callable[[Mark, Run], bool], anew: Container[int] = ()
) -> list[Run]:
    """Cut the marks of a document into runs.

    `opens` tells whether a mark may be the first of another conversation: only before such a one do headings and
    rulers end a run for certain. `anew` holds the numbers of marks with which another one begins if paragraphs
    stand before them.
    """
    habits = _habits(layout, marks)
    blanks = [mark.blank_before for mark in marks]
    runs: list[Run] = []
    run: Run | None = None
    first = 0
    for number, mark in enumerate(marks):
        if run is None:
            first = number
            run = Run([mark])
            runs.append(run)
        else:
            run.marks.append(mark)
        following = marks[number + 1] if number + 1 < len(marks) else None
        # What stands above a run's first mark does not tell.
        near = blanks[max(first, number - _NEAR) + 1 : number + 1] + blanks[number + 2 : number + 4]
        habits.tight = bool(near) and 2 * near.count(0) >= len(near)
        end, goes_on = _turn_end(layout, run, following, opens, habits, number + 1 in anew)
        run.ends.append(end)
        if not goes_on:
            run = None
    return runs


def utterance(layout: Layout, mark: Mark, end: int, label: str = "") -> Utterance:
    """What stands between a label and the end of its turn."""
    return Utterance(label or mark.label, mark.role, pieces_of(layout, mark, end))


def pieces_of(layout: Layout, mark: Mark, end: int) -> tuple[Span, ...]:
    """The words of a turn: emphasis that the label opened is left off, and so are the marks of a quoted line."""
    text = layout.text
    if mark.quoted:
        return tuple(piece for start, stop in _unquoted(text, mark.text, end) for piece in layout.pieces(start, stop))
    found = layout.pieces(mark.text, end)
    if not mark.opening or not found:
        return found
    size = len(mark.opening)
    first_end = text.find("\n", mark.text, end)
    first_end = end if first_end < 0 else first_end
    line_end = len(text[mark.text : first_end].rstrip()) + mark.text
    if line_end - size > mark.text and text.endswith(mark.opening, mark.text, line_end):
        return (*layout.pieces(mark.text, line_end - size), *layout.pieces(line_end, end))
    last = found[-1]
    if text.endswith(mark.opening, last.start, last.end) and last.end - last.start > size:
        return (*found[:-1], *layout.pieces(last.start, last.end - size))
    return found


def context_above(layout: Layout, start: int, floor: int) -> tuple[Span, ...]:
    """The heading just above a run and the short paragraph below it if there is one; speaker notes are no context.

    `floor` is where the turn before ends: nothing above it is looked at.
    """
    text = layout.text
    lines: list[Span] = []
    position = start
    while len(lines) < 2 and position > floor:
        before = text.rfind("\n", floor, max(floor, position - 1)) + 1 or floor
        found = layout.pieces(before, position)
        lines = [*found, *lines]
        position = before
        if start - position > 2000:
            break
    lines = [span for span in lines if layout.document.block_at(span.start).kind != "note"]
    if not lines:
        return ()
    if _is_heading(layout, lines[-1]):
        lines = lines[-1:]
    kept = lines if _is_heading(layout, lines[0]) else lines[-1:]
    short = [span for span in kept if span.end - span.start <= _LONGEST_CONTEXT_LINE]
    return tuple(span for span in short if layout.document.text_of(span).strip("-=*_#%~ "))


def _is_heading(layout: Layout, span: Span) -> bool:
    return any(
        one.kind in ("heading", "title")
        for one in layout.between(span.start - 2 if span.start > 1 else 0, span.end + 1)
    )


def _unquoted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        mark = _QUOTE.match(text, position, stop) if position > start else None
        yield (mark.end() if mark else position), stop
        position = stop + 1


def _habits(layout: Layout, marks: Sequence[Mark]) -> Habits:
    habits = Habits()
    if len(marks) < 2:
        return habits
    blanks = sorted(mark.blank_before for mark in marks[1:])
    habits.blank_lines = max(1, blanks[len(blanks) // 2])
    return habits


def _turn_end(
    layout: Layout,
    run: Run,
    following: Mark | None,
    opens: Callable[[Mark, Run], bool],
    habits: Habits,
    anew: bool,
) -> tuple[int, bool]:
    """Where the last turn of the run ends, and whether the mark that follows belongs to the same run."""
    mark = run.marks[-1]
    limit = following.start if following else len(layout.text)
    if (fortune := layout.text.find(_FORTUNE, mark.stop, limit)) >= 0:
        return fortune, False
    body = _first_paragraph_end(layout.text, mark, limit)
    near = following is not None and following.blank_before <= habits.blank_lines
    if near and not layout.text[body:limit].strip() and limit not in layout.note_borders:
        return limit, True  # one paragraph and then the next label: most turns
    breaks = layout.between(body, limit)
    if following is None:
        end = _limited(limit, breaks, layout, run)
        return last_turn_end(layout, mark, body, end, habits, hard=end < limit), False
    opener = opens(following, run)
    boundary = _boundary(layout, run, breaks, following.start, opener)
    if boundary is not None:
        return last_turn_end(layout, mark, body, boundary, habits, hard=True), False
    if following.start - body > _LONGEST_GAP:
        return last_turn_end(layout, mark, body, limit, habits), False
    trailing = _directly_before(layout.text, breaks, following.start)
    if trailing:  # a slide's title or the like between two turns
        limit = trailing[0].start
    if limit in layout.note_borders or (following.blank_before > habits.blank_lines and opener):
        return last_turn_end(layout, mark, body, limit, habits), False
    several = _BLANK.search(layout.text, body, limit) is not None and bool(layout.text[body:limit].strip())
    if several and anew:
        strict = Habits(strict=not habits.several, tight=True, several=habits.several)
        return last_turn_end(layout, mark, body, limit, strict), False
    if several and opener and habits.tight and following.blank_before and not breaks:
        # Turns stand line below line here, so a paragraph between blank lines is no turn's, if it does not look so.
        end = last_turn_end(layout, mark, body, limit, habits)
        if layout.text[end:limit].strip():
            return end, False
    if several and opener and (lead := _lead_in(layout.text, body, limit)) is not None:
        return last_turn_end(layout, mark, body, lead, habits), False
    habits.several += several
    return limit, True


def _first_paragraph_end(text: str, mark: Mark, limit: int) -> int:
    """The end of the words' first paragraph, which may begin below a label that stands alone."""
    start = mark.text
    if mark.text >= mark.stop:
        start = limit - len(text[start:limit].lstrip())
    blank = text.find("\n\n", start, limit)
    if blank >= 0:
        return blank
    found = _BLANK.search(text, start, limit) if "\n " in text[start:limit] or "\n\t" in text[start:limit] else None
    return found.start() if found else limit


def _boundary(layout: Layout, run: Run, breaks: Sequence[Break], following: int, opener: bool) -> int | None:
    """Where a run ends before the next mark, None when the breaks between stand inside its last turn."""
    trailing = _directly_before(layout.text, breaks, following)
    above = layout.heading_above(run.marks[0].start)
    repeated = [one for one in breaks if one.kind == "heading" and one.styled and layout.same_heading(one, above)]
    level = 0
    if trailing and opener and not all(one in repeated for one in trailing):
        heads = [one.level for one in trailing if one.kind == "heading"]
        level = min(heads) if heads else 0
        for one in breaks:
            if one in trailing or one.kind == "ruler" or (one.kind == "heading" and one.level <= level):
                return one.start
    for one in breaks:
        if one in trailing and not opener:
            continue
        if one not in repeated and _ends_turn(layout, one, above, run):
            return one.start
    return None


def _ends_turn(layout: Layout, one: Break, above: Break | None, run: Run) -> bool:
    """Whether a break with text below it ends the turn above it."""
    if one.kind in ("note", "title"):
        return True
    if one.kind == "ruler":
        return one.level == 0 or not _marked_up(layout, run, one)
    if one.styled:
        return above is None or not above.styled or one.level <= above.level or above.level == 0
    if above is not None:
        return one.level <= above.level
    return one.level == 1 or run.marks[-1].role == "user"


def _marked_up(layout: Layout, run: Run, one: Break) -> bool:
    """Whether an answer is written in Markdown, so that a thin line may be part of it."""
    begin = run.marks[-1].text
    return run.marks[-1].role != "user" and _MARKUP.search(layout.text, begin, one.end + _MARKUP_AROUND) is not None


def _directly_before(text: str, breaks: Sequence[Break], following: int) -> list[Break]:
    """The breaks at the end of a gap, with nothing but white space between them and the next mark."""
    trailing: list[Break] = []
    for one in reversed(breaks):
        if text[one.end : following].strip():
            break
        trailing.insert(0, one)
        following = one.start
    return trailing


def _lead_in(text: str, body: int, limit: int) -> int | None:
    """Where a last paragraph that introduces the next conversation begins: it ends with a colon, or says so."""
    last = text[body:limit].rstrip()
    begin = max(last.rfind("\n\n"), last.rfind("\n \n"))
    if begin < 0 or not last.endswith((":", "：")) or len(last) - begin > _LONGEST_CONTEXT_LINE:
        return None
    return body + begin if not _LIST_ITEM.match(last[begin:].lstrip("\n")) else None


def _limited(limit: int, breaks: Sequence[Break], layout: Layout, run: Run) -> int:
    above = layout.heading_above(run.marks[0].start)
    return next(
        (one.start for one in breaks if not layout.same_heading(one, above) and _ends_last(layout, one, above, run)),
        limit,
    )


def _ends_last(layout: Layout, one: Break, above: Break | None, run: Run) -> bool:
    return _ends_turn(layout, one, above, run)


def last_turn_end(layout: Layout, mark: Mark, body: int, limit: int, habits: Habits, hard: bool = False) -> int:
    """The end of a turn that no label follows: its paragraphs go on while they look like its own.

    `hard`: a heading or a ruler stands at `limit`, so that a paragraph or two above it are the turn's.

    Without evidence a loose text's last answer keeps what stands below, up to a few paragraphs: cutting an
    answer short is worse than keeping a sentence too many.
    """
    text = layout.text
    end = min(body, limit)
    tail = list(_paragraphs(text, end, limit))
    few = len(tail) <= _MOST_TAIL_PARAGRAPHS
    keeps = few and not habits.strict and (habits.several > 0 or not habits.tight or (hard and len(tail) < 3))
    said = text[mark.text : end]
    for start, stop, blank_lines in tail:
        paragraph = text[start:stop]
        if _CLOSING.match(paragraph) or (blank_lines > 1 and blank_lines > habits.blank_lines):
            break
        goes_on = _goes_on(said, paragraph) or layout.is_code(start)
        if not (keeps or goes_on or layout.is_furniture(start)):
            break
        keeps = keeps or (few and goes_on)  # a turn that crossed one blank line may cross the next
        end, said = stop, paragraph
    return end


def _paragraphs(text: str, start: int, limit: int) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of blank lines before each paragraph in the range."""
    position = start
    while position < limit:
        blank = _BLANK.match(text, position, limit)
        begin = blank.end() if blank else position
        if begin >= limit:
            return
        begin = text.rfind("\n", position, begin) + 1 or begin  # an indent belongs to the paragraph
        following = _BLANK.search(text, begin, limit)
        stop = following.start() if following else limit
        yield begin, stop, text.count("\n", position, begin) - 1
        position = stop


def _goes_on(said: str, paragraph: str) -> bool:
    """Whether a paragraph is surely the same speaker's: a list, something indented, or the rest of a sentence."""
    said = said.rstrip()
    if _LIST_ITEM.match(paragraph):
        return True
    if said.endswith(_LEADS_ON):
        return True
    return paragraph[:1].islower() and not _SENTENCE_END.search(said[-16:])
