"""Depositions with line numbers, interviews with initials, screenplays: text laid out for the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of, joined
from benchmarks.detection.render.labels import RECURRING, Body
from benchmarks.detection.talks import Scribe, wrapped

LINES_ON_PAGE = 25
STAGE = ("(quietly)", "(beat)", "(without looking up)", "(smiles)")
ACTION = (
    "Rain beats against the window. Nobody moves.", "The kettle starts to sing on the stove.",
    "A tram passes. The glasses in the cupboard tremble.", "She puts the letter back into the drawer.",
)  # fmt: skip


def deposition(path: Path, scribe: Scribe) -> list[Gold]:
    """Pages of 25 numbered lines under a running header; turns run over line and page ends."""
    talk = scribe.talk(plain=True, greet=False, language="en")
    witness = scribe.name().upper()
    lines = ["Whereupon,", f"                  {witness},", "was called as a witness and, having been first duly",
             "sworn, was examined and testified as follows:", "                   EXAMINATION",
             "BY MR. HALE:"]  # fmt: skip
    for said in talk.said:
        lines += wrapped(f"     {'Q.' if said.asks else 'A.'}  {said.text}", 56)
    lines += ["          (The deposition was concluded at 4:12 p.m.)"]
    first_page = scribe.rng.randint(4, 90)
    pages = [lines[i : i + LINES_ON_PAGE] for i in range(0, len(lines), LINES_ON_PAGE)]
    text = "\n".join(
        "\n".join([f"{witness:<48}Page {number}", "", *(f"{n:>2}    {line}" for n, line in enumerate(page, 1)), ""])
        for number, page in enumerate(pages, first_page)
    )
    path.write_text(text, "utf-8")
    return [gold_of(talk)]


def plain_deposition(scribe: Scribe) -> Body:
    """Q. and A. without line numbers, as it is quoted in a brief."""
    talk = scribe.talk(plain=True, greet=False, language="en")
    indent = scribe.rng.choice(("", "    ", "\t"))
    return Body(
        ("BY MS. ORLOV:", *(f"{indent}{'Q.' if said.asks else 'A.'} {said.text}" for said in talk.said)),
        (gold_of(talk),), dense=True,
    )  # fmt: skip


def initials(scribe: Scribe) -> Body:
    """A printed interview: initials of the two, defined or not in the line above."""
    talk = scribe.talk(greet=False, least=RECURRING)
    short = {name: "".join(word[0] for word in name.replace("-", " ").split()) for name in talk.names}
    if len(set(short.values())) < 2:
        short = {name: name.split()[0] for name in talk.names}
    blocks = [f"{short[talk.name_of(said)]}: {said.text}" for said in talk.said]
    return Body(tuple(blocks), (gold_of(talk, first_is_user=True),))


def dash_interview(scribe: Scribe) -> Body:
    """A name in capitals at the first line of each turn, as magazines print it."""
    talk = scribe.talk(plain=True, greet=False, least=RECURRING)
    magazine = scribe.rng.choice(("THE WEEKLY", "MORNING POST", "Q MAGAZINE"))
    who = {True: magazine, False: talk.names[1].split()[-1].upper()}
    blocks = [f"{who[said.asks]}: {said.text}" for said in talk.said]
    return Body(tuple(blocks), (gold_of(talk, first_is_user=True),))


def screenplay(path: Path, scribe: Scribe) -> list[Gold]:
    """Cues in capitals, dialogue indented and wrapped, stage directions and action between."""
    lines: list[str] = []
    gold: list[Gold] = []
    for scene in range(1, 3):
        talk = scribe.talk(plain=True, greet=False, least=RECURRING)
        lines += [f"{'INT.' if scene % 2 else 'EXT.'} {scribe.heading().upper()} - NIGHT", "",
                  *wrapped(scribe.rng.choice(ACTION), 60), ""]  # fmt: skip
        for said in talk.said:
            lines += [*_cue(scribe, talk.name_of(said).split()[0]), *_dialogue(said.text), ""]
            if scribe.chance(0.15):
                lines += [scribe.rng.choice(ACTION), ""]
        gold.append(gold_of(talk, first_is_user=True))
    path.write_text("\n".join([*lines, "                                        FADE OUT."]) + "\n", "utf-8")
    return gold


def _cue(scribe: Scribe, name: str) -> Iterator[str]:
    yield " " * 22 + name.upper()
    if scribe.chance(0.2):
        yield " " * 16 + scribe.rng.choice(STAGE)


def _dialogue(text: str) -> list[str]:
    return [" " * 11 + line for line in wrapped(text, 35)]


def three_voices(scribe: Scribe) -> Body:
    """A moderator and two guests: the first to speak is the user, the others are assistants."""
    talk = scribe.talk(greet=False, least=RECURRING)
    other = next(name for name in iter(scribe.name, "") if name not in talk.names)
    said = [(talk.name_of(one), one) for one in talk.said]
    at = next(i for i, (_, one) in enumerate(said) if not one.asks)
    reply = scribe.talk(plain=True, language=talk.language).said[-1].text
    turns = [("user" if one.asks else "assistant", name, one.text) for name, one in said]
    turns.insert(at + 1, ("assistant", other, reply))
    blocks = tuple(f"{name}: {text}" for _, name, text in turns)
    return Body(blocks, (joined((role, text) for role, _, text in turns),))
