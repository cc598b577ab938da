"""The lines that begin messages in chat logs and tickets: who speaks and when, as the common programs write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from src.agents.recognisers.exports.clocks import DATE, Clock

_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]{0,3}"  # invisible marks of writing direction
_GAP = "[ \t\u00a0\u202f]"
_CLOCK = (
    rf"(?P<clock>\d{{1,2}}[:.]\d\d(?:[:.]\d\d)?(?:{_GAP}?(?P<half>[AaPp]\.?{_GAP}?[Mm]\b\.?))?)(?:{_GAP}(?:Uhr|h)\b)?"
)
DAY = r"(?:Today|Yesterday|Heute|Gestern|Hoy|Ayer|Aujourd['’]hui|Hier|Oggi|Ieri|Last \w{6,9}|\w{6,10}day)"
_WHEN = rf"(?:{DAY}(?: at| um|,)? |{DATE}(?:,| at| um)?{_GAP})?{_CLOCK}"
_PERSON = r"(?P<name>[^\s:<>\[\]|{}=\"][^:<>\[\]\n|{}=\"\t]{0,58}?)"
_NICK = r"<[ @+%~&!]?(?P<name>[\w\[\]\\`^{}|.-]{1,30})>"
# In tickets the name comes with a role, and a date may be enough.
_WHO = r"(?P<name>[^\W\d_][^\n|<>]{0,70}?)"
_ON = rf"(?:{_GAP}{{1,3}}[|–—-]|,|:)?{_GAP}{{1,3}}(?:on |at |am )?"
_DATED = rf"[\[(]?(?:{DATE}(?:(?:,| at| um|T|{_GAP}-)?{_GAP}{{0,2}}{_CLOCK})?)[\])]?"
_ROLE = (
    r"(?P<name>(?:The )?(?:Requester|Customer|Client|User|End[- ]?user|Agent|Support(?: agent| team)?|Assignee|Staff|"
    r"Admin|Technician|Operator|Helpdesk|Reporter))"
)
_EVENT = r"(?:\*{1,3}|-!-|-->|<--|--|→|←|===|-\*-)(?=\s)"

# By the first character of a line. `strong` forms are written by one program only and need no further proof.
FORMS: dict[str, tuple[bool, str]] = {
    "whatsapp": (True, rf"{_MARKS}{DATE},{_GAP}?{_CLOCK}{_GAP}[-–]{_GAP}{_MARKS}(?:{_PERSON}:(?:{_GAP}|$))?"),
    "dated": (False, rf"{_MARKS}{DATE}{_GAP}{{1,2}}{_CLOCK}{_GAP}[-–]{_GAP}{_MARKS}(?:{_PERSON}:(?:{_GAP}|$))?"),
    "whatsapp ios": (True, rf"{_MARKS}\[{DATE},?{_GAP}{_CLOCK}\]{_GAP}?{_MARKS}(?:{_PERSON}:(?:{_GAP}|$))"),
    "irc": (True, rf"[\[(]?(?:{DATE}[ T])?{_CLOCK}[\])]?\s{{1,2}}{_NICK}(?:\s|$)"),
    "irc event": (True, rf"[\[(]?(?:{DATE}[ T])?{_CLOCK}[\])]?\s{{1,2}}{_EVENT}"),
    "zoom": (True, rf"{_CLOCK}\s{{1,4}}From\s{{1,3}}{_PERSON}\s{{1,3}}(?:to|To)\s{{1,3}}[^:\n]{{1,60}}:\s?"),
    "zoom tabs": (True, rf"{_CLOCK}\t{_PERSON}:\t"),
    "timed": (False, rf"[\[(]{_CLOCK}[\])]{_GAP}{{1,2}}{_PERSON}:(?:{_GAP}|$)"),
    "timed head": (False, rf"{_MARKS}\[{_WHEN}\]{_GAP}{{1,2}}{_MARKS}{_PERSON}:?$"),
    "clock": (False, rf"{_CLOCK}{_GAP}(?:[-–]{_GAP})?{_PERSON}:{_GAP}"),
    "head": (False, rf"{_PERSON},?{_GAP}{{1,4}}{_WHEN}$"),
    "head, time": (True, rf"{_PERSON},{_GAP}{_WHEN}:$"),
    "head [time]": (False, rf"{_PERSON},?{_GAP}{{1,2}}[\[(]{_WHEN}[\])]:?$"),
    "head — time": (True, rf"{_PERSON}{_GAP}{{1,2}}—{_GAP}{{1,2}}{_WHEN}$"),
    "head - time": (False, rf"{_PERSON}{_GAP}{{1,2}}[–•·|-]{_GAP}{{1,2}}{_WHEN}$"),
    "head #": (
        False,
        rf"(?:\#|Comment |Reply |Message |Update )#?\d{{1,6}}[:.)]?{_GAP}(?:[–-]{_GAP})?{_WHO}{_ON}{_DATED}:?$",
    ),
    "head ---": (False, rf"[-=*]{{2,10}}{_GAP}{_WHO}{_ON}{_DATED}{_GAP}?[-=*]{{0,10}}$"),
    "wrote": (
        False,
        rf"{_WHO}{_GAP}(?:wrote|commented|replied|responded|answered|posted|added a (?:comment|reply)|schrieb|"
        rf"antwortete|kommentierte){_ON}{_DATED}:?$",
    ),
    "comment by": (
        False,
        rf"(?:(?:Public|Internal|Private|New) )?(?i:Comment|Reply|Response|Note|Update|Message|Answer|Kommentar|"
        rf"Antwort|Posted|Added|Written) (?:#?\d{{1,5}} )?(?:by|from|von) {_WHO}(?:{_ON}{_DATED})?:?$",
    ),
    "role wrote": (True, rf"{_ROLE} (?:wrote|replied|commented|responded|answered):$"),
    "name (time)": (False, rf"{_PERSON}{_GAP}{{0,2}}[\[(]{_WHEN}[\])]:{_GAP}"),
}
_FIRSTS = {"[": "[", "(": "("}
_BY_FIRST: dict[str, tuple[str, ...]] = {
    "digit": ("whatsapp", "dated", "irc", "irc event", "zoom", "zoom tabs", "clock"),
    "[": ("whatsapp ios", "irc", "irc event", "timed", "timed head"),
    "(": ("irc", "irc event", "timed"),
    "other": (
        "head #",
        "head ---",
        "comment by",
        "wrote",
        "role wrote",
        "head, time",
        "head [time]",
        "name (time)",
        "head — time",
        "head - time",
        "head",
    ),
    "no digit": ("comment by", "role wrote"),
}
_DIGIT = re.compile(r"\d")
_PATTERNS = {name: re.compile(pattern) for name, (_, pattern) in FORMS.items()}
# Notices are written like the messages of their program.
_FAMILY = {"irc event": "irc"}
# Times of day, each pattern with its sign first, for which is searched fast.
_CLOCKS = (re.compile(r":(?<=\d:)\d\d"), re.compile(r"\.(?<=\d\.)\d\d[.\s\],\u202f]"))
_BARE_NICK = re.compile(rf"^{_NICK}[ \t]", re.MULTILINE)
# Heads of tickets may do without a time of day.
_TIME_ALONE = re.compile(rf"[ \t]{{0,8}}(?:[—–-][ \t])?{_WHEN}[ \t]{{0,4}}(?=\n)")
_TICKET = re.compile(
    r"\n(?:#\d|[-=]{2,10} [^\n]{3,100}\d|(?:[A-Z][a-z]+ )?(?=[CRNUMAKPWcrnumakpw\u212a]\S{3,8} )"
    r"(?i:Comment|Reply|Response|Note|Update|Message|Answer|Kommentar|Antwort|Posted|Added|Written) "
    r"(?:#?\d{1,5} )?(?:by|from|von) )"
)
_WROTE = ("wrote", "commented", "replied", "responded", "answered", "posted", "added a", "schrieb", "antwortete",
          "kommentierte")  # fmt: skip
# Documents label their speakers so, too.
SHARED_FORMS = ("timed", "clock", "name (time)", "head")
TICKET_FORMS = ("head #", "head ---", "wrote", "comment by", "role wrote")
_INTERNAL = re.compile(r"\b(?:internal|private|system|automat(?:ed|ic)|intern)\b", re.IGNORECASE)
_BARE_EVENT = re.compile(r"^(?:\*{1,3}|-!-|-->|<--|---)[ \t]", re.MULTILINE)
_FARTHEST_CLOCK = 100  # characters from the start of its line
LONGEST_HEAD = 160

_LOG_WORDS = {
    "info", "debug", "error", "warn", "warning", "fatal", "critical", "trace", "notice", "err", "severe", "note",
    "fail", "failed", "ok", "pass", "success", "verbose", "http", "https", "start", "end", "time", "date", "duration",
    "total", "updated", "created", "modified", "finished", "started", "build", "step", "stage", "task", "kernel",
    "exception", "traceback", "subject", "to", "cc", "from", "re", "fwd", "sent", "status", "result", "output",
    "posted", "published", "by", "at", "on", "the", "lunch", "break", "coffee", "breakfast", "dinner", "open", "closed",
    "hours", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "train", "bus", "departure",
    "arrival",
}  # fmt: skip
_NO_NAME = re.compile(r"[/\\@#$%&*+;?!]{2}|\d{2}(?!\d{0,8}$)|[/\\$;?!]")
_HTML = {"p", "li", "b", "i", "a", "br", "div", "td", "tr", "ul", "ol", "dt", "dd", "h1", "h2", "h3", "span", "code"}


@dataclass(frozen=True, slots=True)
class Head:
    """The start of a message; `name` is "" for a notice. `text` is where the text begins, on this line or the next."""

    form: str
    line: int
    text: int
    name: str
    clock: Clock | None


def heads_of(text: str) -> list[Head]:
    """The heads of a text in its order."""
    heads: dict[int, Head] = {}
    for start in _clock_lines(text):
        head = _head(text, start) or _two_line_head(text, start)
        if head:
            heads[head.line] = head
    for start in _ticket_lines(text):
        if start not in heads and (head := _head(text, start)):
            heads[start] = head
    has_nicks = text.startswith("<") or "\n<" in text
    bare = [match for match in _BARE_NICK.finditer(text) if match["name"].lower() not in _HTML] if has_nicks else []
    if len(bare) > 1:
        for match in (*bare, *_BARE_EVENT.finditer(text)):
            name = match["name"] if "name" in match.re.groupindex else ""
            heads.setdefault(match.start(), Head("bare irc", match.start(), match.end(), name, None))
    return [heads[start] for start in sorted(heads)]


def _clock_lines(text: str) -> list[int]:
    """The starts of lines with a time of day near their start."""
    starts = set()
    for pattern in _CLOCKS:
        for match in pattern.finditer(text):
            clock = match.start() - 1
            start = text.rfind("\n", max(0, clock - _FARTHEST_CLOCK), clock) + 1
            if start or clock <= _FARTHEST_CLOCK:
                starts.add(start)
    return sorted(starts)


def _two_line_head(text: str, line: int) -> Head | None:
    """A head as Slack and Discord put it on the clipboard: a name, below it the time, alone in the line here."""
    match = _TIME_ALONE.match(text, line)
    if match is None or not line:
        return None
    end = line - 1
    start = text.rfind("\n", max(0, end - LONGEST_HEAD), end) + 1
    if start and text[start:end].strip() in ("—", "–", "-", ""):
        end = start - 1
        start = text.rfind("\n", max(0, end - LONGEST_HEAD), end) + 1
    name = text[start:end].strip()
    if name and end - start < LONGEST_HEAD // 2 and _may_be_name(name, False):
        return Head("two lines", start, match.end(), name, _clock(match))
    return None


def _ticket_lines(text: str) -> Iterator[int]:
    """The starts of lines that may begin a ticket's comment."""
    yield 0
    for match in _TICKET.finditer(text):
        yield match.start() + 1
    for verb in _WROTE:  # ten searches for words are faster than one for all of them
        place = text.find(verb)
        while place >= 0:
            start = text.rfind("\n", max(0, place - _FARTHEST_CLOCK), place) + 1
            following = text[place + len(verb) : place + len(verb) + 1]
            if (start or place <= _FARTHEST_CLOCK) and not (following.isalnum() or following == "_"):
                yield start
            place = text.find(verb, place + 1)


def _head(text: str, start: int) -> Head | None:
    """What the line that starts here tells, by the first form that fits."""
    end = text.find("\n", start, start + LONGEST_HEAD)
    stop = end if end >= 0 else min(len(text), start + LONGEST_HEAD)
    line = text[start:stop]
    first = line.lstrip("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\ufeff")[:1]
    kind = first if first in _FIRSTS else "digit" if first.isdigit() else "other" if _DIGIT.search(line) else "no digit"
    for form in _BY_FIRST[kind]:
        match = _PATTERNS[form].match(line)
        if match is None or (FORMS[form][1].endswith("$") and end < 0 and stop < len(text)):
            continue
        name = (match.groupdict().get("name") or "").strip()
        if form in TICKET_FORMS and _INTERNAL.search(line):
            return Head(form, start, start + match.end(), "", _clock(match))
        if name and not _may_be_name(name, FORMS[form][0]):
            if form != "timed head" or not match["date"]:
                continue
            name = ""  # a notice, perhaps
        return Head(_FAMILY.get(form, form), start, start + match.end(), name, _clock(match))
    return None


def _clock(match: re.Match[str]) -> Clock | None:
    groups = match.groupdict()
    if not groups.get("clock"):
        return None
    return Clock(groups.get("date") or "", groups["clock"], groups.get("half") or "")


@lru_cache(maxsize=4096)
def _may_be_name(name: str, strong: bool) -> bool:
    """Whether the words before a colon or a time may name somebody."""
    words = name.split()
    if len(words) > 6 or not any(letter.isalnum() for letter in name):
        return False
    if strong:
        return words[0].lower() not in ("info", "debug", "error", "warn", "warning") and words[-1] not in (
            "INFO",
            "ERROR",
        )
    plain = [word.strip(".,-()").lower() for word in words]
    return not (set(plain) & _LOG_WORDS) and name[0].isalpha() and _NO_NAME.search(name) is None
