"""Plain text and Markdown files: conversations between headings and prose."""

from __future__ import annotations

from pathlib import Path

from benchmarks.detection.gold import Gold, pairs_of
from benchmarks.detection.render.labels import STARTERS, Body, Style
from benchmarks.detection.talks import Scribe

CONVERSATIONS = 3  # in a file


def plain_text(style: Style, path: Path, scribe: Scribe) -> list[Gold]:
    """A TXT file; after each conversation stands a heading, a ruler or the end, so that its last turn has an end."""
    shape = scribe.rng.choice(("underlined", "caps", "numbered", "alone", "ruler"))
    parts: list[str] = []
    gold: list[Gold] = []
    for number in range(CONVERSATIONS):
        body = style(scribe)
        parts += [_heading(shape, scribe.heading(), number), *scribe.prose(), *_starter(scribe), _blocks(body)]
        gold += body.gold
    parts += [_heading(shape, scribe.heading(), CONVERSATIONS), *scribe.prose()]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")
    return gold


def prose_follows(style: Style, path: Path, scribe: Scribe) -> list[Gold]:
    """As above, but prose follows at once. Only turns of one paragraph each, so that a blank line tells the end."""
    parts: list[str] = []
    gold: list[Gold] = []
    while len(gold) < CONVERSATIONS:
        body = style(scribe)
        if not any("\n\n" in block for block in body.blocks):
            parts += [*scribe.prose(), _blocks(body)]
            gold += body.gold
    path.write_text("\n\n".join([*parts, *scribe.prose()]) + "\n", "utf-8")
    return gold


def markdown(style: Style, path: Path, scribe: Scribe) -> list[Gold]:
    """A Markdown file with the labels in bold."""
    parts = [f"# {scribe.heading()}"]
    gold: list[Gold] = []
    for _ in range(CONVERSATIONS):
        body = style(scribe)
        parts += [f"## {scribe.heading()}", *scribe.prose(1, 1), *_starter(scribe), *map(_bold_label, body.blocks)]
        gold += body.gold
    path.write_text("\n\n".join([*parts, f"## {scribe.heading()}", *scribe.prose()]) + "\n", "utf-8")
    return gold


def bold_labels(scribe: Scribe) -> Body:
    """**Question** and **Answer** on lines of their own, or **Q: the whole question in bold**."""
    talk = scribe.questions(2)
    pairs = pairs_of(talk)
    form = scribe.rng.choice(
        ("**Question**\n\n{q}\n\n**Answer**\n\n{a}", "**Question:** {q}\n\n**Answer:** {a}", "**Q: {q}**\n\nA: {a}",
         "**Q.** {q}\n\n**A.** {a}")
    )  # fmt: skip
    return Body(tuple(form.format(q=q.text, a=a.text) for q, a in pairs), tuple(pairs))


def bold_questions(scribe: Scribe) -> Body:
    """**The question in bold?** and the answer below."""
    pairs = pairs_of(scribe.questions(3))
    return Body(tuple(f"**{q.text}**\n\n{a.text}" for q, a in pairs), tuple(pairs))


def question_sections(scribe: Scribe) -> Body:
    """### The question as a heading?"""
    pairs = pairs_of(scribe.questions(3))
    mark = scribe.rng.choice(("###", "####", "### {}."))
    return Body(
        tuple(f"{mark.format(n)} {q.text}\n\n{a.text}" for n, (q, a) in enumerate(pairs, start=1)), tuple(pairs)
    )


def markdown_table(path: Path, scribe: Scribe) -> list[Gold]:
    parts: list[str] = []
    gold: list[Gold] = []
    for _ in range(2):
        pairs = pairs_of(scribe.questions(3, plain=True))
        first, second = scribe.rng.choice((("Question", "Answer"), ("Prompt", "Response"), ("User", "Assistant")))
        rows = [f"| {q.text} | {a.text.replace('|', '/')} |" for q, a in pairs]
        table = "\n".join([f"| {first} | {second} |", "|---|---|", *rows])
        parts += [f"## {scribe.heading()}", *scribe.prose(1, 1), table]
        gold += pairs
    path.write_text("\n\n".join([*parts, *scribe.prose()]) + "\n", "utf-8")
    return gold


def _heading(shape: str, title: str, number: int) -> str:
    if shape == "underlined":
        return f"{title}\n{'=' * len(title)}"
    if shape == "ruler":
        return f"{'-' * 30}"
    return {"caps": title.upper(), "numbered": f"{number + 1}. {title}", "alone": title}[shape]


def _starter(scribe: Scribe) -> list[str]:
    return [scribe.rng.choice(STARTERS)] if scribe.chance(0.4) else []


def _blocks(body: Body) -> str:
    return ("\n" if body.dense else "\n\n").join(body.blocks)


def _bold_label(block: str) -> str:
    label, colon, text = block.partition(":")
    if block.startswith(("*", "#", "<")) or not colon or len(label) > 30 or "\n" in label:
        return block
    return f"**{label}:**{text}"
