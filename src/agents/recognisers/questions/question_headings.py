"""Find FAQ pages: headings that are questions, with the text below them as the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.labelled.layout import Break, Layout
from src.agents.recognisers.labelled.names import ends_a_sentence
from src.agents.recognisers.questions.question_lines import begins_like_question, is_contents, is_faq_title, is_question
from src.agents.recognisers.roles import Roles
from src.records import Document, Span

NAME = "question headings"

# A line that is all bold, or one that ends with a question mark and stands between blank lines.
_BOLD = re.compile(r"\n[ \t]{0,3}(?:[-*•][ \t]+)?(?:\*\*|__)([^\n*_][^\n]{2,298}?)(?:\*\*|__)[ \t]*(?=\n|\Z)")
_LINE_END = re.compile(r"[?？؟][\"”’»)*_]{0,4}[ \t]*(?=\n[ \t]*\n)")
_SHORTEST_LINE, _LONGEST_LINE = 4, 200  # characters up to the question mark
_MARKS = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+)?(?:\*\*|__|\*)?[ \t]*"
    r"(?:(?:Q(?:uestion)?|F(?:rage)?|P(?:regunta)?|D(?:omanda)?)?[ .]?(?:\d{1,3}(?:\.\d{1,3}){0,3})?"
    r"[.:)](?:\*\*|__)?[ \t\u00a0]+|\(?\d{1,3}(?:\.\d{1,3}){0,4}[.):]?[ \t\u00a0]+)?(?:\*\*|__)?"
)  # fmt: skip
_TRAILING = re.compile(r"(?:\*\*|__|\*)?[ \t]*#{0,6}[ \t]*\Z")
_LISTED = re.compile(r"\(?\d{1,3}[.)][ \t]")
_SENTENCE = re.compile(r"[.!:。！]")
_LONGEST_QUESTION = 300
_LEVEL_OF_BOLD = 50
_LEVEL_OF_LINE = 60
_LEAST_LINES = 3


@dataclass(slots=True)
class _Heading:
    """A heading, or what stands in its place; `level` 1 is the highest."""

    start: int
    end: int
    level: int
    text: str
    asks: bool
    parent: int = -1
    stop: int = -1  # where the next heading of its level or a higher one begins


def find_question_headings(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """A conversation for each heading that asks, the answer being the text up to the next heading of its level.

    At least two of the headings beside it must ask too and be most of them, or stand below the title of an FAQ:
    a single rhetorical heading is none.
    """
    if not layout.asks("?？؟"):
        return
    headings = _headings(layout)
    if not any(heading.asks for heading in headings):
        return
    groups: dict[int, list[int]] = {}
    for number, heading in enumerate(headings):
        groups.setdefault(heading.parent, []).append(number)
    for parent, members in groups.items():
        below_faq = _below_faq(headings, parent) or (parent < 0 and _opens_with_faq(layout, headings))
        asking = _asking(headings, members, below_faq)
        found = [one for number in asking if (one := _exchange(layout, headings, number, parent)) is not None]
        # A list of questions, as in a table of contents, has an answer to few of them.
        if len(found) * 5 >= len(asking) * 3 and _are_sentences(layout.document, found):
            yield from found


def _are_sentences(document: Document, found: Sequence[Conversation]) -> bool:
    """Whether most answers hold a sentence, or an introduction to a list; entries of a table of contents do not."""
    answers = (one.turns[-1].text(document).split("\n") for one in found)
    return sum(any(ends_a_sentence(line) or line.endswith(":") for line in said) for said in answers) * 2 >= len(found)


def _headings(layout: Layout) -> list[_Heading]:
    text = layout.text
    found = {
        one.start: _heading(text, one) for one in layout.breaks if one.kind == "heading" and layout.is_free(one.end - 1)
    }
    pages = layout.document.blocks[-1].place.startswith("page ") if layout.document.blocks else False
    for match in _BOLD.finditer(layout.scan):
        if match.start() not in found and layout.is_free(match.end() - 2) and is_question(match[1]):
            found[match.start()] = _Heading(match.start(), match.end() - 1, _LEVEL_OF_BOLD, match[1], True)
    asked = 0
    for start, end in _asking_lines(layout) if not pages else ():
        line = text[start:end]
        if start in found or line[0] in " \t-*•>|" or _LISTED.match(line):
            continue
        # What stands right below a question is its answer, even when it asks back in the end; or it is the next
        # entry of a list of questions, and the text below the last entry answers none.
        below = start - asked < _LONGEST_QUESTION and not text[asked:start].strip()
        answers = below and _SENTENCE.search(_bare(line).rstrip()[:-1])
        if layout.is_free(end - 1) and not answers:
            found[start] = _Heading(start, end, _LEVEL_OF_LINE, line.strip(), asks=not below)
            asked = end
    headings = [found[start] for start in sorted(found)]
    _set_parents(headings)
    return headings


def _asking_lines(layout: Layout) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end that stand between blank lines and end with a question mark."""
    text = layout.text
    for sign in layout.question_ends:
        match = _LINE_END.match(text, sign)
        start = text.rfind("\n", max(0, sign - _LONGEST_LINE - 1), sign) + 1
        if match is None or not start or not _SHORTEST_LINE <= sign - start <= _LONGEST_LINE:
            continue
        above = start - 2
        while above >= 0 and text[above] in " \t":
            above -= 1
        if above < 0 or text[above] == "\n":
            yield start, match.end()


def _heading(text: str, one: Break) -> _Heading:
    said = (
        text[one.start : one.end].split("\n")[0]
        if "\n" in text[one.start : one.end].strip() and not one.styled
        else text[one.start : one.end]
    )
    return _Heading(
        one.start, one.end, one.level or 1, said.strip(), len(said) <= _LONGEST_QUESTION and is_question(said)
    )


def _set_parents(headings: Sequence[_Heading]) -> None:
    path: list[int] = []
    for number, heading in enumerate(headings):
        while path and headings[path[-1]].level >= heading.level:
            headings[path.pop()].stop = heading.start
        heading.parent = path[-1] if path else -1
        path.append(number)


def _below_faq(headings: Sequence[_Heading], parent: int) -> bool:
    while parent >= 0:
        if is_faq_title(headings[parent].text):
            return True
        parent = headings[parent].parent
    return False


def _opens_with_faq(layout: Layout, headings: Sequence[_Heading]) -> bool:
    """Whether the document's first heading or first line is the title of an FAQ."""
    first = layout.text[:300].strip().split("\n")[0]
    return is_faq_title(first) or (bool(headings) and is_faq_title(headings[0].text))


def _asking(headings: Sequence[_Heading], members: Sequence[int], below_faq: bool) -> list[int]:
    """Which of the headings beside each other are questions to take."""
    asking = [number for number in members if headings[number].asks]
    level = min((headings[number].level for number in asking), default=0)
    if below_faq:
        return asking
    if len({headings[number].text for number in asking}) < min(len(asking), _LEAST_LINES):
        return []  # one line that comes back, as in running text or a form
    if level == _LEVEL_OF_LINE:
        # Lines that only end with a question mark: rhetorical ones do not come three in a row.
        alike = [number for number in asking if begins_like_question(_bare(headings[number].text))]
        return asking if len(asking) >= _LEAST_LINES and len(alike) * 2 >= len(asking) else []
    beside = [number for number in members if headings[number].level == level]
    if len(asking) < 2 or len(asking) * 2 < len(beside):
        return []
    mostly = len(asking) * 3 >= len(beside) * 2 and level < _LEVEL_OF_BOLD
    return [n for n in members if headings[n].asks or (mostly and begins_like_question(_bare(headings[n].text)))]


def _bare(text: str) -> str:
    match = _MARKS.match(text)
    return text[match.end() :] if match else text


def _exchange(layout: Layout, headings: Sequence[_Heading], number: int, parent: int) -> Conversation | None:
    heading = headings[number]
    stop = heading.stop if heading.stop >= 0 else len(layout.text)
    limit = min([stop, *(one.start for one in layout.between(heading.end, stop) if _ends_answer(one, heading))])
    question = _question(layout, heading)
    answer = layout.pieces(heading.end, limit)
    if not question or not answer or not any(map(str.isalnum, layout.document.text_of(answer[0]))):
        return None
    said = layout.document.text_of(answer[0])
    if is_contents(said):
        return None
    if len(answer) == 1 and is_question(said) and not _SENTENCE.search(said[:-1]):
        return None  # a question answered by a question is a list of questions
    above = headings[parent] if parent >= 0 else None
    context = layout.pieces(above.start, above.end) if above else ()
    both = [Utterance("question", "user", question), Utterance("answer", "assistant", answer)]
    return conversation_of(both, NAME, context)


def _ends_answer(one: Break, heading: _Heading) -> bool:
    """Whether a break ends an answer: below a mere line also a short line that stands alone does."""
    if one.kind == "title":
        return heading.level >= _LEVEL_OF_BOLD
    return one.kind in ("note", "ruler") and one.level == 0


def _question(layout: Layout, heading: _Heading) -> tuple[Span, ...]:
    """The heading's words without its number, its marks and the line drawn under it."""
    text = layout.text
    first = text.find("\n", heading.start, heading.end)
    underlined = first >= 0 and not text[first : heading.end].strip("\n=- \t")
    end = first if underlined else heading.end
    match = _MARKS.match(text, heading.start, end)
    start = match.end() if match else heading.start
    trailing = _TRAILING.search(text[start:end])
    return layout.pieces(start, start + (trailing.start() if trailing else end - start))
