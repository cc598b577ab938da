from __future__ import annotations

import ast
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from src.errors import ExportError
from src.export.formats.tensors.reading_code import DATASET_PY
from src.export.formats.tensors.safetensors_file import SafetensorsFile, read_samples
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write


def test_every_sample_comes_back_by_safetensors(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_for(samples, shard_rows=25)
    files, _ = write("pytorch", samples, tmp_path, job)
    found = {}
    for path in files[2:]:
        tensors = load_file(path)
        offsets, text = tensors["offsets"], tensors["samples"].tobytes()
        rows = [json.loads(text[a:b]) for a, b in pairwise(offsets)]
        assert [row["token_length"] for row in rows] == tensors["token_length"].tolist()
        found |= {row["id"]: row for row in rows}
    for sample in samples:
        assert [m["content"] for m in found[sample.id]["messages"]] == [m.content for m in sample.messages]
    assert check("pytorch", samples, tmp_path, job).problems == ()


def test_tensors_have_their_types_and_the_header_says_what_they_are(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(3)]
    files, _ = write("pytorch", samples, tmp_path, job_for(samples))
    tensors = load_file(files[-1])
    assert {name: tensor.dtype for name, tensor in tensors.items()} == {
        "offsets": np.int64, "token_length": np.int32, "samples": np.uint8
    }  # fmt: skip
    with safe_open(files[-1], "numpy") as file:
        assert file.metadata()["name"] == "handbook"


def test_no_file_is_a_pickle(tmp_path: Path) -> None:
    samples = awkward_samples()
    files, _ = write("pytorch", samples, tmp_path, job_for(samples))
    assert {path.suffix for path in files} == {".safetensors", ".py", ".md"}


def test_the_reading_code_needs_torch_and_safetensors_alone() -> None:
    modules = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(DATASET_PY))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert modules == {"bisect", "json", "pathlib", "torch", "safetensors"}


def test_fewer_samples_than_announced_are_an_error(tmp_path: Path) -> None:
    file = SafetensorsFile(tmp_path / "x.safetensors", 2, {})
    file.add([b"{}"], [1])
    with pytest.raises(ExportError, match="1 of 2 samples came"):
        file.close()
    file.abort()


def test_more_samples_than_counted_are_an_error(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(60)]
    with pytest.raises(ExportError, match="60 of 50 samples came"):
        write("pytorch", samples, tmp_path / "one", job_for(samples[:50]))
    with pytest.raises(ExportError, match="more samples came than were counted"):
        write("pytorch", samples, tmp_path / "other", job_for(samples[:50], shard_rows=25))


@pytest.mark.parametrize("name", ["offsets", "token_length", "samples"])
def test_a_changed_tensor_is_found(tmp_path: Path, name: str) -> None:
    samples = [make_example(n) for n in range(5)]
    files, _ = write("pytorch", samples, tmp_path, job_for(samples))
    with safe_open(files[-1], "numpy") as file:
        metadata = file.metadata()
    tensors = load_file(files[-1])
    for place in (0, 2, len(tensors[name]) - 1):
        changed = tensors[name].copy()
        changed[place] ^= 1
        save_file({**tensors, name: changed}, files[-1], metadata)
        assert len(check("pytorch", samples, tmp_path, job_for(samples)).problems) == 1


def test_offsets_that_lead_astray_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    text = np.frombuffer(b'{"token_length":1}' * 2, np.uint8)
    for offsets in ([0, 36], [0, 18, 37], [1, 18, 36], [0, 40, 36], [0, -18, 36]):
        save_file({"offsets": np.array(offsets), "token_length": np.array([1, 1], np.int32), "samples": text}, path)
        with pytest.raises(ExportError, match=r"x\.safetensors"):
            list(read_samples(path))


def test_other_tensors_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"weights": np.zeros(3)}, path)
    with pytest.raises(ExportError, match="holds weights and not offsets"):
        list(read_samples(path))
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(ExportError, match="safetensors cannot read it"):
        list(read_samples(path))
