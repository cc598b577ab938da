"""Subtitles with speakers: VTT and SRT, each utterance cut into several cues."""

from __future__ import annotations

from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of
from benchmarks.detection.render.labels import RECURRING
from benchmarks.detection.talks import Scribe, wrapped


def captions(form: str, path: Path, scribe: Scribe) -> list[Gold]:
    """`form`: <v Name> on every cue, "NAME: " on every cue, or a name only where the speaker changes."""
    talk = scribe.talk(plain=True, least=2 if form == "voice" else RECURRING)
    vtt = path.suffix == ".vtt"
    cues: list[str] = []
    second = 1.0
    for said in talk.said:
        name = talk.name_of(said)
        for part, text in enumerate(_cut(scribe, said.text)):
            end = second + len(text) / 15
            times = f"{_time(second, vtt)} --> {_time(end, vtt)}"
            number = f"{len(cues) + 1}\n" if not vtt or scribe.chance(0.5) else ""
            cues.append(f"{number}{times}\n{_spoken(form, name, text, part)}")
            second = end + 0.2
    head = "WEBVTT\n\nNOTE made by the conference system\n\n" if vtt else ""
    path.write_text(head + "\n\n".join(cues) + "\n", "utf-8")
    return [gold_of(talk, first_is_user=True)]


def _cut(scribe: Scribe, text: str) -> list[str]:
    """Pieces of one or two lines of about 40 characters."""
    lines = wrapped(text, scribe.rng.choice((36, 42, 60)))
    step = scribe.rng.choice((1, 2))
    return ["\n".join(lines[i : i + step]) for i in range(0, len(lines), step)]


def _spoken(form: str, name: str, text: str, part: int) -> str:
    if form == "voice":
        return f"<v {name}>{text}</v>"
    if form == "name":
        return f"{name}: {text}"
    return text if part else f"{name.upper()}: {text}"


def _time(second: float, vtt: bool) -> str:
    whole, milli = int(second), int(second * 1000) % 1000
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{'.' if vtt else ','}{milli:03}"
