"""Read subtitles (WebVTT and SubRip): one block per cue, its start time as the place."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pieces import SAME_TABLE, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.text.plain_text import cleaned, lines_of
from src.ingestion.text.text_decoding import text_blocks

_LONGEST_LINE = 1 << 20
_TIMES = re.compile(
    r"\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>", re.IGNORECASE)
# Only known tags go: "a < b" is text. {\an8} is where SubRip players set a line.
_TAG = re.compile(r"</?(?:[ibuscv]|lang|ruby|rt|font|span)(?:[. \t][^<>]*)?>|<[\d:.]+>|\{\\[^{}]*\}", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w{1,31};")
_SKIPPED = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
# Captions that roll begin when the ones before end.
_AT_ONCE = 0.1


@dataclass(slots=True)
class _Cue:
    start: float
    end: float
    lines: list[str]


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """The cues' text without tags and entities; "Name: " comes before it where the voice is another than before.

    Lines that a rolling caption repeats from the cue before are left out and counted. NOTE, STYLE and REGION blocks
    are skipped. Raises IngestionError when there is no cue.
    """
    with damage_refused(path, "subtitles"):
        lines = lines_of(cleaned(text_blocks(path, remarks), remarks), _LONGEST_LINE)
        found = False
        spoken = _Speech()
        for cue in _cues(lines):
            found = True
            yield from spoken.pieces(cue)
        if not found:
            raise IngestionError(f"{path.name} holds no subtitles; check the file or save it as .txt.")
    if spoken.repeated:
        remarks.note(f"{spoken.repeated:,} repeated line{'s' * (spoken.repeated > 1)} of rolling captions left out")


def _cues(lines: Iterable[str]) -> Iterator[_Cue]:
    """A cue is a line of times and the lines below it; one without a blank line before the next is tolerated."""
    cue: _Cue | None = None
    skipping = False
    for line in lines:
        times = _TIMES.match(line) if "-->" in line else None
        if times:
            if cue is not None:
                # The number of the next cue was taken for text.
                if cue.lines and cue.lines[-1].strip().isdecimal():
                    cue.lines.pop()
                yield cue
            cue, skipping = _Cue(_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), []), False
        elif not line.strip() and not (cue is not None and line):
            if cue is not None:
                yield cue
            cue, skipping = None, False
        elif cue is None:
            skipping = skipping or _SKIPPED.match(line) is not None
        elif not skipping:
            cue.lines.append(line)
    if cue is not None:
        yield cue


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


class _Speech:
    """What was said last, to tell what is new in a cue."""

    def __init__(self) -> None:
        self.repeated = 0
        self._voice = ""
        self._shown: list[str] = []
        self._end = -1.0

    def pieces(self, cue: _Cue) -> Iterator[Piece]:
        """The cue's piece, unless all of it was shown before."""
        lines = [line for line in self._texts(cue.lines) if line]
        fresh = lines
        if cue.start <= self._end + _AT_ONCE:
            again = self._overlap(lines)
            self.repeated += again
            fresh = lines[again:]
        if lines:
            self._shown, self._end = lines, cue.end
        if fresh:
            yield Piece("\n".join(fresh), "paragraph", _clock(cue.start), gap=SAME_TABLE)

    def _overlap(self, lines: list[str]) -> int:
        """How many lines at the cue's start are the last ones of the cue before."""
        for number in range(min(len(lines), len(self._shown)), 0, -1):
            if self._shown[-number:] == lines[:number]:
                return number
        return 0

    def _texts(self, lines: list[str]) -> Iterator[str]:
        voice_before, self._voice = self._voice, ""
        for line in lines:
            if "<" not in line:
                yield _plain(line)
                continue
            start = 0
            for voice in _VOICE.finditer(line):
                yield _plain(line[start : voice.start()])
                start = voice.end()
                name = _plain(voice[1])
                changed = name != (self._voice or voice_before)
                self._voice = name
                stop = _VOICE.search(line, start)
                said = _plain(line[start : stop.start() if stop else len(line)])
                start = stop.start() if stop else len(line)
                yield f"{name}: {said}" if changed and name and said else said
            yield _plain(line[start:])


def _plain(text: str) -> str:
    if "<" in text or "{" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text.strip()


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
