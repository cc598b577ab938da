from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import ExportError
from src.export.formats.jsonl_formatter import check_lines, write_jsonl
from src.records import Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.export_in_a_loop import as_chat

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def holding(number: int, text: str) -> Sample:
    origin = make_example(number).origin
    return Sample(f"s{number}", (Message("user", text),), origin)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_comes_back_one_object_a_line(tmp_path: Path, texts: list[str]) -> None:
    (path,) = write_jsonl([holding(n, text) for n, text in enumerate(texts)], tmp_path, as_chat)
    # splitlines() also splits at U+2028, U+0085 and the like.
    lines = path.read_bytes().decode("utf-8").splitlines()
    assert [json.loads(line)["messages"][0]["content"] for line in lines] == texts


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "a\r\nb"])
def test_line_ends_inside_a_text_are_escaped(tmp_path: Path, text: str) -> None:
    (path,) = write_jsonl([holding(1, text)], tmp_path, as_chat)
    content = path.read_bytes()
    assert content.isascii()
    assert (content.count(b"\n"), content.count(b"\r")) == (1, 0)
    assert json.loads(content)["messages"][0]["content"] == text


def test_other_scripts_stay_readable(tmp_path: Path) -> None:
    (path,) = write_jsonl([holding(1, "Größe 日本 🙂")], tmp_path, as_chat)
    assert "Größe 日本 🙂" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lost", [1, 10, 10**6])
def test_a_line_lost_on_the_way_to_the_disk_is_found(tmp_path: Path, lost: int) -> None:
    samples = [make_example(n, split="test") for n in range(3)]
    (path,) = write_jsonl(samples, tmp_path, as_chat)
    check_lines(samples, [path, tmp_path / "metadata.csv"])
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(ExportError, match=r"test\.jsonl: [02] of 3 lines"):
        check_lines(samples, [path])
