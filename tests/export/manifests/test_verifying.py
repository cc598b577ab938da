from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src.export.manifests.schema import ManifestError, checksum_line, read_manifest
from src.export.manifests.verifying import Problem, verify_folder
from tests.export.versions.example_exports import JSONL_SETTINGS, export_version, lines_of

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return export_version(tmp_path / "handbook", lines_of(8))[0]


def found_in(folder: Path) -> list[tuple[str, str]]:
    return [(problem.path, problem.kind) for problem in verify_folder(folder)]


def test_a_whole_export_has_no_problem_wherever_it_lies(exported: Path, tmp_path: Path) -> None:
    assert verify_folder(exported) == []
    assert verify_folder(exported.rename(tmp_path / "elsewhere")) == []


def test_sha256sum_checks_the_same_line(exported: Path) -> None:
    digest = hashlib.sha256((exported / "manifest.json").read_bytes()).hexdigest()
    assert (exported / "manifest.sha256").read_bytes() == f"{digest}  manifest.json\n".encode()
    if sys.platform == "linux":
        done = subprocess.run(["sha256sum", "--strict", "-c", "manifest.sha256"], cwd=exported, capture_output=True)
        assert done.returncode == 0


def test_any_flipped_byte_of_any_file_is_found_and_named(exported: Path) -> None:
    chance = random.Random(3)
    for path in sorted(exported.iterdir()):
        sound = path.read_bytes()
        places = {0, len(sound) - 1, *(chance.randrange(len(sound)) for _ in range(25))}
        if path.name == "manifest.sha256":
            places = set(range(len(sound)))
        for place in places:
            damaged = bytearray(sound)
            damaged[place] ^= chance.randrange(1, 256)
            path.write_bytes(damaged)
            assert path.name in {name for name, _ in found_in(exported)}, (path.name, place)
        path.write_bytes(sound)
    assert verify_folder(exported) == []


@pytest.mark.slow
def test_every_flipped_bit_of_the_manifest_is_found(exported: Path) -> None:
    path = exported / "manifest.json"
    sound = path.read_bytes()
    for place in range(0, len(sound) * 8, 13):
        damaged = bytearray(sound)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        assert ("manifest.json", "changed") in found_in(exported), place


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\n", lambda b: b"", lambda b: b[::-1]])
def test_shorter_longer_empty_and_shuffled_files_are_found(exported: Path, change: Callable[[bytes], bytes]) -> None:
    for path in exported.iterdir():
        sound = path.read_bytes()
        path.write_bytes(change(sound))
        assert path.name in {name for name, _ in found_in(exported)}
        path.write_bytes(sound)


def test_missing_extra_hidden_and_renamed_files_are_named(exported: Path) -> None:
    (exported / "test.jsonl").rename(exported / "tests.jsonl")
    (exported / ".DS_Store").touch()
    (exported / "more" / "deep").mkdir(parents=True)
    (exported / "more" / "extra.txt").touch()
    assert [str(problem) for problem in verify_folder(exported)] == [
        "test.jsonl: is missing",
        ".DS_Store: is not in the manifest",
        "more/extra.txt: is not in the manifest",
        "tests.jsonl: is not in the manifest",
        "more/deep: is not in the manifest; it is a folder",
    ]


def test_a_name_in_other_letters_is_another_file(exported: Path) -> None:
    (exported / "train.jsonl").rename(exported / "Train.jsonl")
    assert [str(problem) for problem in verify_folder(exported)] == [
        "train.jsonl: is missing; 'Train.jsonl' differs from it in upper and lower case",
        "Train.jsonl: is not in the manifest",
    ]


@needs_posix
def test_a_link_is_no_file_even_to_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    (exported / "train.jsonl").rename(tmp_path / "train.jsonl")
    (exported / "train.jsonl").symlink_to(tmp_path / "train.jsonl")
    (exported / "all").symlink_to(tmp_path)
    assert [str(problem) for problem in verify_folder(exported)] == [
        "train.jsonl: is missing; it is a link",
        "all: is not in the manifest; it is a link",
    ]


@needs_posix
def test_the_manifest_and_its_checksum_may_not_be_links(exported: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "manifest.sha256"):
        (exported / name).rename(tmp_path / name)
        (exported / name).symlink_to(tmp_path / name)
        assert [problem for problem in verify_folder(exported) if problem.path == name]
        with pytest.raises(ManifestError, match=f"{name}: is missing"):
            read_manifest(exported)
        (tmp_path / name).replace(exported / name)
    assert verify_folder(exported) == []


@needs_posix
def test_a_folder_and_a_pipe_in_place_of_a_file_are_named_and_not_opened(exported: Path) -> None:
    (exported / "train.jsonl").unlink()
    (exported / "train.jsonl").mkdir()
    (exported / "test.jsonl").unlink()
    os.mkfifo(exported / "test.jsonl")
    assert [str(problem) for problem in verify_folder(exported)] == [
        "test.jsonl: is missing; it is no regular file",
        "train.jsonl: is missing; it is a folder",
    ]


@needs_posix
def test_names_that_do_not_print_are_spelled_out(exported: Path) -> None:
    (exported / "\udcff\x1b[2J\n.txt").touch()
    assert [str(problem) for problem in verify_folder(exported)] == [
        "\\udcff\\x1b[2J\\n.txt: is not in the manifest",
    ]


@needs_posix
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_not_be_read_is_a_problem_not_a_crash(exported: Path) -> None:
    (exported / "train.jsonl").chmod(0)
    assert [str(problem) for problem in verify_folder(exported)] == ["train.jsonl: cannot be read (Permission denied)"]


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a manifest as somebody would who also knows how to write its checksum."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "manifest.sha256").write_bytes(checksum_line(path.read_bytes()))


def test_a_manifest_cannot_point_outside_its_folder(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x")
    entry = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest(), "role": "other"}
    entry |= {"format": None, "split": None, "rows": None}
    for name in ("../../outside.txt", str(tmp_path / "outside.txt"), "C:\\outside.txt"):
        rewrite(exported, lambda manifest, name=name: manifest["files"].update({name: entry}))  # type: ignore[misc]
        assert ("manifest.json", "manifest") in found_in(exported)
        rewrite(exported, lambda manifest, name=name: manifest["files"].pop(name))  # type: ignore[misc]
    assert verify_folder(exported) == []


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda m: m["samples"].update(total=9), "samples.by_split adds up to 8, not 9"),
        (lambda m: m["samples"]["by_split"].update(test=3), "samples.by_split adds up to 9, not 8"),
        (lambda m: m["samples"]["by_source"].update(other=1), "samples.by_source adds up to 9, not 8"),
        (lambda m: m["quality"].update(kept=7), "quality.kept is 7, not 8"),
        (lambda m: m["files"]["lineage.jsonl"].update(rows=7), "lineage.jsonl has 7 rows, not 8"),
        (lambda m: m["files"]["train.jsonl"].update(rows=5), "train.jsonl: has 4 lines, not 5"),
        (lambda m: m["formats"]["jsonl"]["rows"].update(test=3), "format jsonl tells of 9 samples, not 8"),
        (lambda m: m["formats"]["jsonl"].update(left_out={"tools": 1}), "format jsonl tells of 9 samples, not 8"),
        (lambda m: m["formats"]["jsonl"].update(rows={"train": 8}), "the train files of format jsonl have 4 rows"),
        (lambda m: m["formats"].clear(), "train.jsonl is of format jsonl, which formats does not list"),
    ],
)
def test_counts_that_do_not_fit_the_files_are_found(
    exported: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    rewrite(exported, change)
    problems = verify_folder(exported)
    assert {problem.kind for problem in problems} == {"counts"}
    assert expected in " | ".join(map(str, problems))


def test_rows_of_shards_nobody_counted_are_not_guessed(exported: Path) -> None:
    rewrite(exported, lambda manifest: manifest["files"]["train.jsonl"].update(rows=None))
    assert verify_folder(exported) == []


@pytest.mark.parametrize("content", ["", "[]", "\x00", "{" * 50_000, '{"schema_version": 1}', '{"schema_version": 7}'])
def test_a_damaged_manifest_is_a_problem_not_a_crash(exported: Path, content: str) -> None:
    (exported / "manifest.json").write_text(content)
    problems = verify_folder(exported)
    assert problems
    assert {problem.path for problem in problems} == {"manifest.json"}


def test_a_missing_checksum_is_a_problem(exported: Path) -> None:
    (exported / "manifest.sha256").unlink()
    assert verify_folder(exported) == [Problem("manifest.sha256", "missing", "is missing")]


def test_a_folder_without_a_manifest_is_a_problem(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "not there"):
        assert verify_folder(folder) == [Problem("manifest.json", "manifest", "is missing")]


def test_exports_from_before_the_schema_are_checked_for_their_files(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n")
    entry = {"bytes": 3, "sha256": hashlib.sha256(b"{}\n").hexdigest()}
    manifest = {"name": "old", "version": "v1.0.0", "files": {"train.jsonl": entry}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert verify_folder(tmp_path) == []
    (tmp_path / "train.jsonl").write_text("[]\n")
    assert [str(problem) for problem in verify_folder(tmp_path)] == [
        "train.jsonl: was changed (3 bytes, 3 were written)"
    ]


def test_a_manifest_that_lost_its_schema_version_is_not_taken_for_an_old_one(tmp_path: Path) -> None:
    raw = b'{"name": "old", "version": "v1.0.0", "files": {}}'
    (tmp_path / "manifest.json").write_bytes(raw)
    assert verify_folder(tmp_path) == []
    (tmp_path / "manifest.sha256").write_bytes(checksum_line(raw))
    assert ("manifest.json", "manifest") in found_in(tmp_path)


@pytest.mark.parametrize("files", ["null", "1", '{"a": {}}', '{"a": [1]}', '{"a": {"bytes": "x", "sha256": 1}}'])
def test_an_old_manifest_that_is_none_is_a_problem(tmp_path: Path, files: str) -> None:
    (tmp_path / "manifest.json").write_text(f'{{"files": {files}}}')
    assert found_in(tmp_path) == [("manifest.json", "manifest")]


def test_an_old_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "v1.0.0"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text("x")
    entry = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    names = ["../outside.txt", str(tmp_path / "outside.txt")]
    (folder / "manifest.json").write_text(json.dumps({"files": dict.fromkeys(names, entry)}))
    assert {problem.kind for problem in verify_folder(folder)} == {"missing"}


def test_many_formats_and_folders_are_checked(tmp_path: Path) -> None:
    formats = {"jsonl": JSONL_SETTINGS, "csv": {"delimiter": ","}}
    folder, _ = export_version(tmp_path, lines_of(8), formats)
    # The csv format wrote no file of its rows.
    assert [str(problem) for problem in verify_folder(folder)] == [
        f"manifest.json: the {split} files of format csv have 0 rows, not {rows}"
        for split, rows in (("train", 4), ("validation", 2), ("test", 2))
    ]
