"""Truncated, bit-flipped and cut-up copies of each sample: read or refused, never anything else."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.document_reader import read_document

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "context_files" / "samples").iterdir())
OFFICE = [path for path in SAMPLES if path.suffix in (".docx", ".xlsx", ".pptx")]


def truncated(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 5, 50])):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def with_a_hole(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.randbytes(chance.randrange(200)) + content[at + chance.randrange(200) :]


def with_damaged_part(content: bytes, chance: random.Random) -> bytes:
    """A sound zip file in which one part is missing, cut off, empty or full of wrong values."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    victim = chance.choice([name for name in archive.namelist() if name.endswith((".xml", ".rels"))])
    whole = archive.read(victim)
    damaged = chance.choice(
        [
            None,
            b"",
            whole[: len(whole) // 2],
            re.sub(rb'"\w+"', b'"-1"', whole),
            re.sub(rb"<(/?)\w+:", rb"<\1x:", whole),
        ]
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            if name != victim:
                copy.writestr(name, archive.read(name))
            elif damaged is not None:
                copy.writestr(name, damaged)
    return target.getvalue()


def read_or_refused(path: Path) -> bool:
    """Whether the file was read; a refusal must name the file and say what to do."""
    try:
        document = read_document(path, path.parent)
    except IngestionError as refusal:
        assert path.name in str(refusal)
        assert re.search("save|remove|check|unpack|accepted|open|run", str(refusal), re.IGNORECASE), str(refusal)
        return False
    assert all(document.text[block.start : block.end] == block.text for block in document.blocks)
    return True


@pytest.mark.parametrize("damage", [truncated, flipped, with_a_hole])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_damaged_bytes(sample: Path, damage: Callable[[bytes, random.Random], bytes], tmp_path: Path) -> None:
    content, chance = sample.read_bytes(), random.Random(sample.name)
    path = tmp_path / sample.name

    for _ in range(25):
        path.write_bytes(damage(content, chance))
        read_or_refused(path)

    path.write_bytes(content)
    assert read_or_refused(path), "the whole file is read also after its damaged copies"


@pytest.mark.parametrize("sample", OFFICE, ids=lambda path: path.name)
def test_damaged_parts_of_office_files(sample: Path, tmp_path: Path) -> None:
    content, chance = sample.read_bytes(), random.Random(sample.name)
    path = tmp_path / sample.name
    outcomes = set()

    for _ in range(40):
        path.write_bytes(with_damaged_part(content, chance))
        outcomes.add(read_or_refused(path))

    assert outcomes == {True, False}  # some damage does not matter, some does
