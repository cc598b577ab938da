"""Find what speakers say in subtitles: a name before the text of a cue, the next cues without one go on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from src.agents.recognisers.conversation import Conversation, trimmed
from src.agents.recognisers.exports.utterances import Said, conversation
from src.agents.recognisers.roles import Roles
from src.records import Block, Document

NAME = "subtitles"
_TIME = re.compile(r"\d{1,4}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?")
_LABEL = re.compile(
    r"^(?:>{2,3}[ \t]*|[-–—][ \t]?)?(?P<name>[^\W_][^:\n\[\]<>!?\"]{0,40}?)[ \t]?[:：](?:[ \t]+|$)", re.MULTILINE
)
_MOST_WORDS = 4  # of a name


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    start: int
    text: int
    opens_cue: bool


def find_subtitle_speakers(document: Document, roles: Roles) -> Iterator[Conversation]:
    """One conversation of a subtitle file in which names stand before what is said; without names there is none."""
    cues = [block for block in document.blocks if _TIME.fullmatch(block.place)]
    if len(cues) < 2 or 2 * len(cues) < len(document.blocks):
        return
    labels = _names(cues)
    if len({label.name for label in labels}) < 2:
        return
    ends = [label.start for label in labels[1:]] + [cues[-1].end]
    said = []
    for label, end in zip(labels, ends, strict=True):
        span = trimmed(document, label.text, end)
        if span:
            said.append(Said(label.name, (span,)))
    found = conversation(said, roles, NAME)
    if found is not None:
        yield found


def _names(cues: list[Block]) -> list[_Label]:
    """The labels that are names: at the start of a cue, and inside one only where the name starts other cues, too."""
    labels: list[_Label] = []
    for cue in cues:
        for match in _LABEL.finditer(cue.text):
            at = match.start()
            if len(match["name"].split()) <= _MOST_WORDS:
                labels.append(_Label(match["name"].strip(), cue.start + at, cue.start + match.end(), at == 0))
    opening = Counter(label.name for label in labels if label.opens_cue)
    least = 1 if len(opening) <= 2 else 2  # of three names that come once each some are no names
    return [label for label in labels if opening[label.name] >= least and not label.name[0].islower()]
