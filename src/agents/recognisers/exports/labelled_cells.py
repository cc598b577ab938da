"""Find whole dialogues kept in one value of a record: "Human: ... Assistant: ...", ChatML and [INST] marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from src.agents.recognisers.conversation import Conversation, trimmed
from src.agents.recognisers.exports.message_lists import TOOLS, told_role
from src.agents.recognisers.exports.utterances import Said, conversation
from src.agents.recognisers.roles import Roles, plain_name
from src.agents.recognisers.table_columns import plain
from src.records import Document, Span

NAME = "labelled cells"
_TALK = {
    "dialogue",
    "dialog",
    "conversation",
    "transcript",
    "chat",
    "chat transcript",
    "conversation text",
    "dialogue text",
}
_CELLS = _TALK | {"text", "chosen", "content", "messages", "history", "full conversation", "chat log", "body", "prompt"}
_LABEL = re.compile(
    r"(?:(?:^|(?<=\s)(?=###[ ]))[ \t]{0,4}(?:\#{1,4}[ \t]?|\*\*|\[|<)?"
    r"(?P<name>[^\W\d_][^\n:：<>\[\]{}|*\#]{0,30}?)(?:\*\*|\]|>|\#)?[ \t]?[:：](?:\*\*)?(?:[ \t]+|$|(?=\n)))"
    r"|<\|(?:im_start|start_header_id)\|>[ \t]?(?P<mark>\w{1,20})(?:<\|end_header_id\|>)?\n"
    r"|(?P<inst>\[INST\])|(?P<done>\[/INST\])|<\|(?P<tag>user|assistant|system)\|>",
    re.MULTILINE,
)
_END = re.compile(r"(?:<\|(?:im_end|eot_id|end|endoftext|end_of_text)\|>|</?s>|<\|begin_of_text\|>|\s)*\Z")
_SYSTEM = re.compile(r"\s*<<SYS>>(?P<text>.*?)<</SYS>>", re.DOTALL)
_MOST_LINES_UNLABELLED = 0.5  # where the labels are names that only the document knows
_LONGEST_TAIL = 200


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    start: int
    text: int
    marked: bool  # by signs that nothing but a dialogue has


def find_labelled_cells(document: Document, roles: Roles) -> Iterator[Conversation]:
    """A conversation for each cell that holds labelled turns and begins with one.

    Words for roles count as labels in every cell that holds text, names only in a column named for a dialogue.
    """
    for block in document.blocks:
        for name, start, end in block.cells:
            column = _column(name)
            if column in _CELLS and end - start > 10:
                found = _conversation(document, Span(block.start + start, block.start + end), column in _TALK, roles)
                if found is not None:
                    yield found


@lru_cache(maxsize=4096)
def _column(name: str) -> str:
    return plain(re.split(r"[.\]]", name.rstrip("]"))[-1] if "." in name or "[" in name else name)


def _conversation(document: Document, cell: Span, named: bool, roles: Roles) -> Conversation | None:
    text = document.text[cell.start : cell.end]
    if text.count(":") + text.count("：") < 2 and "<|" not in text and "[INST]" not in text:
        return None
    labels = _labels(text, named, roles)
    if len(labels) < 2 or text[: labels[0].start].replace("<s>", "").replace("<|begin_of_text|>", "").strip():
        return None
    ends = [label.start for label in labels[1:]] + [len(text)]
    said = [one for label, end in zip(labels, ends, strict=True) for one in _said(document, cell, label, end, roles)]
    return conversation(said, roles, NAME)


def _labels(text: str, named: bool, roles: Roles) -> Sequence[_Label]:
    labels: list[_Label] = []
    for match in _LABEL.finditer(text):
        groups = match.groupdict()
        marked = groups["name"] is None
        name = groups["name"] or groups["mark"] or groups["tag"] or ("user" if groups["inst"] else "assistant")
        labels.append(_Label(name.strip(), match.start(), match.end(), marked))
    if any(label.marked for label in labels):
        return [label for label in labels if label.marked]
    told = [label for label in labels if told_role(label.name, roles) or plain_name(label.name) in TOOLS]
    if {"user", "assistant"} <= {told_role(label.name, roles) for label in told}:
        return told
    counts = Counter(label.name for label in labels)
    lines = sum(1 for line in text.split("\n") if line.strip())
    people = [label for label in labels if counts[label.name] > 1 or len(counts) == 2]
    if named and len({label.name for label in people}) > 1 and len(people) >= _MOST_LINES_UNLABELLED * lines:
        return people
    return []


def _said(document: Document, cell: Span, label: _Label, end: int, roles: Roles) -> Iterator[Said]:
    """What stands below a label, without the marks of its end; in Llama's format a system prompt may come first."""
    start, stop = cell.start + label.text, cell.start + end
    tail = document.text[max(start, stop - _LONGEST_TAIL) : stop]
    close = _END.search(tail)
    stop -= len(tail) - close.start() if close else 0
    system = _SYSTEM.match(document.text, start, stop) if label.marked else None
    if system:
        span = trimmed(document, system.start("text"), system.end("text"))
        if span:
            yield Said("system", (span,), "system")
        start = system.end()
    span = trimmed(document, start, stop)
    if span and plain_name(label.name) not in TOOLS:
        yield Said(label.name, (span,), told_role(label.name, roles))
