from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import ExportError
from src.export.formats import EXPORT_FORMATS
from src.providers.formats.registry import FORMATS
from src.records import Message
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write

ROW_FORMATS = [name for name in EXPORT_FORMATS if name in FORMATS]


@pytest.mark.parametrize("name", ROW_FORMATS)
def test_every_row_is_one_that_the_formats_readers_take(tmp_path: Path, name: str) -> None:
    samples = awkward_samples()
    job = job_for(samples)
    files, writer = write(name, samples, tmp_path, job)
    rows = [json.loads(line) for path in files for line in path.read_bytes().split(b"\n")[:-1]]
    assert len(rows) + writer.left_out.total() == len(samples)
    for row in rows:
        assert [finding for finding in FORMATS[name].check(row) if finding.severity == "error"] == []
    found = check(name, samples, tmp_path, job)
    assert (found.problems, found.left_out) == ((), writer.left_out.total())


def test_formats_that_hold_no_conversation_are_not_offered() -> None:
    assert set(FORMATS) - set(ROW_FORMATS) == {
        "openai-preference", "openai-reinforcement", "vertex-preference", "mistral-text", "preference", "trl-preference"
    }  # fmt: skip


def test_what_is_left_out_is_counted_by_reason_and_told(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(120)]
    for n in (7, 90):
        samples[n] = replace(
            samples[n], messages=(*samples[n].messages, Message("user", "q"), Message("assistant", "a"))
        )
    samples[8] = replace(samples[8], messages=(Message("user", " "), Message("assistant", "x")))
    (path,), writer = write("prompt-completion", samples, tmp_path, job_for(samples))
    assert len(path.read_bytes().splitlines()) == 117
    assert writer.left_out == {"too_many_turns": 2, "text_empty": 1}
    told = " ".join(map(str, writer.issues))
    assert "2 samples were left out" in told
    assert "the first is s000007" in told
    assert "1 samples were left out" in told


def test_what_is_changed_is_told(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(60)]
    _, writer = write("prompt-completion", samples, tmp_path, job_for(samples))
    (issue,) = writer.issues
    assert issue.severity == "warning"
    assert "60 samples were changed to fit" in issue.message
    assert "system_into_prompt; the first is s000000" in issue.message


def test_nothing_that_can_be_written_is_an_error(tmp_path: Path) -> None:
    samples = [replace(make_example(1), messages=make_example(1).messages[1:] * 2)]
    with pytest.raises(ExportError, match="prompt-completion: none of the samples can be written"):
        write("prompt-completion", samples, tmp_path, job_for(samples))
