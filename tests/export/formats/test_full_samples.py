from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.errors import PersistenceError
from src.export.batches import Batch, batches_of
from src.export.formats.full_samples import FIELDS, canonical, canonical_rows, field_names, plain_records, single_turn
from src.persistence.models import SampleRow
from src.records import Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import AWKWARD, awkward_samples, job_for

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(st.none() | st.integers(-(2**60), 2**60) | TEXT, lambda inner: st.lists(inner, max_size=4))


@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_the_canonical_form_is_what_the_standard_library_writes(record: dict[str, Any]) -> None:
    assert canonical(record) == json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_record_holds_all_that_a_sample_is_made_of() -> None:
    samples = awkward_samples()
    (batch,) = batches_of(samples)
    for sample, line in zip(samples, canonical_rows(batch, job_for(samples)), strict=True):
        record = json.loads(line)
        assert tuple(record) == FIELDS
        assert json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() == line
        assert record == json.loads(json.dumps(_expected(sample)).replace("\\udce9", "\\\\udce9"))


def _expected(sample: Sample) -> dict[str, Any]:
    origin = asdict(sample.origin)
    span, turns = origin.pop("span"), origin.pop("turn_spans")
    return {
        **origin,
        "id": sample.id,
        "split": sample.split,
        "messages": [asdict(message) for message in sample.messages],
        "token_length": sample.token_length,
        "topic_keywords": list(sample.topic_keywords),
        "span": [span["start"], span["end"]] if span else None,
        "turn_spans": [[[piece["start"], piece["end"]] for piece in turn] for turn in turns],
    }


def test_plain_records_are_the_same_as_values() -> None:
    samples = awkward_samples()
    (batch,) = batches_of(samples)
    job = job_for(samples)
    assert list(map(canonical, plain_records(batch, job))) == canonical_rows(batch, job)


def test_a_group_is_a_column_where_the_export_is_organised_so() -> None:
    (batch,) = batches_of([make_example(1)])
    grouped = Batch(batch.rows, ["tax"])
    column = job_for([make_example(1)], organize_by="topic", organize_as="column")
    folders = job_for([make_example(1)], organize_by="topic")
    assert field_names(column) == (*FIELDS, "group")
    assert json.loads(canonical_rows(grouped, column)[0])["group"] == "tax"
    assert plain_records(grouped, column)[0]["group"] == "tax"
    assert "group" not in json.loads(canonical_rows(grouped, folders)[0])


@pytest.mark.parametrize("content", ['[{"role": "user", "content": "\\u00e4\\/"}]', '[{"content":"ä/","role":"user"}]'])
def test_json_that_others_wrote_gives_the_same_bytes(content: str) -> None:
    ours = SampleRow("s1", '[{"role": "user", "content": "ä/"}]', 1, "", "a.txt", "train", "{}")
    rows = [ours, ours._replace(content=content)]
    one, other = canonical_rows(Batch(rows), job_for([]))
    assert one == other


@pytest.mark.parametrize("content", ["", "[", "{}", '[{"role": "user"}]', '[{"role": 1, "content": "x"}]', '["x"]'])
def test_messages_that_are_damaged_name_the_sample(content: str) -> None:
    rows = [SampleRow(f"s{n}", text, 1, "", "a.txt", "train", "{}") for n, text in enumerate(("[]", content))]
    with pytest.raises(PersistenceError, match="sample s1: its messages cannot be read"):
        canonical_rows(Batch(rows), job_for([]))
    with pytest.raises(PersistenceError, match="sample s1: its messages cannot be read"):
        _ = Batch(rows).messages


@pytest.mark.parametrize("origin", ["[", "[]", '"x"'])
def test_an_origin_that_is_damaged_names_the_sample(origin: str) -> None:
    with pytest.raises(PersistenceError, match="sample s1: its origin cannot be read"):
        canonical_rows(Batch([SampleRow("s1", "[]", 1, "", "a.txt", "train", origin)]), job_for([]))


def test_a_row_of_an_old_database_has_empty_fields() -> None:
    (line,) = canonical_rows(Batch([SampleRow("s1", "[]", None, None, None, None, "")]), job_for([]))  # type: ignore[arg-type]
    record = json.loads(line)
    assert (record["split"], record["token_length"], record["topic_keywords"]) == ("train", 0, [])
    assert (record["source_file"], record["place"], record["span"], record["turn_spans"]) == ("", "", None, [])


def test_a_file_name_that_is_no_text_stands_readably() -> None:
    samples = [make_example(1, source=os.fsdecode(b"caf\xe9.txt"), keywords=("caf\udce9", "plain")), make_example(2)]
    (batch,) = batches_of(samples)
    records = [json.loads(line) for line in canonical_rows(batch, job_for(samples))]
    assert [record["source_file"] for record in records] == ["caf\\udce9.txt", "guide.pdf"]
    assert records[0]["topic_keywords"] == ["caf\\udce9", "plain"]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=4), st.lists(TEXT, max_size=3))
def test_any_texts_come_through(texts: list[str], keywords: list[str]) -> None:
    messages = tuple(Message("user", text) for text in texts)
    sample = replace(make_example(1), messages=messages, topic_keywords=tuple(keywords))
    (batch,) = batches_of([sample])
    record = json.loads(canonical_rows(batch, job_for([]))[0])
    assert [message["content"] for message in record["messages"]] == texts
    assert record["topic_keywords"] == keywords


def test_only_one_question_with_one_answer_is_a_single_turn() -> None:
    turn = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    system = [{"role": "system", "content": "s"}]
    assert single_turn(turn) == ("", "q", "a")
    assert single_turn(system + turn) == ("s", "q", "a")
    for other in ([], turn[:1], turn[::-1], turn + turn, turn + system, system):
        assert single_turn(other) is None
