"""The reader of WebVTT and SubRip: cues by time, voices named where they change, rolling captions once."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.text.subtitle_reader import read
from tests.ingestion.support import Reading, reading


def read_text(text: str, folder: Path, name: str = "a.vtt") -> Reading:
    path = folder / name
    path.write_bytes(text.encode())
    return reading(read, path)


def cues(found: Reading) -> list[tuple[str, str]]:
    return [(piece.place, piece.text) for piece in found.pieces]


VTT = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE
A note --

REGION
id:fred

intro
00:01.000 --> 00:04.000 align:start
<v Anna Lee>Hello &amp; <i>welcome</i>.
A second line.

01:00:05.500 --> 01:00:07.000
<v Anna Lee>Still me, 1 &lt; 2 and a < b.</v>

01:00:08.000 --> 01:00:09.000
<v.loud Bob>Thanks&nbsp;<c.yellow>a</c> <01:00:08.500>lot.<v Anna Lee>Bye.
"""


def test_webvtt_gives_the_text_of_its_cues(tmp_path: Path) -> None:
    found = read_text(VTT, tmp_path)

    assert cues(found) == [
        ("00:00:01", "Anna Lee: Hello & welcome.\nA second line."),
        ("01:00:05", "Still me, 1 < 2 and a < b."),
        ("01:00:08", "Bob: Thanks\xa0a lot.\nAnna Lee: Bye."),
    ]
    assert {(piece.kind, piece.gap) for piece in found.pieces} == {("paragraph", 1)}
    assert found.notes == found.warnings == ()


def test_a_voice_is_named_again_after_text_without_one(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.0 --> 00:02.0\n<v A>One\n\n00:03.0 --> 00:04.0\nmusic\n\n00:05.0 --> 00:06.0\n<v A>Two\n"

    assert [text for _, text in cues(read_text(text, tmp_path))] == ["A: One", "music", "A: Two"]


SRT = """1
00:00:01,600 --> 00:00:04,200
{\\an8}<font color="#fff">Where are</font> you?
- Here!

2
00:00:05,900 --> 00:00:07,999 X1:40
Two of <b>42</b>

42
1:00:08,0 --> 1:00:09,0
3
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_subrip_gives_the_text_of_its_cues(line_end: str, tmp_path: Path) -> None:
    assert cues(read_text(SRT.replace("\n", line_end), tmp_path, "a.srt")) == [
        ("00:00:01", "Where are you?\n- Here!"),
        ("00:00:05", "Two of 42"),
        ("01:00:08", "3"),
    ]


def test_cues_without_a_blank_line_between_them_are_told_apart(tmp_path: Path) -> None:
    text = "1\n00:00:01,0 --> 00:00:02,0\nOne\n2\n00:00:03,0 --> 00:00:04,0\nTwo\n"

    assert [text for _, text in cues(read_text(text, tmp_path, "a.srt"))] == ["One", "Two"]


ROLLING = """WEBVTT

00:00:00.000 --> 00:00:02.000
so<00:00:00.500><c> today</c>

00:00:02.000 --> 00:00:02.010
so today

00:00:02.010 --> 00:00:04.000
so today
we<00:00:02.500><c> learn</c>

00:00:04.000 --> 00:00:06.000
we learn
a lot

00:00:09.000 --> 00:00:10.000
a lot
"""


def test_rolling_captions_are_told_once_and_counted(tmp_path: Path) -> None:
    found = read_text(ROLLING, tmp_path)

    # The last cue comes seconds later: it is said again.
    assert [text for _, text in cues(found)] == ["so today", "we learn", "a lot", "a lot"]
    assert found.notes == ("3 repeated lines of rolling captions left out",)


def test_a_file_without_cues_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"^a\.srt holds no subtitles"):
        read_text("just text\n", tmp_path, "a.srt")
