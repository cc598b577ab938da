"""What is drawn fits the place it is drawn on."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest

from src.cli.display import ProgressBars, Screen
from src.pipeline.progress import Progress
from tests.workflows.support import ROOT, environment


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal_and_without_no_color() -> None:
    for stream, no_color, colored in (
        (Terminal(), False, True),
        (Terminal(), True, False),
        (io.StringIO(), False, False),
    ):
        Screen(stream, no_color=no_color).success("done")
        assert ("\x1b[32mdone\x1b[0m" in stream.getvalue()) is colored


def test_a_stream_that_knows_only_ascii_gets_escapes_instead_of_a_crash() -> None:
    raw = io.BytesIO()
    screen = Screen(io.TextIOWrapper(raw, encoding="ascii"))
    screen.say("café £5")
    assert raw.getvalue() == b"caf\\xe9 \\xa35\n"


def test_tables_line_up_numbers_to_the_right() -> None:
    out = io.StringIO()
    Screen(out).table(("name", "count"), [("a", 5), ("long name", 12345)])
    assert out.getvalue() == ("  name        count\n  ---------  ------\n  a               5\n  long name  12,345\n")


def test_long_lines_break_between_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    Screen(out, no_color=True).say("  warning " + "word " * 20)
    lines = out.getvalue().splitlines()
    assert len(lines) > 2 and all(len(line) < 40 and not line.endswith("wor") for line in lines)


def test_progress_off_a_terminal_is_a_line_when_a_stage_ends() -> None:
    out = io.StringIO()
    bars = ProgressBars(out)
    for done in range(4):
        bars(Progress("ingestion", done, 3, "a.pdf"))
    assert out.getvalue() == "Reading documents: 3 of 3 (a.pdf)\n"


def test_progress_on_a_terminal_is_a_bar_with_counts() -> None:
    out = Terminal()
    with ProgressBars(out) as bars:
        bars(Progress("generation", 0, 2))
        bars(Progress("generation", 2, 2, "1,200 tokens"))
    assert "Making samples" in out.getvalue() and "2/2" in out.getvalue() and "1,200 tokens" in out.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are not for Windows")
@pytest.mark.parametrize(
    ("extra", "colored"),
    [({"TERM": "xterm"}, True), ({"NO_COLOR": "1", "TERM": "xterm"}, False), ({"TERM": "dumb"}, False)],
)
def test_the_menu_on_a_real_terminal(extra: dict[str, str], colored: bool) -> None:
    main, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "src.main"], cwd=ROOT, env=environment(extra), stdin=end, stdout=end, stderr=end
    ) as process:
        os.write(main, b"6\n")
        assert process.wait(timeout=30) == 0
        os.close(end)
        screen = os.read(main, 65536).decode()
    os.close(main)
    assert "=== Fine-Tuning Dataset Builder ===" in screen and "Good-bye." in screen
    assert ("\x1b[1m" in screen) is colored
