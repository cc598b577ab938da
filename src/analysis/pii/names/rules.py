"""Find names of people by lists, titles and turns of phrase: no model, some millions of characters a second."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.names.gazetteer import common_words, function_words, given_names, plain_words, surnames
from src.analysis.pii.names.invented import is_invented
from src.analysis.pii.names.phrases import ACTED_ON, ACTS, INTRODUCES, SPOKEN_OF, SURE_INTRODUCTION, WRITTEN_SMALL
from src.analysis.pii.names.words import (
    NOT_ALONE,
    NOT_PEOPLE,
    PARTICLES,
    STREET_WORDS,
    SURNAMES_TOO,
    TITLES,
    UPPER,
    WEAK_TITLES,
    WORD,
    is_thing,
)
from src.analysis.pii.scan import Scan

_PARTICLE = "|".join(sorted(PARTICLES, key=len, reverse=True))
_CHAIN = re.compile(
    rf"(?<![\w@#/\\&$-])(?<![\w]\.){WORD}\.?(?: (?:(?:{_PARTICLE})(?: (?:la|der|den|los|las|de|het"
    rf"|'t))? )?(?:[{UPPER}]\.|{WORD}(?:\.(?= [{UPPER}]))?)){{0,5}}(?![\w@\\]|://|\.\w)"
)
_TOKEN = re.compile(r"\S+")
_LIST_BEFORE = re.compile(rf"({WORD})(?:,|,? (?:and|und|et|y|e|en|og|och|i|&)) \Z")
_LIST_AFTER = re.compile(rf"(?:,|,? (?:and|und|et|y|e|en|og|och|i|&)) ({WORD})")
_SPEAKER = re.compile(r"[ \t]*:[ \t]*[\"“'A-Z]")


@dataclass(frozen=True)
class Token:
    """A word of a chain of capitalised words; `small` is it in small letters without its dot."""

    start: int
    end: int
    word: str
    small: str


def find_names(scan: Scan) -> Iterator[PIIFinding]:
    """Given name and surname, what follows a title or "my name is", and lone given names where only people stand."""
    for chain in _CHAIN.finditer(scan.text):
        tokens = [
            Token(
                chain.start() + found.start(),
                chain.start() + found.end(),
                found.group(),
                found.group().rstrip(".").lower(),
            )
            for found in _TOKEN.finditer(chain.group())
        ]
        for name in _names(scan, tokens):
            if not is_invented(scan.text[name.start : name.end]):
                yield name
    for found in WRITTEN_SMALL.finditer(scan.text):
        yield from _written_small(found)


def _written_small(found: re.Match[str]) -> Iterator[PIIFinding]:
    """hi, my name is maria lopez"""
    first, last = found["first"], found["last"]
    if first.islower() and first not in TITLES and first in given_names() and first not in common_words():
        family = last is not None and last in surnames() and last not in function_words()
        yield PIIFinding(
            "NAME", found.start("first"), found.end("last" if family else "first"), 0.7, "name-written-small"
        )


def _names(scan: Scan, tokens: list[Token]) -> Iterator[PIIFinding]:
    place = 0
    while place < len(tokens):
        if tokens[place].small in function_words() or tokens[place].small in STREET_WORDS:
            place += 1
            continue
        for rule in (_titled, _introduced, _listed, _initialled, _lone):
            if (span := rule(scan, tokens, place)) is not None:
                count, confidence = span
                start = place + _title_length(tokens, place) if rule is _titled else place
                yield _finding(tokens[start : place + count], confidence, rule.__name__)
                place += count
                break
        else:
            place += 1


def _finding(tokens: list[Token], confidence: float, rule: str) -> PIIFinding:
    end = tokens[-1].end - (tokens[-1].word.endswith(".") and len(tokens[-1].small) > 1)
    end -= 2 * tokens[-1].word.lower().endswith("'s")
    return PIIFinding("NAME", tokens[0].start, end, confidence, "name" + rule.replace("_", "-"))


def _titled(scan: Scan, tokens: list[Token], place: int) -> tuple[int, float] | None:
    """Mr. Smith, Frau Dr. Anna Weber: the names behind the titles."""
    titles = _title_length(tokens, place)
    names = _following(scan, tokens, place + titles)
    if not titles or not names or _is_product(scan, tokens, place, titles + names):
        return None
    first = tokens[place + titles].small
    known = first in given_names() or first in surnames()
    weak = all(token.small in WEAK_TITLES for token in tokens[place : place + titles])
    if (weak and not known) or (first in common_words() and names == 1 and (weak or not known)):
        return None
    return titles + names, 0.9 if not weak else 0.7


def _introduced(scan: Scan, tokens: list[Token], place: int) -> tuple[int, float] | None:
    """What follows "my name is", "Dear" or a line that says regards."""
    if place:
        return None
    words = scan.before(tokens[0].start, 48)
    sure = SURE_INTRODUCTION.search(words) is not None
    if not sure and (tokens[0].small not in given_names() or INTRODUCES.search(words) is None):
        return None
    first, count = tokens[0].small, _following(scan, tokens, 0)
    if not count or first in TITLES or _is_product(scan, tokens, 0, count):
        return None
    listed = first in given_names() and (first not in common_words() or (sure and first in given_names()))
    labelled = words.rstrip().endswith(":") and count < 2
    code = scan.after(tokens[count - 1].end, 1) in ("[", "(", "{", "=", "_")
    if not listed and any(token.small in plain_words() for token in tokens[:count]):
        return None
    if listed or (sure and not labelled and not code and first not in common_words()):
        return count, 0.85
    return (count, 0.7) if count > 1 and first in given_names() and tokens[count - 1].small in surnames() else None


def _listed(scan: Scan, tokens: list[Token], place: int) -> tuple[int, float] | None:
    """A given name of the lists and what can be a surname behind it."""
    first = tokens[place]
    if first.word.isupper() and len(first.small) < 4:
        return None
    if first.small not in given_names() and first.small.split("-")[0] not in given_names():
        return None
    count = _following(scan, tokens, place)
    if count < 2 or _is_product(scan, tokens, place, count):
        return None
    last = tokens[place + count - 1].small
    if first.small in common_words() and (last not in surnames() or last in common_words()):
        return None
    if last in plain_words():
        return None
    if last in surnames() and last not in common_words():
        return count, 0.85
    return (count, 0.7) if last not in common_words() or count > 2 or last in surnames() else None


def _initialled(scan: Scan, tokens: list[Token], place: int) -> tuple[int, float] | None:
    """Two words with an initial between them, as in Harry S. Truman, or two initials before a surname."""
    count = _following(scan, tokens, place)
    if count != 3 or len(tokens[place + 1].small) != 1:
        return None
    first, last = tokens[place], tokens[place + 2]
    if first.word.isupper() != last.word.isupper() or first.small in common_words() or last.small in common_words():
        return None
    if len(first.small) == 1:
        return (
            (3, 0.7)
            if first.word.endswith(".") and tokens[place + 1].word.endswith(".") and last.small in surnames()
            else None
        )
    return (3, 0.65) if tokens[place + 1].word.endswith(".") and len(last.small) > 2 else None


def _lone(scan: Scan, tokens: list[Token], place: int) -> tuple[int, float] | None:
    """A given name alone, where the words around it speak of a person."""
    token = tokens[place]
    small = token.small.removesuffix("'s")
    if (
        len(tokens) > 1
        or not token.word[1:2].islower()
        or small in TITLES
        or small in NOT_ALONE
        or small not in given_names()
        or small in common_words()
        or len(small) < 3
    ):
        return None
    end = token.start + len(small)
    if ACTS.match(scan.text, end) or SPOKEN_OF.match(scan.text, end, min(len(scan.text), end + 90)):
        return 1, 0.6
    if ACTED_ON.search(scan.before(token.start, 40)) or _among_names(scan, token):
        return 1, 0.6
    line_start = scan.before(token.start, 1) in ("", "\n")
    return (1, 0.6) if line_start and _SPEAKER.match(scan.text, token.end) else None


def _among_names(scan: Scan, token: Token) -> bool:
    """Whether a given name stands right beside it in a list: Anna, Tim and Josef."""
    left = _LIST_BEFORE.search(scan.before(token.start, 30))
    right = _LIST_AFTER.match(scan.text, token.end, min(len(scan.text), token.end + 30))
    beside = [found.group(1).lower() for found in (left, right) if found]
    # Owens, Duran and Oneal are partners of a firm: surnames, all of them
    firm = token.small in surnames() and all(word in surnames() for word in beside)
    return not firm and any(word in given_names() and word not in common_words() for word in beside)


def _following(scan: Scan, tokens: list[Token], place: int) -> int:
    """How many tokens from `place` on can be one name; 0 when the words behind make it something else."""
    count = 0
    while place + count < len(tokens) and count < 5:
        token = tokens[place + count]
        if is_thing(token.small) and not (count == 1 and len(tokens) == place + 2 and token.small in SURNAMES_TOO):
            return 0
        if count and token.small in TITLES and token.word.endswith("."):
            break
        count += 1
        if token.word.lower().endswith("'s") or (token.word.endswith(".") and len(token.small) > 2):
            break
    while count and tokens[place + count - 1].small in PARTICLES and tokens[place + count - 1].word.islower():
        count -= 1
    return _without_sentence(tokens, place, count)


def _without_sentence(tokens: list[Token], place: int, count: int) -> int:
    """Leave out common words at the end: "Maria Lopez Thursday"."""
    while (
        count > 2
        and tokens[place + count - 1].small in common_words()
        and tokens[place + count - 1].small not in surnames()
    ):
        count -= 1
    return count


def _title_length(tokens: list[Token], place: int) -> int:
    count = 0
    while place + count < len(tokens) and tokens[place + count].small in TITLES:
        count += 1
    return count


def _is_product(scan: Scan, tokens: list[Token], place: int, count: int) -> bool:
    words = [token.small for token in tokens[place : place + count]]
    pairs = {" ".join(words[start : start + 2]) for start in range(len(words))}
    if pairs & NOT_PEOPLE:
        return True
    after = scan.after(tokens[place + count - 1].end, 14).lstrip(" ,-&").split(" ", 1)[0]
    return is_thing(after.rstrip(".,;:)").lower()) if after[:1].isupper() else False
