"""Find questions and answers that carry a label: Q: and A:, Question and Answer in many languages, ### Instruction.

One pass with short anchored patterns, so the time grows with the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from src.agents.recognisers.conversation import Conversation, conversation_of
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.runs import Mark, Run, context_above, runs_of, utterance
from src.agents.recognisers.roles import Roles
from src.records import Role

NAME = "labelled turns"

# What goes together, in each language: labels of questions, then labels of answers.
_PAIRS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("q", "question", "questions", "ques"), ("a", "answer", "answers", "ans", "response", "reply")),
    (("instruction", "instructions", "prompt", "input"), ("response", "output", "completion", "answer")),
    (("f", "frage"), ("a", "antwort")),
    (("q", "question"), ("r", "réponse", "reponse")),
    (("p", "pregunta"), ("r", "respuesta")),
    (("p", "pergunta"), ("r", "resposta")),
    (("d", "domanda"), ("r", "risposta")),
    (("v", "vraag"), ("a", "antwoord")),
    (("f", "fråga", "spørgsmål", "spørsmål"), ("s", "svar")),
    (("p", "pytanie"), ("o", "odpowiedź", "odp")),
    (("o", "otázka"), ("o", "odpověď", "odpoveď")),
    (("k", "kysymys"), ("v", "vastaus")),
    (("k", "kérdés"), ("v", "válasz")),
    (("s", "soru"), ("c", "cevap", "yanıt")),
    (("î", "întrebare"), ("r", "răspuns")),
    (("в", "вопрос"), ("о", "ответ")),
    (("питання", "запитання", "п"), ("відповідь", "в")),
    (("ε", "ερώτηση"), ("α", "απάντηση")),
    (("问", "問", "问题", "問題", "質問", "q"), ("答", "答案", "回答", "答え", "a")),
    (("질문", "문"), ("답변", "답", "대답")),
    (("س", "سؤال", "السؤال"), ("ج", "جواب", "الجواب", "إجابة")),
    (("प्रश्न",), ("उत्तर",)),
)  # fmt: skip
QUESTION_WORDS = frozenset(word for pair in _PAIRS for words in pair for word in words)
_WIDE = frozenset("问問答문답")  # a single one of these is a word, not a letter
_LETTERS = frozenset(word for word in QUESTION_WORDS if len(word) == 1 and word not in _WIDE)
# Words that mean many things: they only belong to a conversation that the other words of their pair opened.
_ONLY_WITH = {"input": "instruction", "output": "instruction"}
_TALK_OF_TWO = re.compile(
    r"\b(?:interview(?:er|ed|s)?|deposition|testimony|examination|transcript|hearing|in conversation|"
    r"entretien|entrevista|intervista|gespräch|"
    r"интервью|访谈|インタビュー)\b|\bBY M(?:R|S|RS)\.|\bTHE (?:WITNESS|COURT)\b",
    re.IGNORECASE,
)  # fmt: skip

_LINE = re.compile(
    r"\n(?P<lead>[ \t\u00a0\u3000]{0,60}(?:>[ \t]?){0,3}(?:[-*+•▪‣◦–—][ \t]+)?"
    r"(?P<hash>#{1,6}[ \t]+)?(?:\(?(?P<item>\d{1,3})[.)][ \t]+)?)"
    r"(?P<open>\*{1,3}|_{1,3}|[\[(【「])?(?P<word>[^\W\d_]{1,16})"
    r"(?:[ \t]?(?:#|№|[Nn]o\.?)?[ \t]?(?P<number>\d{1,4}(?:[.-]\d{1,3})?))?(?:[ \t]?\([^()\n]{1,40}\))?"
    r"(?P<tail>[ \t]?[\])】」][:：]?|(?:[ \t\u00a0]{0,2}[:：.)]{1,2})?(?:\*{1,3}|_{1,3})?(?:[ \t\u00a0]?[:：]{1,2})?)"
    r"(?P<space>[ \t\u00a0\u3000]*)(?P<rest>[^\n]?)"
)  # fmt: skip
# The first word of every line that may have a label, found faster than by _LINE.
_FIRST_WORD = re.compile(r"\n[ \t\u00a0\u3000>\-*+•▪‣◦–—#(\[_【「\d.)]*([^\W\d_]{1,16})")
# Who else speaks where questions and answers are taken down; "BY MR. HALE:" says who asks from there on.
_COURT = re.compile(
    r"\n(?P<lead>[ \t]{0,60})(?P<by>BY )?(?P<label>(?:MR|MS|MRS|MISS|DR)\.? [A-Z][A-Z.'’ -]{1,30}?"
    r"|THE (?:WITNESS|COURT(?: REPORTER| CLERK)?|REPORTER"
    r"|CLERK|VIDEOGRAPHER|INTERPRETER|DEPONENT|JUDGE|BAILIFF))[ \t]?[:.](?=[ \t]|\n|\Z)[ \t]*"
)
_ANSWERS = ("THE WITNESS", "THE DEPONENT")
_NEAR = 3_000  # characters
_CODE_INDENT = 4
_OPTION = re.compile(r"\n[ \t]*(?:[-*•][ \t]+)?(?:\*\*)?\(?[Bb]([.):])(?:\*\*)?[ \t]")


def find_labelled_turns(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """Conversations of labelled questions and answers.

    Every question starts a conversation of its own, with the questions just before it that share its answer; but
    an interview or a deposition is one conversation.
    """
    matches = _lines(layout.scan)
    if len(matches) < 2:
        return
    marks = _marks(layout, matches, roles)
    if any(mark.key == "q" for mark in marks):
        marks = sorted([*marks, *_court(layout, marks, roles)], key=lambda mark: mark.start)
    floor = 0
    for run in runs_of(layout, marks, lambda mark, _: mark.role == "user"):
        context = context_above(layout, run.marks[0].start, floor)
        floor = run.ends[-1]
        for first, last in _exchanges(layout, run):
            said = [utterance(layout, run.marks[i], run.ends[i]) for i in range(first, last)]
            found = conversation_of(said, NAME, context)
            if found is not None:
                yield found


def _lines(scan: str) -> list[re.Match[str]]:
    """The lines that begin with one of the words, none where all of these are of one side."""
    words = {word.lower() for word in set(_FIRST_WORD.findall(scan))} & QUESTION_WORDS
    if not any(words.intersection(questions) and words.intersection(answers) for questions, answers in _PAIRS):
        return []
    starts = (first.start() for first in _FIRST_WORD.finditer(scan) if first[1].lower() in words)
    return [match for start in starts if (match := _LINE.match(scan, start)) is not None]


def _marks(layout: Layout, matches: Sequence[re.Match[str]], roles: Roles) -> list[Mark]:
    candidates = [mark for match in matches if (mark := _mark(layout, match)) is not None]
    known = _roles_of(Counter(mark.key for mark in candidates), roles)
    marks: list[Mark] = []
    for place, mark in enumerate(candidates):
        role = known.get(mark.key)
        if role is None:
            continue
        mark.role = role
        waiting = bool(marks) and marks[-1].role == "user"
        following = candidates[place + 1].start if place + 1 < len(candidates) else len(layout.text)
        if role == "assistant" and _is_option(layout.text, mark, following):
            continue
        if role == "assistant" and _outline(layout.text, mark) and not waiting:
            continue
        if _outline(layout.text, mark) and _between_neighbours(layout.text, mark):
            continue
        if marks and mark.indent > marks[-1].indent + 7 and mark.indent > marks[0].indent + 7:
            continue  # an example inside a turn
        mark.blank_before = layout.blank_lines_before(mark.start)
        marks.append(mark)
    return _asked_for(layout.text, marks)


def _mark(layout: Layout, match: re.Match[str]) -> Mark | None:
    """The label of a line, with its role still to be found out; None when the line has none."""
    start = match.start()  # the scanned text has one newline more in front
    word, tail, rest = match["word"], match["tail"].strip(), match["rest"]
    key = word.lower()
    alone = not rest
    marked = bool(tail.strip("*_)]】」")) or tail[-1:] in (")", "]", "】", "」")
    opened, closes = match["open"] or "", tail.endswith(("*", "_")) or "*" in tail or "_" in tail
    if not marked and not _names_itself(layout, match, alone, closes):
        return None
    if marked and rest and not match["space"] and not _needs_no_space(word, tail, rest):
        return None
    if len(key) == 1 and key in _LETTERS and word.islower() and not tail.startswith(":") and not opened:
        return None
    if word.islower() and len(key) > 1 and not opened and len(match["lead"].expandtabs(4)) >= _CODE_INDENT:
        return None  # a name in a program or in YAML
    if tail in (".", ")", ".)") and len(key) > 1 and not match["number"] and not closes and not alone:
        return None  # "Answer. That is what he wanted." is prose
    if not layout.is_free(match.start("rest") - 1) and not match["hash"]:
        return None
    text = match.start("rest") - 1
    end = layout.text.find("\n", text)
    opening = opened if opened[:1] in ("*", "_") and not closes else ""
    label = layout.text[match.start("word") - 1 : match.end("tail") - 1].strip("*_ \t:：.")
    number = match["number"] or match["item"] or ""
    indent = len(match["lead"].expandtabs(4)) - len(match["lead"].lstrip())
    return Mark(start, text, end if end >= 0 else len(layout.text), label, key, "user", number, opening,
                ">" in match["lead"], max(0, indent))  # fmt: skip


def _names_itself(layout: Layout, match: re.Match[str], alone: bool, closes: bool) -> bool:
    """Whether a label without a colon is one all the same: bold, a heading, or a whole word on its own line."""
    if match["open"] and closes and match["open"][:1] in ("*", "_"):
        return True
    if not alone:
        return False
    if match["hash"] or layout.document.block_at(match.start()).kind in ("heading", "title"):
        return True
    return len(match["word"]) > 2 and match["word"][0].isupper() and not match["open"]


def _needs_no_space(word: str, tail: str, rest: str) -> bool:
    """Whether words may follow the label at once: "Q:How" may, "A:\\temp", "a:1" and "A.B" may not."""
    if tail.endswith(("：", "】", "」")):
        return True
    return tail.endswith((":", "*", "_")) and rest not in "\\/:=" and not word.islower()


def _court(layout: Layout, marks: Sequence[Mark], roles: Roles) -> Iterator[Mark]:
    """Labels of judge, counsel and witness; what counsel says belongs to the side that asks."""
    taken = {mark.start for mark in marks}
    for match in _COURT.finditer(layout.scan):
        start, text, label = match.start(), match.end() - 1, match["label"]
        if start in taken or layout.is_code(start):
            continue
        role = roles.of_choice(label) or ("assistant" if label in _ANSWERS else "user")
        end = layout.text.find("\n", text)
        key = f"by {label}" if match["by"] else label
        yield Mark(start, text, end if end >= 0 else len(layout.text), label, key, role,
                   indent=len(match["lead"].expandtabs(4)), blank_before=layout.blank_lines_before(start))  # fmt: skip


def _roles_of(counts: Counter[str], roles: Roles) -> Mapping[str, Role]:
    """The role of each label, by the pairs of which both sides occur, the most frequent pair first."""
    weighed = []
    for questions, answers in _PAIRS:
        asked, answered = (sum(counts[word] for word in words if word in counts) for words in (questions, answers))
        if asked and answered:
            weighed.append((min(asked, answered), questions, answers))
    known: dict[str, Role] = {}
    for _, questions, answers in sorted(weighed, key=lambda pair: -pair[0]):
        sides: tuple[tuple[tuple[str, ...], Role], ...] = ((questions, "user"), (answers, "assistant"))
        if any(known.get(word, role) != role for words, role in sides for word in words if counts[word]):
            continue
        for words, role in sides:
            known.update(
                {word: role for word in words if _ONLY_WITH.get(word, word) in (word, *known) or counts["instruction"]}
            )
    for word in list(known):
        known[word] = roles.of_choice(word) or known[word]
    return known


def _outline(text: str, mark: Mark) -> bool:
    """Whether "A." or "A)" may be an item of an outline."""
    return mark.key in _LETTERS and text[mark.start : mark.text].rstrip().rstrip("*_").endswith((".", ")"))


def _between_neighbours(text: str, mark: Mark) -> bool:
    """Whether the letters before and after it in the alphabet stand at lines near by: C. D. E. are an outline."""
    sign = re.escape(text[mark.start : mark.text].rstrip().rstrip("*_")[-1:])
    letters = (chr(ord(mark.key) - 1), chr(ord(mark.key) + 1))
    before, after = (re.compile(rf"\n[ \t]*(?:[-*•][ \t]+)?\(?{one}{sign}[ \t]", re.IGNORECASE) for one in letters)
    start = max(0, mark.start - _NEAR)
    return bool(before.search(text, start, mark.start + 1) and after.search(text, mark.text, mark.text + _NEAR))


def _is_option(text: str, mark: Mark, following: int) -> bool:
    """Whether "A." is the first of several answers to choose from."""
    if mark.key != "a" or mark.number:
        return False
    option = _OPTION.search(text, mark.stop, min(following, mark.stop + 2000))
    return option is not None and option[1] in text[mark.start : mark.text]


def _asked_for(text: str, marks: list[Mark]) -> list[Mark]:
    """The marks, unless they are letters other than Q and A that ask nothing: those stand for anything."""
    doubtful = [mark for mark in marks if mark.role == "user" and mark.key in _LETTERS and mark.key != "q"]
    asks = sum("?" in text[mark.text : mark.text + 2000].split("\n\n")[0] or ";" in text[mark.text : mark.stop][-1:]
               for mark in doubtful)  # fmt: skip
    return [] if doubtful and asks * 2 < len(doubtful) else marks


def _exchanges(layout: Layout, run: Run) -> Iterator[tuple[int, int]]:
    """The ranges of marks that are one conversation each."""
    marks = run.marks
    if _is_talk_of_two(layout, run):
        yield 0, len(marks)
        return
    first = 0
    for place, mark in enumerate(marks):
        if place == first or mark.role != "user":
            continue
        if marks[place - 1].role != "user" or not _share_an_answer(marks, place):
            yield first, place
            first = place
    yield first, len(marks)


def _share_an_answer(marks: Sequence[Mark], place: int) -> bool:
    """Whether the question at `place` is asked together with the one before it.

    Not when the numbers say whose the answer is, nor when the answer stands nearer to its question than the
    two questions to each other.
    """
    answer = next((mark for mark in marks[place + 1 :] if mark.role != "user"), None)
    if answer is None:
        return False
    if answer.number and marks[place].number == answer.number and marks[place - 1].number != answer.number:
        return False
    return marks[place].blank_before <= answer.blank_before


def _is_talk_of_two(layout: Layout, run: Run) -> bool:
    """Whether questions and answers are an interview or a deposition: the lines above, or those between, say so."""
    if len(run.marks) < 3:
        return False
    if any(mark.key.isupper() or mark.key.startswith("by ") for mark in run.marks):
        return True
    start = run.marks[0].start
    heading = layout.heading_above(start)
    above = layout.text[max(0, start - 400) : start]
    if heading is not None:
        above += "\n" + layout.text[heading.start : heading.end]
    return _TALK_OF_TWO.search(above) is not None
