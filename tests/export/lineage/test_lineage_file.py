"""Every exported sample has its line in lineage.jsonl, and is found there."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from src.errors import ExportError, UsageError
from src.export.batches import Batch, batches_of
from src.export.lineage.lineage_file import LINEAGE_NAME, LineageWriter, find_sample, find_samples, message_hash
from src.persistence.models import SampleRow
from src.records import Message, Origin, Sample, Span, make_sample

CREATED = Origin(
    "docs/a.pdf", "created", "d" * 64, "page 3", Span(10, 42), (), "dddd:0-99", "create_mode-1", "stub", "k" * 64
)
IDENTIFIED = Origin(
    "b.txt", "identified", "e" * 64 + ".2", "line 4", Span(0, 9), ((Span(0, 4),), (Span(5, 7), Span(8, 9))), "eeee:0-9"
)


def sample(number: int, origin: Origin = CREATED, split: str | None = None) -> Sample:
    made = make_sample([Message("user", f"Wie viele? {number}"), Message("assistant", "Zwölf 🚲\n\u2028.")], origin)
    return Sample(f"s{number:020x}", made.messages, origin, split=split)  # type: ignore[arg-type]


def written(folder: Path, samples: list[Sample], size: int = 1000) -> list[dict[str, Any]]:
    writer = LineageWriter(folder)
    for batch in batches_of(samples, size):
        writer.write(batch)
    assert writer.close() == [folder / LINEAGE_NAME]
    return [json.loads(line) for line in (folder / LINEAGE_NAME).read_text(encoding="utf-8").splitlines()]


def test_a_line_names_everything_from_the_export_back_to_the_journal(tmp_path: Path) -> None:
    created, identified = written(tmp_path, [sample(1, CREATED, "train"), sample(2, IDENTIFIED, "test")])
    assert created == {
        "id": f"s{1:020x}", "split": "train", "line": 1, "sha256": created["sha256"], "source_file": "docs/a.pdf",
        "document": "d" * 64, "place": "page 3", "span": [10, 42], "turn_spans": [], "chunk": "dddd:0-99",
        "method": "created", "prompt": "create_mode-1", "model": "stub", "call": "k" * 64,
    }  # fmt: skip
    assert (identified["document"], identified["turn_spans"]) == ("e" * 64 + ".2", [[[0, 4]], [[5, 7], [8, 9]]])
    assert (identified["prompt"], identified["model"], identified["call"]) == ("", "", "")


def test_lines_are_counted_in_each_split_in_the_order_of_the_export_whatever_the_batches(tmp_path: Path) -> None:
    splits = ["train", "test", None, "validation", "train", "test", "train"]
    samples = [sample(number, CREATED, split) for number, split in enumerate(splits)]
    seen: Counter[str] = Counter()
    for entry, split in zip(written(tmp_path, samples, size=2), splits, strict=True):
        seen[split or "train"] += 1
        assert (entry["split"], entry["line"]) == (split or "train", seen[split or "train"])


def test_the_hash_is_that_of_json_dumps_for_every_character_there_is(tmp_path: Path) -> None:
    for start in range(0, 0x110000, 0x4000):
        text = "".join(chr(code) for code in range(start, start + 0x4000) if not 0xD800 <= code < 0xE000)
        messages = [Message("user", text), Message("assistant", "Yes.")]
        plain = json.dumps(
            [{"role": m.role, "content": m.content} for m in messages], ensure_ascii=False, separators=(",", ":")
        )
        assert message_hash(messages) == hashlib.sha256(plain.encode()).hexdigest()
    (entry,) = written(tmp_path, [sample(7)])
    assert entry["sha256"] == message_hash(sample(7).messages)


def test_a_sample_stored_before_there_was_an_origin_has_its_line_all_the_same(tmp_path: Path) -> None:
    writer = LineageWriter(tmp_path)
    writer.write(Batch([SampleRow("s1", '[{"role": "user", "content": "Hi"}]', 1, "", "old.txt", None, "")]))
    writer.close()
    entry = find_sample(tmp_path, "s1")
    assert entry is not None and (entry.source_file, entry.span, entry.call) == ("old.txt", None, "")


def test_a_sample_is_found_by_its_id_or_the_start_of_it(tmp_path: Path) -> None:
    samples = [sample(number, IDENTIFIED) for number in range(300)]
    written(tmp_path, samples)
    entry = find_sample(tmp_path, samples[255].id)
    assert entry is not None and (entry.id, entry.line) == (samples[255].id, 256)
    assert entry.turn_spans == (((0, 4),), ((5, 7), (8, 9)))
    assert find_sample(tmp_path, samples[255].id[:-1]) is None
    assert [one.line for one in find_samples(tmp_path / LINEAGE_NAME, samples[255].id[:-1])] == list(range(241, 257))
    assert [one.line for one in find_samples(tmp_path, samples[3].id)] == [4]
    assert find_samples(tmp_path, "t") == [] and find_samples(tmp_path, '"}') == []


def test_an_id_that_stands_in_another_field_is_not_taken_for_the_sample(tmp_path: Path) -> None:
    trap = '{"id":"s00000000000000000009"'
    written(tmp_path, [sample(1, Origin(trap, "created", trap, trap))])
    assert find_sample(tmp_path, "s00000000000000000009") is None


def test_what_is_no_lineage_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"lineage\.jsonl: cannot be read .* name the folder of an export"):
        find_sample(tmp_path, "s1")
    (tmp_path / LINEAGE_NAME).write_bytes(b"")
    assert find_sample(tmp_path, "s1") is None
    for damaged in (b'{"id":"s1","split":', b'{"id":"s1","split":"train","line":"one"}\n'):
        (tmp_path / LINEAGE_NAME).write_bytes(damaged)
        with pytest.raises(ExportError, match="a line is damaged"):
            find_sample(tmp_path, "s1")
