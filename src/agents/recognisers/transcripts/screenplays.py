"""Find dialogue in screenplays and plays: a cue in capitals on a line of its own, the words below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.names import ends_a_sentence, looks_like_name, sounds_like_talk
from src.agents.recognisers.roles import Roles, plain_name
from src.records import Document, Span

NAME = "screenplays"

_CUE = re.compile(
    r"\n(?P<indent>[ \t]{0,60})(?:\d{1,3}[ \t]+)?(?:\*\*)?@?"
    r"(?P<name>[^\Wa-zß-öø-ÿ\d_][^a-zß-öø-ÿ\n:：?!,;=<>{}|\\\"*()\[\]]{0,36}?)"
    r"(?P<more>(?:[ \t]*\([^()\n]{1,30}\)){0,3})(?:\*\*)?[ \t]*\^?(?=\n)"
)  # fmt: skip
# A line without small letters, but for those in brackets.
_IN_CAPITALS = re.compile(r"\n[^a-zß-öø-ÿ\n:：?!,;=<>{}|\\\"()\[\]]+(?=[\n(])")
_SCENE = re.compile(
    r"\n[ \t]{0,30}(?:\d{1,4}[A-Z]?\.?[ \t]+)?(?:#{1,6}[ \t]+)?(?:\*\*)?\.?"
    r"(?:INT|EXT|EST|I/E|INT\./EXT|EXT\./INT)[. ][^\n]{2,100}"
)
_ACT = re.compile(
    r"\n[ \t]{0,40}(?:#{1,6}[ \t]+)?(?:ACT|SCENE|Act|Scene|AKT|SZENE|ACTE|SCÈNE|ACTO|ESCENA|ATTO|SCENA)"
    r"[ \t]+(?:[IVXLC]{1,6}|\d{1,3}|[A-Z]{3,8})\b[^\n]{0,80}"
)
_REMARK = re.compile(r"[ \t]*[(\[][^()\[\]\n]{0,300}(?:\n[ \t]*[^()\[\]\n]{1,300}){0,4}[)\]][ \t]*(?:\n|\Z)")
_PARAGRAPH = re.compile(r"[ \t]*\n[ \t]*\n")
_TRANSITION = re.compile(
    r"(?:CUT|FADE|DISSOLVE|SMASH|MATCH|BLACKOUT|CURTAIN|END|THE END|TITLE|SUPER|MONTAGE|INTERCUT|CONTINUED|BACK TO)\b"
)
_INDENTED = 8
_LEAST_CUES = 4


@dataclass(frozen=True, slots=True)
class _Speech:
    """A cue and the words below it."""

    start: int
    key: str
    label: str
    pieces: tuple[Span, ...]
    end: int
    indent: int


def find_screenplays(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """A conversation for each scene in which at least two characters speak.

    Cues, remarks in brackets, scene headings and action are in no turn.
    """
    lines = (line.start() for line in _IN_CAPITALS.finditer(layout.scan))
    cues = (match for start in lines if (match := _CUE.match(layout.scan, start)) is not None)
    matches = [match for match in cues if match["name"].isupper()]
    if len(matches) < _LEAST_CUES:
        return
    names = Counter(plain_name(match["name"]) for match in matches)
    returning = {name for name, count in names.items() if count > 1}
    if len(returning) < 2:
        return
    scenes = sorted(match.start() for pattern in (_SCENE, _ACT) for match in pattern.finditer(layout.scan))
    headed = set(scenes)
    outside = (match for match in matches if match.start() not in headed)
    speeches = [one for match in outside if (one := _speech(layout, match, bool(scenes))) is not None]
    for scene in _scenes(layout, _of_one_layout(speeches), scenes):
        if _is_dialogue(layout.document, scene, bool(scenes), returning):
            found = _conversation(layout, scene, roles)
            if found is not None:
                yield found


def _speech(layout: Layout, match: re.Match[str], has_scenes: bool) -> _Speech | None:
    """The words below a cue: to the next blank line, or the next paragraph where cues are paragraphs."""
    text = layout.text
    name = match["name"].rstrip(" \t.")
    if len(name) < 2 or _TRANSITION.match(name) or (match["name"].rstrip().endswith(".") and not has_scenes):
        return None
    indent = len(match["indent"].expandtabs(8))
    if not layout.is_free(match.start()) or (indent < _INDENTED and not _is_name(name, has_scenes)):
        return None
    begin = match.end()  # the scanned text has one newline more in front: the character after the line break
    own_paragraph = _PARAGRAPH.match(text, begin - 1) is not None
    if own_paragraph and indent >= _INDENTED:
        return None  # where the layout is that of a typescript, the words stand directly below
    start = begin
    if own_paragraph:
        blank = _PARAGRAPH.match(text, begin - 1)
        start = blank.end() if blank else begin
    end = _words_end(text, start)
    if own_paragraph:
        while (remark := _REMARK.fullmatch(text, start, end)) is not None:
            blank = _PARAGRAPH.match(text, end)
            if blank is None:
                return None
            start = blank.end()
            end = _words_end(text, start)
            del remark
    pieces = tuple(_without_remarks(layout, start, end))
    if not pieces or not any(map(str.isalpha, layout.document.text_of(pieces[0]))):
        return None
    if text[start:end].isupper() and "\n" not in text[start:end].strip():
        return None  # a capital line below a capital line: headings
    return _Speech(match.start(), plain_name(name), name, pieces, end, indent)


def _is_name(name: str, has_scenes: bool) -> bool:
    """Whether capitals at the margin are a name; where scenes are headed, any short label is."""
    return looks_like_name(name) or (has_scenes and len(name.split()) <= 4 and not any(c in name for c in "/_#"))


def _words_end(text: str, start: int) -> int:
    blank = _PARAGRAPH.search(text, start)
    return blank.start() if blank else len(text)


def _without_remarks(layout: Layout, start: int, end: int) -> Iterator[Span]:
    """The words in [start, end) without lines that are a remark in brackets."""
    position = start
    said_from = start
    while position < end:
        remark = _REMARK.match(layout.text, position, end)
        if remark is not None:
            yield from layout.pieces(said_from, position)
            position = said_from = remark.end()
            continue
        newline = layout.text.find("\n", position, end)
        position = newline + 1 if newline >= 0 else end
    yield from layout.pieces(said_from, end)


def _of_one_layout(speeches: Sequence[_Speech]) -> list[_Speech]:
    """The speeches whose cues are indented as most are."""
    if not speeches:
        return []
    indents = sorted(one.indent for one in speeches)
    usual = indents[len(indents) // 2]
    return [one for one in speeches if abs(one.indent - usual) <= 12]


def _scenes(layout: Layout, speeches: Sequence[_Speech], scenes: Sequence[int]) -> Iterator[list[_Speech]]:
    group: list[_Speech] = []
    place = 0
    for one in speeches:
        changed = False
        while place < len(scenes) and scenes[place] <= one.start:
            place += 1
            changed = True
        if group and not changed:
            changed = any(b.kind == "heading" or (b.kind == "ruler" and b.level == 0)
                          for b in layout.between(group[-1].end, one.start) if b.start != one.start)  # fmt: skip
        if group and changed:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _is_dialogue(document: Document, scene: Sequence[_Speech], has_scenes: bool, returning: set[str]) -> bool:
    if len({one.key for one in scene}) < 2 or sum(one.key in returning for one in scene) * 2 < len(scene):
        return False
    said = [document.text_of(one.pieces[0])[-300:] for one in scene]
    talking = sum(map(sounds_like_talk, said)) / len(said)
    ended = sum(map(ends_a_sentence, said)) / len(said)
    if has_scenes:
        return ended >= 0.5
    back = sum(count > 1 for count in Counter(one.key for one in scene).values())
    changes = sum(a.key != b.key for a, b in pairwise(scene))
    return len(scene) >= _LEAST_CUES and back >= 2 and changes >= 3 and talking >= 0.4 and ended >= 0.6


def _conversation(layout: Layout, scene: Sequence[_Speech], roles: Roles) -> Conversation | None:
    names: dict[str, str] = {}
    for one in scene:
        names.setdefault(one.key, one.label)
    assigned = roles.assign(names[one.key] for one in scene)
    said = [Utterance(names[one.key], assigned[names[one.key]], one.pieces) for one in scene]
    return conversation_of(said, NAME, _slug_line(layout, scene[0].start))


def _slug_line(layout: Layout, start: int) -> tuple[Span, ...]:
    """The scene heading above the first cue."""
    base = max(0, start - 3000)
    above = list(_SCENE.finditer("\n" + layout.text[base:start]))
    return layout.pieces(base + above[-1].start(), base + above[-1].end() - 1) if above else ()
