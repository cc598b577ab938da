"""Pages that look labelled and hold no conversation: forms, manuals, outlines, records, logs, questionnaires."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.detection.talks import CITIES, Scribe, paragraphs

WORDS = ("valve", "harbour", "ledger", "pump", "archive", "carpet", "coupling", "reading room", "boat", "gauge", "kiln")
LINES_IN_SECTION = 12
Section = Callable[[Scribe], Iterator[str]]


def pages(scribe: Scribe, characters: int) -> Iterator[str]:
    """Documents of about 20,000 characters each, until there are `characters`."""
    written = 0
    while written < characters:
        parts: list[str] = []
        while sum(map(len, parts)) < 20_000:
            section = scribe.rng.choice(SECTIONS)
            parts += [scribe.heading(), *scribe.prose(1, 1), "\n".join(section(scribe))]
        text = "\n\n".join(parts)
        written += len(text)
        yield text


def _sentence(scribe: Scribe) -> str:
    return scribe.rng.choice(scribe.rng.choice(paragraphs()).split(". ")).rstrip(".") + "."


def _word(scribe: Scribe) -> str:
    return scribe.rng.choice(WORDS)


def _each(scribe: Scribe, line: Callable[[int], str]) -> Iterator[str]:
    return (line(n) for n in range(1, scribe.rng.randint(4, LINES_IN_SECTION)))


def manual(scribe: Scribe) -> Iterator[str]:
    marks = ("Note", "Warning", "Caution", "Tip", "Important", "Example", "See also", "Result")
    yield from _each(scribe, lambda _: f"{scribe.rng.choice(marks)}: {_sentence(scribe)}\n")


def steps(scribe: Scribe) -> Iterator[str]:
    yield from _each(scribe, lambda n: f"Step {n}: {_sentence(scribe)}")


def api(scribe: Scribe) -> Iterator[str]:
    for _ in range(3):
        name = _word(scribe).replace(" ", "_")
        yield f"{name}(count, *, strict=False)\n    {_sentence(scribe)}\n"
        yield "    Parameters: count: the number of entries\n    Return type: int"
        yield f"    Raises: ValueError: {_sentence(scribe)}\n"


def package(scribe: Scribe) -> Iterator[str]:
    for _ in range(4):
        yield (
            f"Package: lib{_word(scribe).replace(' ', '-')}\nVersion: 1.{scribe.rng.randint(0, 40)}\n"
            "Architecture: any\n"
            f"Maintainer: {scribe.name()} <m@example.org>\nDepends: libc6 (>= 2.36)\nDescription: {_sentence(scribe)}\n"
        )


def outline(scribe: Scribe) -> Iterator[str]:
    mark = scribe.rng.choice((".", ")"))
    for n in range(scribe.rng.randint(5, 20)):
        yield f"{chr(65 + n)}{mark} {_sentence(scribe)}"
        if scribe.chance(0.3):
            yield f"   {n + 1}. {_sentence(scribe)}"


def form(scribe: Scribe) -> Iterator[str]:
    yield (
        f"Name: {scribe.name()}\nDate of birth: 12.04.1981\nStreet: Dyke Road 4\nCity: {scribe.rng.choice(CITIES)}\n"
        "Phone: ______________\nE-mail: ______________\nCustomer: yes [ ]  no [ ]\nAgent: ______________\n"
        "Signature: ______________\nUser: ______________\nPatient: private / statutory\n"
    )


def glossary(scribe: Scribe) -> Iterator[str]:
    yield from _each(scribe, lambda _: f"{_word(scribe).capitalize()}: {_sentence(scribe)}")


def log(scribe: Scribe) -> Iterator[str]:
    levels = ("INFO", "WARN", "ERROR", "DEBUG")
    form = scribe.rng.choice(
        ("[10:{m:02}:07] {l}: {s}", "2025-09-15 10:{m:02}:11,402 {l} {s}", "Sep 15 10:{m:02}:40 host1 cron[{m}]: {s}")
    )
    yield from _each(scribe, lambda n: form.format(m=n, l=scribe.rng.choice(levels), s=_sentence(scribe)))


def changelog(scribe: Scribe) -> Iterator[str]:
    yield f"tool (1.{scribe.rng.randint(1, 30)}-2) unstable; urgency=low\n"
    yield from _each(scribe, lambda n: f"  * {_word(scribe)}: {_sentence(scribe)}")
    yield f"\n -- {scribe.name()} <m@example.org>  Mon, 15 Sep 2025 10:32:00 +0200"


def questionnaire(scribe: Scribe) -> Iterator[str]:
    asks = ("How satisfied are you with the {w}?", "How often do you use the {w}?", "Would you recommend the {w}?")
    boxes = "   [ ] very  [ ] fairly  [ ] not at all\n"
    yield from _each(scribe, lambda n: f"{n}. {scribe.rng.choice(asks).format(w=_word(scribe))}\n{boxes}")


def choices(scribe: Scribe) -> Iterator[str]:
    for n in range(1, 6):
        yield f"Question {n}. Which {_word(scribe)} is the largest?"
        yield from (f"  {letter}) the {_word(scribe)} of {scribe.rng.choice(CITIES)}" for letter in "ABCD")


def minutes(scribe: Scribe) -> Iterator[str]:
    yield f"Date: 3 March 2025\nPlace: {scribe.rng.choice(CITIES)}\nChair: {scribe.name()}"
    yield f"Present: {scribe.name()}, {scribe.name()}\n"
    item = "Item {}: {}\nDecision: {}\nBy: {}\n"
    yield from _each(scribe, lambda n: item.format(n, _word(scribe), _sentence(scribe), scribe.name()))


def cast(scribe: Scribe) -> Iterator[str]:
    yield from _each(scribe, lambda n: f"{('Director', 'Camera', 'Sound', 'Light', 'Music')[n % 5]}: {scribe.name()}")


def contacts(scribe: Scribe) -> Iterator[str]:
    number = scribe.rng.randint
    yield from _each(scribe, lambda _: f"{scribe.name()}: extension {number(100, 999)}, room {number(1, 40)}")


def settings(scribe: Scribe) -> Iterator[str]:
    yield "server:\n  user: postgres\n  host: localhost\n  agent: systemd\nlimits:\n  user: 20\n  client: 400\n"
    yield f"[desk]\nuser = {_word(scribe)}\nsystem = linux\nquestion = none"


def commits(scribe: Scribe) -> Iterator[str]:
    for _ in range(3):
        yield f"commit {scribe.rng.getrandbits(160):040x}\nAuthor: {scribe.name()} <a@example.org>"
        yield "Date:   Mon Sep 15 10:32:00 2025\n"
        yield f"    {_word(scribe)}: {_sentence(scribe)}\n\n    Signed-off-by: {scribe.name()} <b@example.org>\n"


def bibliography(scribe: Scribe) -> Iterator[str]:
    entry = "[{}] {}: {} {}: Harbour Press, 1962."
    yield from _each(scribe, lambda n: entry.format(n, scribe.name(), _sentence(scribe), scribe.rng.choice(CITIES)))


def recipe(scribe: Scribe) -> Iterator[str]:
    yield "Serves: 4\nTime: 40 minutes\nIngredients: flour, salt, water"
    yield f"Method: {_sentence(scribe)}\nTip: {_sentence(scribe)}"


def article(scribe: Scribe) -> Iterator[str]:
    """One rhetorical question as a heading, and questions within the prose."""
    yield "What is a harbour worth?\n"
    yield from (f"{text}\n" for text in scribe.prose(2, 3))
    yield f"But who is to pay for it? {_sentence(scribe)} And what of the rest? {_sentence(scribe)}\n"


def timetable(scribe: Scribe) -> Iterator[str]:
    yield from _each(scribe, lambda n: f"{8 + n:02}:30 {scribe.rng.choice(CITIES)}: {_word(scribe)} ({_word(scribe)})")


SECTIONS: tuple[Section, ...] = (
    manual, steps, api, package, outline, form, glossary, log, changelog, questionnaire, choices, minutes, cast,
    contacts, settings, commits, bibliography, recipe, article, timetable,
)  # fmt: skip
