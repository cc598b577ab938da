"""Documents for the benchmarks: text files in which every sentence says something no other one says."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

# A heading begins a new passage, so a section below the product's 600 tokens is one passage with this many sentences.
SENTENCES_PER_SECTION = 24
SENTENCES_PER_PARAGRAPH = 6
SECTIONS_PER_FILE = 5
LEAST_SECTIONS = 8
# Spare sentences for answers that have to be asked for anew.
MARGIN = 1.2
SEED = 20261121


def _words(text: str) -> list[str]:
    return text.split()


_ONSETS = _words("b br d dr f fl g gr h j k kl l m n p pr r s sk st t tr v w z")
_VOWELS = _words("a e i o u ai ea ei ou")
_CODAS = _words("l ld lm n nd ng r rd rn rt s sk st th x")
_THINGS = _words(
    "pump valve boiler turbine ferry crane kiln loom lathe tractor buoy winch freezer scanner printer furnace "
    "conveyor generator antenna compressor excavator greenhouse reservoir lighthouse observatory laboratory"
)
_MAKERS = _words("built repaired painted tested leased insured inspected delivered rebuilt certified")
_PEOPLE = _words("plumber engineer captain farmer surveyor chemist teacher mechanic librarian forester")
_MATTERS = _words("copper timber barley cement salt olive cotton slate coal honey marble amber")
_SHAPES = (
    "{thing} {number} at {place} was {made} by {person} the {trade} for {amount} crowns of {matter}.",
    "In {place} the {trade} {person} keeps {thing} {number} beside {amount} crates of {matter}.",
    "{person} of {place} {made} {thing} {number} after {amount} days without {matter}.",
    "{trade} {person} feeds {thing} {number} of {place} with {amount} litres of {matter} every week.",
    "{person} opened {thing} {number} in {place} for {amount} guests with a key made of {matter}.",
    "{matter} from {place} reached {thing} {number} and {person} the {trade} after {amount} hours.",
)


@dataclass(frozen=True)
class Corpus:
    """The folder with the files, and every sentence that stands in them."""

    folder: Path
    sentences: frozenset[str]


def write_corpus(folder: Path, samples: int) -> Corpus:
    """Files with enough sentences for that many samples at one call each. The same number gives the same files."""
    rng = random.Random(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    sections = max(LEAST_SECTIONS, -(-int(samples * MARGIN) // SENTENCES_PER_SECTION))
    written = [_section(rng, number) for number in range(sections)]
    for first in range(0, sections, SECTIONS_PER_FILE):
        texts = [_as_text(rng, sentences) for sentences in written[first : first + SECTIONS_PER_FILE]]
        (folder / f"chronicle-{first // SECTIONS_PER_FILE:03}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return Corpus(folder, frozenset(sentence for section in written for sentence in section))


def _section(rng: random.Random, number: int) -> list[str]:
    return [_sentence(rng, 1000 + number * SENTENCES_PER_SECTION + place) for place in range(SENTENCES_PER_SECTION)]


def _sentence(rng: random.Random, number: int) -> str:
    """`number` stands in no other sentence, and early enough to be in a question made of the first words."""
    text = rng.choice(_SHAPES).format(
        thing=rng.choice(_THINGS),
        number=number,
        place=_name(rng),
        person=_name(rng),
        trade=rng.choice(_PEOPLE),
        made=rng.choice(_MAKERS),
        matter=rng.choice(_MATTERS),
        amount=rng.randrange(11, 999),
    )
    return text[0].upper() + text[1:]


def _name(rng: random.Random) -> str:
    start = rng.choice(_ONSETS) + rng.choice(_VOWELS)
    return start.capitalize() + rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)


def _as_text(rng: random.Random, sentences: list[str]) -> str:
    cuts = range(0, len(sentences), SENTENCES_PER_PARAGRAPH)
    paragraphs = [" ".join(sentences[start : start + SENTENCES_PER_PARAGRAPH]) for start in cuts]
    return "\n\n".join([f"# {_name(rng)}", *paragraphs])
