"""Find turns that carry their speaker's name or role: "User:", "Dr. Smith:", "[10:32] ANNA:", "Speaker 1:"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.labelled.labelled_turns import QUESTION_WORDS
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.machine_text import is_machine_text
from src.agents.recognisers.labelled.names import PEOPLE, ends_a_sentence, looks_like_name, name_words, sounds_like_talk
from src.agents.recognisers.labelled.runs import Mark, Run, context_above, runs_of, utterance
from src.agents.recognisers.roles import ROLE_WORDS, Roles, plain_name
from src.records import Role

NAME = "speaker turns"

_TIME = (
    r"(?:\d{2,4}[-./]\d{1,2}[-./]\d{1,4},?[ T])?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,3})?)?(?:[ \u202f]?[AaPp]\.?[Mm]\.?)?"
)
_LEAD = (
    r"\n(?P<lead>[ \t\u00a0\u3000]{0,60}(?:>[ \t]?){0,3}(?:[-*+•▪–—][ \t]+|\d{1,3}[.)][ \t]+)?(?P<hash>#{1,6}[ \t]+)?)"
)
_BEFORE = rf"(?P<time>[\[(]?{_TIME}[\])]?[ \t]*(?:[-–—|][ \t]*)?)?"
_OPEN = r"(?P<open>\*{1,3}|_{1,3})?"
_CHARS = r"[^\s:：*\[\](){}<>|=\"“”„«»`#\\/?!;,][^\n\t:：*\[\](){}<>|=\"“”„«»`\\?!;]{0,43}"
_BRACKETS = r"(?P<brackets>(?:[ \t]*(?:\([^()\n]{1,40}\)|\[[^\[\]\n]{1,40}\])){1,2})?"
# NAME: / **NAME:** / **NAME**: / [10:32] NAME: / NAME (10:32): / NAME 10:32:
_COLON = re.compile(
    rf"{_LEAD}{_BEFORE}{_OPEN}(?P<name>{_CHARS}){_BRACKETS}(?P<later>[ \t,]+[-–—]?[ \t]?{_TIME})?"
    r"(?P<tail>(?:\*{1,3}|_{1,3})?[ \t\u00a0]{0,2}(?:::?|：)(?:\*{1,3}|_{1,3})?)"
    r"(?P<space>[ \t\u00a0\u3000]+|(?=\n|\Z)|(?<=：))"
)
# A name and a time alone on their line, the words below: how meeting tools write transcripts.
_TIMED = re.compile(
    rf"{_LEAD}(?P<open>\*{{1,3}})?(?P<name>{_CHARS}?)(?P<tail>\*{{0,3}}[ \t]*[,|·•–—-]?[ \t]*"
    rf"[\[(]?{_TIME}[\])]?\*{{0,3}}:?)(?P<space>[ \t]*)(?=\n|\Z)"
)
_NICK = re.compile(
    rf"{_LEAD}{_BEFORE}(?P<open>)<[@+%&~ ]?(?P<name>[A-Za-z\[\]\\`_^{{}}|][\w\[\]\\`^{{}}|.-]{{0,30}})>"
    rf"(?P<tail>:?)(?P<space>[ \t]+)"
)
# "HAMLET. To be": plays and older hearings.
_POINT = re.compile(
    r"\n(?P<lead>[ \t]{0,12})(?P<open>)(?P<name>[A-Z][A-Z'’. -]{0,36}[A-Z])"
    r"(?P<tail>\.)(?P<space>[ \t]{0,4}—?[ \t]{1,4})(?=\S)"
)
# "## User", "**Assistant**", "You said:" on a line of their own.
_ALONE = re.compile(
    rf"{_LEAD}{_OPEN}(?P<name>[^\W\d_][^\n:：*#|\d]{{0,24}})(?P<tail>\*{{0,3}}_{{0,3}})(?P<space>[ \t]*)(?=\n|\Z)"
)
# What can only be a label, found at the speed of a search: a look ahead that is matched again does not back up.
_HAS_COLON = re.compile(r"\n(?=([^\n:：]{1,100}))\1(?::(?=[ \t\n\u00a0\d*_:]|\Z)|：)")
_ENDS_TIMED = re.compile(r":(?<=\d:)\d\d[^\n]{0,14}(?=\n|\Z)")
_IS_SHORT = re.compile(r"\n(?=([^\n:：|]{2,40}))\1(?=\n|\Z)")
_HAS_ANGLE = re.compile(r"\n(?=([^\n<]{0,32}))\1<[@+%&~ ]?[A-Za-z]")
_CHAT_WORDS = frozenset(
    {
        "user", "human", "you", "me", "prompter", "assistant", "ai", "bot", "chatbot", "chatgpt", "gpt",
        "claude", "gemini", "llm", "system", "copilot", "bard", "you_said", "chatgpt_said", "ai_assistant",
        "nutzer", "benutzer", "mensch", "assistent", "assistentin", "ki", "usuario", "asistente", "ia",
        "utilisateur", "humano", "utente", "assistente", "пользователь", "ассистент", "用户", "助手", "ユーザー",
        "アシスタント", "사용자", "어시스턴트",
    }
)  # fmt: skip
_ROLE_WORDS = frozenset(ROLE_WORDS)
_MARKS = "*_#>-•+ \t[]()<:："
_NUMBERED = re.compile(r"([^\W\d_]{2,20})[ _#-]{1,2}(\d{1,3}|[A-Z])\Z")
_NUMBER = re.compile(r"[ #.]*\d{1,4}\Z")
_CAPITALS = re.compile(r"[A-Z][A-Z.'’]*(?: [A-Z&][A-Z.'’]*){0,3}")
_PEOPLE = 4  # turns before and after, by whose speakers is told that others begin to talk
_TIMES = re.compile(r":(?<=\d:)\d\d")
_LONGEST_LOOK = 400
_MOST_USUAL_LENGTH = 1_800  # characters of a turn on average; longer ones under bare names are sections of a text
_LARGEST_SAMPLE = 100  # turns by which a run is judged
_INITIALS = 3  # letters
_MOST_PARAGRAPHS = 3
_TALKING = 0.3
_LEAST_TALKING = 0.15
_SENTENCES = 0.6


@dataclass(slots=True)
class _Speaking(Mark):
    """A mark with what its label says about its speaker."""

    style: tuple[bool, ...] = ()
    timed: bool = False
    known: bool = False  # a role word or the user's choice
    person: bool = False  # surely a person's name
    side: Role | None = None  # what the label says by itself


def find_speaker_turns(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """Conversations of at least two speakers that take turns.

    Role words ("Customer:", "Agent:") count as speakers wherever both sides speak; names must come back, take
    turns, look like names and say what people say.
    """
    marks = _Labels(layout, roles).marks()
    if len(marks) < 2:
        return
    marks = [mark for mark in marks if layout.is_free(mark.text)]
    for mark in marks:
        mark.blank_before = layout.blank_lines_before(mark.start)
    yield from _Finder(layout, roles).conversations(marks)


class _Labels:
    """The labels of a document that can be speakers'."""

    def __init__(self, layout: Layout, roles: Roles) -> None:
        self.document = layout.document
        self.text = layout.text
        self.scan = layout.scan
        self.roles = roles
        self._kinds: dict[str, tuple[str, bool, bool] | None] = {}
        self._doubtful: set[str] = set()
        self._doubted: list[_Speaking] = []
        self.words = _ROLE_WORDS.union(map(plain_name, roles.chosen)) if roles.chosen else _ROLE_WORDS

    def marks(self) -> list[_Speaking]:
        """The labels that look like speakers, and of the others those under which mostly questions stand."""
        found = self._names()
        asked: dict[str, list[bool]] = {}
        for mark in self._doubted:
            said = self.text[mark.text : mark.text + _LONGEST_LOOK].partition("\n\n")[0]
            asked.setdefault(mark.key, []).append("?" in said.partition("\n")[0][-4:] or "?" in said[-4:])
        asking = {key for key, signs in asked.items() if len(signs) > 1 and sum(signs) * 2 >= len(signs)}
        initials = {mark.key for mark in found.values() if mark.label.isupper() and len(mark.key) <= _INITIALS}
        if initials:  # beside initials of others, "ID" and "PS" are initials too
            asking |= {key for key, signs in asked.items() if len(signs) > 1 and len(key) <= _INITIALS}
        found |= {mark.start: mark for mark in self._doubted if mark.key in asking}
        return [found[start] for start in sorted(found)]

    def _names(self) -> dict[int, _Speaking]:
        found: dict[int, _Speaking] = {}
        for match in self._forms():
            mark = self._accepted(match)
            if mark is not None:
                found.setdefault(match.start(), mark)
        if len({mark.key for mark in found.values()}) < 2:
            found |= {mark.start: mark for match in _POINT.finditer(self.scan) if (mark := self._pointed(match))}
        return found

    def _forms(self) -> Iterator[re.Match[str]]:
        """Every line that may carry a label, in one of the forms; of a line's forms the surest comes first."""
        for match in _HAS_COLON.finditer(self.scan):
            if found := _COLON.match(self.scan, match.start()):
                yield found
        for match in _ENDS_TIMED.finditer(self.scan):
            if found := _TIMED.match(self.scan, max(0, self.scan.rfind("\n", 0, match.start()))):
                yield found
        if "<" in self.text and "</" not in self.text:
            for match in _HAS_ANGLE.finditer(self.scan):
                if found := _NICK.match(self.scan, match.start()):
                    yield found
        # Not plain_name: nearly all short lines are no role word, and there are many.
        lines = set(_IS_SHORT.findall(self.scan))
        words = {line for line in lines if line.strip(_MARKS).lower() in self.words}
        for match in _IS_SHORT.finditer(self.scan) if words else ():
            if match[1] in words and (found := _ALONE.match(self.scan, match.start())):
                yield found

    def _accepted(self, match: re.Match[str]) -> _Speaking | None:
        if match.re is _ALONE:
            return self._alone(match)
        return self._nick(match) if match.re is _NICK else self._named(match)

    def _named(self, match: re.Match[str]) -> _Speaking | None:
        label = match["name"].strip(" \t_*-–—").removeprefix("BY ")
        kind = self._kind(label)
        if kind is not None:
            return self._mark(match, label, kind)
        if label in self._doubtful:
            self._doubted.append(self._mark(match, label, (plain_name(label), False, False)))
        return None

    def _nick(self, match: re.Match[str]) -> _Speaking | None:
        return self._mark(match, match["name"], (plain_name(match["name"]), False, False))

    def _pointed(self, match: re.Match[str]) -> _Speaking | None:
        label = match["name"].strip()
        kind = self._kind(label) if len(label) > 1 else None
        return self._mark(match, label, kind) if kind else None

    def _alone(self, match: re.Match[str]) -> _Speaking | None:
        """A role word without a colon: as a heading, in bold, or a chat's own word on a line of its own."""
        word = plain_name(match["name"])
        if self.roles.of_label(word) is None or word in QUESTION_WORDS:
            return None
        marked = match["hash"] or match["open"] or word.replace(" ", "_") in _CHAT_WORDS
        if not marked and self.document.block_at(match.start()).kind not in ("heading", "title"):
            return None
        return (
            self._mark(match, match["name"].strip(" *_"), (word, True, False)) if match["name"][0].isupper() else None
        )

    def _kind(self, label: str) -> tuple[str, bool, bool] | None:
        """Key, whether it is a known word, whether surely a person; None when the label is no speaker's."""
        if label not in self._kinds:
            kind = self._kinds[label] = self._judged(label)
            if kind is None and _CAPITALS.fullmatch(label) and plain_name(label) not in QUESTION_WORDS:
                self._doubtful.add(label)
        return self._kinds[label]

    def _judged(self, label: str) -> tuple[str, bool, bool] | None:
        key = plain_name(label)
        if not key or (_NUMBER.sub("", key) if key[-1].isdigit() else key) in QUESTION_WORDS:
            return None
        if self.roles.of_label(label) is not None and len(key) > 1:
            return key, True, True
        numbered = _NUMBERED.match(label)
        if numbered and plain_name(numbered[1]) in PEOPLE:
            return key, False, True
        if not looks_like_name(label):
            return None
        words = name_words(label)
        person = len(words) > 1 or plain_name(label) in PEOPLE
        return key, False, person

    def _mark(self, match: re.Match[str], label: str, kind: tuple[str, bool, bool]) -> _Speaking:
        key, known, person = kind
        side = self.roles.of_label(label) if known else None
        text = match.end() - 1
        end = self.text.find("\n", text)
        lead, tail = match.group("lead", "tail")
        opened = match["open"] or "" if match.re is not _POINT and match.re is not _NICK else ""
        closes = bool(opened) and ("*" in tail or "_" in tail)
        time, later, brackets = match.group("time", "later", "brackets") if match.re is _COLON else (None, None, "")
        if match.re is _NICK:
            time = match["time"]
        timed = bool(time or later) or _TIMES.search((brackets or "") + tail) is not None
        style = (bool(opened), timed, label.isupper(), ">" in lead, "#" in lead)
        return _Speaking(
            match.start(), text, end if end >= 0 else len(self.text), label, key,
            side or "assistant", opening="" if closes else opened, quoted=">" in lead,
            indent=len(lead.expandtabs(4)) - len(lead.lstrip()) if lead else 0,
            style=style, timed=timed, known=known, person=person, side=side,
        )  # fmt: skip


class _Finder:
    """Which marks are conversations."""

    def __init__(self, layout: Layout, roles: Roles) -> None:
        self.layout = layout
        self.roles = roles

    def conversations(self, marks: Sequence[_Speaking]) -> Iterator[Conversation]:
        """First the chats of user and assistant, in which names are part of what is said; then all others."""
        chat = [mark for mark in marks if mark.key.replace(" ", "_") in _CHAT_WORDS]
        taken: list[tuple[int, int]] = []
        sides = {mark.side for mark in chat}
        if {"user", "assistant"} <= sides:
            for run in self._runs(chat):
                found = self._accepted(run, chat_words=True)
                if found is not None:
                    taken.append((run.marks[0].start, run.ends[-1]))
                    yield found
        free = [mark for mark in marks if not _inside(mark.start, taken)] if taken else list(marks)
        back = _recurring(free)
        if len({mark.key for mark in back}) > 1:
            yield from self._others(back)

    def _others(self, marks: Sequence[_Speaking]) -> Iterator[Conversation]:
        runs = [part for run in self._runs(marks) for part in _groups(run)]
        judged = [self._accepted(run, chat_words=False) for run in runs]
        accepted = sum(found is not None for found in judged)
        several = sum(len(_keys(run)) > 1 for run in runs)
        # Where most groups are talk, the short ones between them are talk too.
        mostly_talk = accepted >= 3 and accepted * 3 >= several
        for run, found in zip(runs, judged, strict=True):
            if found is None and len(_keys(run)) > 1 and (mostly_talk or (accepted and self._asks_and_answers(run))):
                found = self._conversation(run)
            if found is not None:
                yield found

    def _asks_and_answers(self, run: Run) -> bool:
        """Whether two persons speak once each, one asking the other."""
        first, second = run.marks[0], run.marks[-1]
        if len(run.marks) != 2 or not all(isinstance(mark, _Speaking) and mark.person for mark in run.marks):
            return False
        asked = self.layout.text[first.text : run.ends[0]].strip()
        return asked[-2:].strip("\"'”»)*_").endswith(("?", "？", "؟")) and first.key != second.key

    def _runs(self, marks: Sequence[_Speaking]) -> Iterator[Run]:
        for run in runs_of(self.layout, marks, lambda mark, run: True, _others_begin(marks)):
            start = 0
            for place, mark in enumerate(run.marks):
                if place > start and isinstance(mark, _Speaking) and mark.side == "system":
                    yield Run(run.marks[start:place], run.ends[start:place])
                    start = place
            yield Run(run.marks[start:], run.ends[start:])

    def _accepted(self, run: Run, chat_words: bool) -> Conversation | None:
        if len(_keys(run)) < 2:
            return None
        marks = [mark for mark in run.marks if isinstance(mark, _Speaking)]
        said = self._sample(run)
        if len(said) < 2:
            return None
        sides = {mark.side for mark in marks}
        if not chat_words and is_machine_text(said):
            return None
        if {"user", "assistant"} <= sides:
            sure = chat_words or _is_spoken(said, short=True)
        else:
            sure = self._names_talk(run, marks, said)
        return self._conversation(run) if sure else None

    def _sample(self, run: Run) -> list[str]:
        """How the turns begin; of a long run, turns from all over it."""
        step = len(run.marks) // _LARGEST_SAMPLE + 1
        text = self.layout.text
        chosen = range(0, len(run.marks), step if step % 2 else step + 1)  # an odd step meets both of two speakers
        spans = ((run.marks[i].text, min(run.ends[i], run.marks[i].text + _LONGEST_LOOK)) for i in chosen)
        return [words for start, end in spans if (words := text[start:end].strip().partition("\n\n")[0])]

    def _names_talk(self, run: Run, marks: Sequence[_Speaking], said: Sequence[str]) -> bool:
        """Whether turns under names are talk."""
        counts = Counter(mark.key for mark in marks)
        returning = sum(count > 1 for count in counts.values())
        changes = sum(a.key != b.key for a, b in pairwise(marks))
        if len(marks) == 2 and all(_NUMBERED.match(mark.label) and mark.person for mark in marks):
            return _is_spoken(said, short=True)
        if returning == 0 or len(marks) < 3 or changes < 2 or changes * 4 < len(marks):
            return False
        surely = all(mark.person or mark.timed or mark.known for mark in marks)
        length = sum(end - mark.start for mark, end in run.turns()) / len(marks)
        if length > _MOST_USUAL_LENGTH * (1 if surely and returning > 1 else 0.6 if returning > 1 else 0.3):
            return False
        breaks = sum(self.layout.text.count("\n\n", mark.text, end) for mark, end in run.turns()) / len(marks)
        if not surely and breaks > _MOST_PARAGRAPHS:
            return False
        if returning < 2 and not surely:
            return False
        if _is_record(marks) and sum(map(sounds_like_talk, said)) * 2 < len(said):
            return False
        return _is_spoken(said, short=surely and len(marks) > 3)

    def _conversation(self, run: Run) -> Conversation | None:
        keys = {mark.key for mark in run.marks}
        in_court = any(key in keys for key in ("the court", "the witness", "court", "the deponent"))
        names: dict[str, str] = {}
        for mark in run.marks:
            names.setdefault(mark.key, mark.label)
        assigned: dict[str, Role] = self.roles.assign([names[mark.key] for mark in run.marks], in_court)
        said: list[Utterance] = []
        for mark, end in run.turns():
            mark.role = assigned[names[mark.key]]
            said.append(utterance(self.layout, mark, end, names[mark.key]))
        return conversation_of(said, NAME, context_above(self.layout, run.marks[0].start, 0))


def _inside(offset: int, taken: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(taken, (offset, 1 << 62)) - 1
    return place >= 0 and offset < taken[place][1]


def _keys(run: Run) -> set[str]:
    return {mark.key for mark in run.marks}


def _others_begin(marks: Sequence[_Speaking]) -> frozenset[int]:
    """The marks from which on other people speak than before: at least two before and two from there on."""
    keys = [mark.key for mark in marks]
    found = set()
    for place in range(2, len(keys) - 1):
        if keys[place] not in keys[place - _PEOPLE : place]:
            before, after = set(keys[max(0, place - _PEOPLE) : place]), set(keys[place : place + _PEOPLE])
            if len(before) > 1 and len(after) > 1 and before.isdisjoint(after):
                found.add(place)
    return frozenset(found)


def _recurring(marks: Sequence[_Speaking]) -> list[_Speaking]:
    """The marks whose speakers come back, and those that look just like them: same style, surely a person."""
    counts = Counter(mark.key for mark in marks)
    back = [mark for mark in marks if counts[mark.key] > 1 or mark.known]
    styles = Counter(mark.style for mark in back)
    if not styles:
        return []
    usual = {style for style, count in styles.items() if count * 5 >= len(back)}
    emphases = {style[:2] for style in usual}
    kept = [
        mark
        for mark in marks
        if ((counts[mark.key] > 1 or mark.known) and mark.style[:2] in emphases)
        or (mark.person and mark.style in usual)
    ]
    return _not_deeper(kept)


def _not_deeper(marks: list[_Speaking]) -> list[_Speaking]:
    """Without labels that stand much deeper than most: those are examples or quotes inside a turn."""
    if not marks:
        return marks
    indents = sorted(mark.indent for mark in marks)
    usual = indents[len(indents) // 2]
    return [mark for mark in marks if mark.indent <= usual + 12]


def _groups(run: Run) -> Iterator[Run]:
    """Where turns stand line below line, blank lines part conversations if the speakers change with them."""
    starts = [0, *(place for place, mark in enumerate(run.marks) if place and mark.blank_before > 0)]
    tight = len(starts) * 2 <= len(run.marks)
    groups = [Run(run.marks[a:b], run.ends[a:b]) for a, b in pairwise([*starts, len(run.marks)])]
    if not tight or len(groups) < 2:
        yield run
        return
    changing = sum(_keys(a) != _keys(b) for a, b in pairwise(groups))
    if changing * 3 < len(groups) - 1 or any(len(group.marks) < 2 for group in groups):
        yield run
        return
    yield from groups


def _is_record(marks: Sequence[_Speaking]) -> bool:
    """Whether labels come in a fixed order again and again, as the fields of records do."""
    order = list(dict.fromkeys(mark.key for mark in marks))
    if len(order) < 3 or len(marks) < 2 * len(order):
        return False
    return all(mark.key == order[place % len(order)] for place, mark in enumerate(marks))


def _is_spoken(said: Sequence[str], short: bool) -> bool:
    """Whether enough turns address somebody, or some do and the others are sentences."""
    talking = sum(map(sounds_like_talk, said)) / len(said)
    sentences = sum(map(ends_a_sentence, said)) / len(said)
    wordy = sum(len(text.split()) > 3 or not text.isascii() for text in said) / len(said)
    if talking >= _TALKING:
        return True
    if talking >= _LEAST_TALKING and sentences >= _SENTENCES:
        return True
    return short and sentences >= 0.75 and wordy >= 0.5
