from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import ExportError
from src.providers import PROVIDERS
from src.providers.validation.json_lines import json_line
from src.records import Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


def holding(number: int, text: str) -> Sample:
    return replace(make_example(number), messages=(Message("user", text), Message("assistant", text)))


def rows_in(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def test_each_split_gets_the_providers_rows_in_order(tmp_path: Path) -> None:
    samples = [make_example(n, split=("train", "validation", "test")[n % 3], text="Ä\u2028") for n in range(120)]
    files, _ = write("jsonl", samples, tmp_path, job_for(samples))
    assert [path.name for path in files] == ["train.jsonl", "validation.jsonl", "test.jsonl"]
    for path in files:
        own = [sample.messages for sample in samples if sample.split == path.stem]
        assert path.read_bytes() == b"".join(json_line(PROVIDERS["openai"].format_example(one)) for one in own)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_its_own_rows(tmp_path: Path, provider: str) -> None:
    samples = [make_example(n) for n in range(60)]
    model = PROVIDERS[provider].get_models()[0]
    job = replace(job_for(samples), provider=provider, model=model)
    (path,), _ = write("jsonl", samples, tmp_path, job)
    assert rows_in(path) == [PROVIDERS[provider].format_example(sample.messages, model) for sample in samples]
    assert check("jsonl", samples, tmp_path, job).problems == ()


def test_a_sample_the_provider_refuses_is_named(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(60)]
    samples[57] = replace(samples[57], messages=(Message("user", " "), Message("assistant", "x")))
    with pytest.raises(ExportError, match=r"sample s000057 \(guide\.pdf\) cannot be exported: .*text_empty"):
        write("jsonl", samples, tmp_path, job_for(samples))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_comes_back_one_object_a_line(tmp_path: Path, texts: list[str]) -> None:
    samples = [holding(n, text) for n, text in enumerate(texts)]
    (tmp_path / "train.jsonl").unlink(missing_ok=True)
    (path,), _ = write("jsonl", samples, tmp_path, job_for(samples))
    # splitlines() also splits at U+2028, U+0085 and the like.
    lines = path.read_bytes().decode("utf-8").splitlines()
    assert [json.loads(line)["messages"][0]["content"] for line in lines] == texts


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "a\r\nb"])
def test_line_ends_inside_a_text_are_escaped(tmp_path: Path, text: str) -> None:
    (path,), _ = write("jsonl", [holding(1, text)], tmp_path, job_for([]))
    content = path.read_bytes()
    assert content.isascii()
    assert (content.count(b"\n"), content.count(b"\r")) == (1, 0)


def test_other_scripts_stay_readable(tmp_path: Path) -> None:
    (path,), _ = write("jsonl", [holding(1, "Größe 日本 🙂")], tmp_path, job_for([]))
    assert "Größe 日本 🙂" in path.read_text(encoding="utf-8")


def test_full_samples_hold_messages_and_everything_else(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_for(samples, jsonl={"structure": "messages"})
    files, _ = write("jsonl", samples, tmp_path, job)
    found = {str(row["id"]): row for path in files for row in rows_in(path)}
    for sample in samples:
        row = found[sample.id]
        assert row["messages"] == [{"role": one.role, "content": one.content} for one in sample.messages]
        assert (row["split"], row["call_id"]) == (sample.split, "e" * 64)
    assert check("jsonl", samples, tmp_path, job).problems == ()


def test_flat_rows_have_the_users_keys(tmp_path: Path) -> None:
    samples = [make_example(1, keywords=("tax",), tokens=7)]
    fields = {
        "question": "user",
        "answer": "assistant",
        "doc": "source_file",
        "n": "token_length",
        "about": "topic_keywords",
    }
    job = job_for(samples, jsonl={"structure": "flat", "fields": fields})
    (path,), _ = write("jsonl", samples, tmp_path, job)
    wanted = {"question": "Question 1?", "answer": "Answer 1.", "doc": "guide.pdf", "n": 7, "about": ["tax"]}
    assert rows_in(path) == [wanted]
    assert check("jsonl", samples, tmp_path, job).problems == ()


def test_flat_rows_without_fields_have_the_usual_keys(tmp_path: Path) -> None:
    (path,), _ = write("jsonl", [make_example(1)], tmp_path, job_for([], jsonl={"structure": "flat"}))
    assert list(rows_in(path)[0]) == ["id", "system", "user", "assistant"]


def test_unknown_fields_are_refused_before_a_file_is_made(tmp_path: Path) -> None:
    job = job_for([], jsonl={"structure": "flat", "fields": {"a": "answer", "b": "user", "c": "colour"}})
    with pytest.raises(ExportError, match="answer, colour: no such field; use system, user"):
        write("jsonl", [make_example(1)], tmp_path, job)
    assert list(tmp_path.iterdir()) == []


def test_conversations_that_are_not_flat_are_left_out_and_told(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(60)]
    for n in (3, 55):
        samples[n] = replace(samples[n], messages=samples[n].messages * 2)
    job = job_for(samples, jsonl={"structure": "flat"})
    (path,), writer = write("jsonl", samples, tmp_path, job)
    assert len(rows_in(path)) == 58
    assert writer.left_out == {"not_one_turn": 2}
    assert "2 samples were left out" in str(writer.issues[0])
    assert "the first is s000003" in str(writer.issues[0])
    found = check("jsonl", samples, tmp_path, job)
    assert (found.problems, found.left_out, found.rows) == ((), 2, {"train": 58})


def test_fields_that_every_sample_has_leave_none_out(tmp_path: Path) -> None:
    samples = [replace(make_example(1), messages=make_example(1).messages * 2)]
    (path,), _ = write(
        "jsonl", samples, tmp_path, job_for([], jsonl={"structure": "flat", "fields": {"m": "messages"}})
    )
    assert len(rows_in(path)[0]["m"]) == 6  # type: ignore[arg-type]


def test_nothing_that_is_flat_is_an_error(tmp_path: Path) -> None:
    samples = [replace(make_example(1), messages=make_example(1).messages * 2)]
    with pytest.raises(ExportError, match="no sample is one question with one answer"):
        write("jsonl", samples, tmp_path, job_for(samples, jsonl={"structure": "flat"}))
