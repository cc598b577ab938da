"""A sample on the screen, the passage it was made from beside it, and what it was before."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from src.cli.app import App
from src.dataset.curation.passages import Passage
from src.persistence.edits.records import ChangedSample, StoredChange
from src.records import Message, Sample

# From so many columns on, the passage stands beside the sample; else below it.
_WIDE, _GAP, _ROLE = 100, " | ", 13
_HEAD = 60


def draw_sample(app: App, sample: Sample, passage: Passage | str | None = None) -> None:
    """The sample, and with `passage` its source: the text, or why it is not at hand."""
    screen, width = app.screen, _width(app)
    screen.say()
    screen.title(f"{sample.id}  {_facts(sample)}")
    told = "" if passage is None else f"source: {_place(sample, passage)}"
    if isinstance(passage, Passage) and width >= _WIDE:
        half = (width - len(_GAP)) // 2
        right = [*textwrap.wrap(told, half), "", *_passage_lines(passage, half)]
        for line in beside(_message_lines(sample.messages, half), right, half):
            screen.say(line)
        return
    for line in _message_lines(sample.messages, width):
        screen.say(line)
    if told:
        screen.say(f"  {told}")
    for line in _passage_lines(passage, width - 4) if isinstance(passage, Passage) else ():
        screen.say(f"    {line}".rstrip())


def draw_history(app: App, history: Sequence[ChangedSample], changes: Iterable[StoredChange]) -> None:
    """The changes that a sample went through, the oldest first, with what stood there before."""
    known = {change.number: change for change in changes}
    for one in history:
        change = known[one.change]
        undone = f", undone by change {change.undone_by}" if change.undone_by else ""
        app.screen.say(f"\n  change {one.change}: {change.kind} by {change.who}, {change.made_at[:16]} UTC{undone}")
        if change.why:
            app.screen.say(f"    why: {plain(change.why)}")
        for line in difference_lines(one):
            app.screen.say(f"    {line}")


def difference_lines(changed: ChangedSample) -> list[str]:
    """What a change did to a sample, in words."""
    before, after = changed.before, changed.after
    if before is None or after is None:
        return ["it was added" if before is None else "it was deleted"]
    lines = []
    for old, new in zip_longest(before.messages, after.messages):
        if old != new:
            lines.append(f"- {old.role}: {plain(old.content)}" if old else "- nothing")
            lines.append(f"+ {new.role}: {plain(new.content)}" if new else "+ nothing")
    if before.topic_keywords != after.topic_keywords:
        lines += [f"- keywords: {', '.join(before.topic_keywords)}", f"+ keywords: {', '.join(after.topic_keywords)}"]
    if before.split != after.split:
        lines.append(f"split: {before.split or 'none'} -> {after.split or 'none'}")
    return lines


def head_of(sample: Sample) -> str:
    """The beginning of what the user says, for a line of a list."""
    text = " ".join(plain(next((m.content for m in sample.turns), "")).split())
    return text if len(text) <= _HEAD else f"{text[: _HEAD - 3]}..."


def plain(text: str) -> str:
    """The text without what could steer a terminal: control characters are shown, not sent."""
    return "".join(
        one if one.isprintable() or one == "\n" else " " if one.isspace() else one.encode("unicode_escape").decode()
        for one in text
    )


def beside(left: Sequence[str], right: Sequence[str], width: int) -> list[str]:
    """Two columns of lines, the left one `width` wide."""
    return [f"{one.ljust(width)}{_GAP}{other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]


def _facts(sample: Sample) -> str:
    origin = sample.origin
    made = f"edited from {origin.edited_from}" if origin.edited_from else origin.method
    facts = [origin.source_file, origin.place, made, f"{sample.token_length:,} tokens", sample.split or "not split"]
    return plain(", ".join([*filter(None, facts), *([f"model {origin.model}"] if origin.model else [])]))


def _place(sample: Sample, passage: Passage | str) -> str:
    if isinstance(passage, str):
        return passage
    return f"{plain(sample.origin.source_file)}, {passage.place}, marked >>like this<<"


def _message_lines(messages: Iterable[Message], width: int) -> list[str]:
    lines: list[str] = []
    for number, message in enumerate(messages, 1):
        texts = _wrapped(plain(message.content), width - _ROLE - 2) or [""]
        name = f"{number} {message.role}"
        lines += [f"  {(name if n == 0 else '').ljust(_ROLE)}{text}".rstrip() for n, text in enumerate(texts)]
    return lines


def _passage_lines(passage: Passage, width: int) -> list[str]:
    return _wrapped(plain(f"{passage.before}>>{passage.marked}<<{passage.after}"), width)


def _wrapped(text: str, width: int) -> list[str]:
    return [part for line in text.split("\n") for part in (textwrap.wrap(line, max(20, width)) or [""])]


def _width(app: App) -> int:
    return shutil.get_terminal_size().columns - 1 if app.screen.out.isatty() else 99
