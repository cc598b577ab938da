"""What goes into a token file, what stays out and is counted, and how the file comes to be."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from src.errors import PackError, UsageError
from src.export.packing.tokens.token_dataset import TokenDataset
from src.export.packing.tokens.token_packer import LeftOut, pack_tokens
from src.providers.formats.open_models.llama_template import render
from src.providers.formats.training_example import Turn
from tests.export.packing.tokens.token_files import chat, encoder_of, packed, tokens_of, write_jsonl

ROWS = [chat("Hi", "Ho"), chat("What is 2 + 2?", "4", "And 3 + 3?", "6", system="Count."), chat("日本?", "🚀 déjà vu")]
CONTENTS = [
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]},
    {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}]},
            {"role": "assistant", "content": [{"text": "Ho"}]},
        ],
    },
    {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ho"}]}]},
    {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}]},
    {"instruction": "Hi", "input": "", "output": "Ho"},
    {"prompt": "Hi", "completion": "Ho"},
    {"text": render([Turn("user", "Hi"), Turn("assistant", "Ho")])},
]


def test_each_record_holds_the_ids_and_the_mask_of_its_row(tmp_path: Path) -> None:
    from src.providers.formats.registry import find_format

    dataset = TokenDataset(packed(tmp_path, ROWS, "llama3"))
    for row, record in zip(ROWS, dataset, strict=True):
        expected = tokens_of(encoder_of("llama3"), find_format("openai-chat").read(row))
        assert list(zip(record.input_ids.tolist(), record.loss_mask.tolist(), strict=True)) == expected


def test_all_providers_formats_give_the_same_tokens(tmp_path: Path) -> None:
    dataset = TokenDataset(packed(tmp_path, CONTENTS, "llama3"))
    assert len(dataset) == len(CONTENTS)
    assert {tuple(record.input_ids.tolist()) for record in dataset} == {tuple(dataset[0].input_ids.tolist())}


def test_small_vocabularies_take_two_bytes_a_token(tmp_path: Path) -> None:
    small, large = (TokenDataset(packed(tmp_path, ROWS, name, overwrite=True)) for name in ("mistral-v3", "llama3"))
    assert (small[0].input_ids.dtype, large[0].input_ids.dtype) == ("uint16", "uint32")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = ROWS * 500
    first = packed(tmp_path, rows).read_bytes()
    assert packed(tmp_path, rows, overwrite=True).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.jsonl", "chat.tokens.arrow"]


def test_arrow_itself_reads_the_file_and_finds_it_in_order(tmp_path: Path) -> None:
    import pyarrow as pa

    path = packed(tmp_path, ROWS * 500)
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    table.validate(full=True)
    dataset = TokenDataset(path)
    assert table["input_ids"].to_pylist() == [record.input_ids.tolist() for record in dataset]
    assert table["loss_mask"].to_pylist() == [record.loss_mask.tolist() for record in dataset]
    assert table["line"].to_pylist() == list(range(1, 1501)) == [dataset.line(place) for place in range(1500)]
    with pa.OSFile(str(path)) as stream:
        stream.seek(8)
        assert pa.ipc.open_stream(stream).read_all().equals(table)


def test_the_file_says_what_it_holds_and_where_it_comes_from(tmp_path: Path) -> None:
    import hashlib

    source = write_jsonl(tmp_path / "a.jsonl", ROWS)
    result = pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3", max_tokens=500)
    metadata = TokenDataset(result.path).metadata
    assert metadata == result.metadata
    lengths = [len(record.input_ids) for record in TokenDataset(result.path)]
    assert metadata.lengths == {
        "min": min(lengths), "mean": round(sum(lengths) / 3, 2), "p50": sorted(lengths)[1], "p95": max(lengths),
        "max": max(lengths),
    }  # fmt: skip
    assert (metadata.records, metadata.tokens, metadata.trained_tokens) == (3, sum(lengths), result.trained_tokens)
    assert (metadata.tokenizer, metadata.template, metadata.train_on) == ("mistral-v3", "mistral-v3", "assistant")
    assert (metadata.source, metadata.source_bytes) == ("a.jsonl", source.stat().st_size)
    assert metadata.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert metadata.vocabulary_sha256 == encoder_of("mistral-v3").sha256
    assert result.file_bytes == result.path.stat().st_size


def test_examples_that_are_too_long_are_left_out_and_their_lines_told(tmp_path: Path) -> None:
    rows = [chat("Hi", "Ho"), chat("Hi", "word " * 100), chat("Hi", "Ha"), chat("Hi", "word " * 200)]
    result = pack_tokens(write_jsonl(tmp_path / "a", rows), tmp_path / "b", tokenizer="mistral-v3", max_tokens=50)
    assert result.left_out == (LeftOut("more than 50 tokens", 2, [2, 4]),)
    assert result.metadata.left_out == {"more than 50 tokens": 2}
    assert [TokenDataset(result.path).line(place) for place in (0, 1)] == [1, 3]


def test_long_examples_are_cut_only_when_the_user_says_so(tmp_path: Path) -> None:
    rows = [chat("Hi", "Ho"), chat("Hi", "word " * 100), chat("word " * 100, "Ho")]
    source = write_jsonl(tmp_path / "a", rows)
    result = pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3", max_tokens=50, truncate=True)
    assert (result.records, result.truncated, result.metadata.truncated) == (2, 1, 1)
    assert result.left_out == (LeftOut("nothing to learn in what is left of it", 1, [3]),)
    whole = TokenDataset(pack_tokens(source, tmp_path / "c", tokenizer="mistral-v3").path)[1]
    cut = TokenDataset(result.path)[1]
    assert (len(cut.input_ids), cut.input_ids.tolist()) == (50, whole.input_ids[:50].tolist())


def test_what_the_template_cannot_write_is_left_out_with_its_reason(tmp_path: Path) -> None:
    weightless = chat("Hi", "Ho", "Hi", "Ho", weights={1: 0, 3: 0})
    gap = chat("Hi", "a" + " " * 60_000 + "b")
    source = write_jsonl(tmp_path / "a", [chat("Hi", "Ho"), weightless, gap, weightless])
    result = pack_tokens(source, tmp_path / "b", tokenizer="llama3")
    assert {one.reason: one.lines for one in result.left_out} == {
        "nothing to learn: the answers have the weight 0": [2, 4],
        "a run of 50,000 characters of white space or more": [3],
    }


def test_answers_of_weight_0_are_masked_and_mistrals_only_last_is_heeded(tmp_path: Path) -> None:
    rows = [chat("Hi", "one", "Hi", "two", weights={1: 0}), chat("Hi", "one", "Hi", "two") | {"only_last": True}]
    encoder = encoder_of("mistral-v3")
    for record in TokenDataset(packed(tmp_path, rows)):
        learnt = record.input_ids[record.loss_mask == 1].tolist()
        assert learnt == [*encoder.encode(["two"])[0], encoder.specials["</s>"]]


def test_lines_that_hold_no_example_are_refused_with_line_and_reason(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    good = json.dumps(chat("Hi", "Ho"))
    source.write_bytes(f'{good}\n{{"messages": 1\n{good}\n\n[1]\n{{"x": 1}}\n{good}\n'.encode() + b'{"a": "\xff"}\n')
    with pytest.raises(PackError) as caught:
        pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3")
    message = str(caught.value)
    for told in ("5 lines", "line 2 not valid JSON", "line 4 the line is blank", "line 5 ", "line 6 looks like no"):
        assert told in message
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]

    result = pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3", skip_invalid=True)
    assert (result.records, result.rejected, result.rejects_path) == (3, 5, tmp_path / "b.rejects.jsonl")
    rejects = [json.loads(line) for line in (tmp_path / "b.rejects.jsonl").read_text().splitlines()]
    assert [(one["line"], one.get("text")) for one in rejects][:2] == [(2, '{"messages": 1'), (4, "")]
    assert [TokenDataset(result.path).line(place) for place in range(3)] == [1, 3, 7]


def test_a_format_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a", [CONTENTS[0]])
    with pytest.raises(PackError, match="line 1"):
        pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3", format="vertex-chat")
    assert pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3", format="mistral-chat").records == 1


def test_an_empty_file_gives_an_empty_dataset(tmp_path: Path) -> None:
    dataset = TokenDataset(packed(tmp_path, []))
    assert (len(dataset), list(dataset), list(dataset.batches(8)), list(dataset.padded_batches(8, seed=1))) == (
        *(0, [], []),
        [],
    )
    assert dataset.metadata.lengths == {}


def test_one_example_of_any_length_is_taken(tmp_path: Path) -> None:
    dataset = TokenDataset(packed(tmp_path, [chat("Hi", "word " * 1_050_000), chat("Hi", "Ho")], "llama3"))
    assert dataset.metadata.batches == [[1, 2]]
    assert len(dataset[0].input_ids) > 1 << 20


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tokenizer": "claude-3"}, "its token ids are not public"),
        ({"tokenizer": "gpt2"}, "not a tokenizer"),
        ({"train_on": "user"}, "cannot be trained on"),
        ({"max_tokens": 0}, "give a number from 1"),
        ({"truncate": True}, "say at how many"),
        ({"format": "csv"}, "not a row format"),
        ({"output_path": "a.jsonl"}, "is the file to be packed itself"),
        ({"output_path": "there"}, "exists already"),
        ({"input_path": "c.jsonl"}, "is not a file"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    write_jsonl(tmp_path / "a.jsonl", ROWS)
    (tmp_path / "there").write_text("keep")
    given = {"input_path": "a.jsonl", "output_path": "b", "tokenizer": "mistral-v3"} | options
    source, target = tmp_path / given.pop("input_path"), tmp_path / given.pop("output_path")
    with pytest.raises(UsageError, match=told):
        pack_tokens(source, target, **given)
    assert (tmp_path / "there").read_text() == "keep"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "there"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "a.jsonl", ROWS)
    tmp_path.chmod(0o500)
    with pytest.raises(PackError, match="cannot be read or written"):
        pack_tokens(source, tmp_path / "b", tokenizer="mistral-v3")
    tmp_path.chmod(0o700)


def test_progress_ends_with_the_whole_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    source = write_jsonl(tmp_path / "a.jsonl", [chat("Hi", "word " * 20_000)] * 30)
    pack_tokens(
        source, tmp_path / "b", tokenizer="mistral-v3", on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == sorted(seen) and len(seen) > 2
    assert seen[-1] == (source.stat().st_size,) * 2
