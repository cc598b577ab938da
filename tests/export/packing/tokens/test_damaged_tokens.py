"""Whatever was done to a token file, it is a clear error or the same content: never other tokens, never a crash."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from src.errors import PackError
from src.export.packing.tokens.arrow_file.token_batches import TokenArrays, batch_checksum
from src.export.packing.tokens.token_dataset import TokenDataset
from src.export.packing.tokens.token_metadata import METADATA_CHECKSUM_KEY, METADATA_KEY, TokenMetadata
from src.export.packing.tokens.verifying import verify_tokens
from tests.export.packing.tokens.token_files import chat, packed


def content_of(path: Path) -> list[Any]:
    """All there is in a file. Raises PackError."""
    dataset = TokenDataset(path)
    batches = map(dataset.record_batch, range(dataset.record_batches))
    arrays = [(one.lines, one.offsets, one.input_ids, one.loss_mask) for one in batches]
    return [dataset.metadata, [[array.tobytes() for array in batch] for batch in arrays]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two record batches."""
    rows = [chat("Hi", f"{number}") for number in range(1030)]
    return packed(tmp_path_factory.mktemp("small"), rows)


def test_2000_flipped_bits_are_all_noticed_or_harmless(small: Path) -> None:
    content = small.read_bytes()
    sound = content_of(small)
    pick = random.Random(6)
    # Half of them where the structure is: before, between and behind the buffers.
    between = content.index(b"xxh3_64", content.index(b"ftdb.tokens.xxh3_64") + 20)
    edges = [*range(4000), *range(between - 600, between + 600), *range(len(content) - 5000, len(content))]
    places = [pick.randrange(len(content)) for _ in range(1000)] + pick.choices(edges, k=1000)
    noticed = 0
    with small.open("r+b") as stream:
        for place in places:
            damaged = bytes([content[place] ^ 1 << pick.randrange(8)])
            _write_at(stream, place, damaged)
            try:
                assert content_of(small) == sound, f"a flip at {place} went unnoticed"
            except PackError as error:
                assert small.name in str(error)
                noticed += 1
            _write_at(stream, place, content[place : place + 1])
    assert content_of(small) == sound
    assert noticed > 1500


def test_every_flipped_byte_of_a_small_file_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = packed(tmp_path, [chat("Hi", "Ho")])
    content, sound = path.read_bytes(), content_of(path)
    with path.open("r+b") as stream:
        for place, byte in enumerate(content):
            _write_at(stream, place, bytes([byte ^ 0xFF]))
            with suppress(PackError):
                assert content_of(path) == sound, f"byte {place} went unnoticed"
            _write_at(stream, place, bytes([byte]))


def _write_at(stream: Any, place: int, byte: bytes) -> None:
    stream.seek(place)
    stream.write(byte)
    stream.flush()


def test_every_truncation_is_noticed_at_once(tmp_path: Path) -> None:
    path = packed(tmp_path, [chat("Hi", "Ho"), chat("Hi", "Ha")])
    content, cut = path.read_bytes(), tmp_path / "cut"
    cut.write_bytes(content)
    for length in reversed(range(len(content))):
        with cut.open("r+b") as stream:
            stream.truncate(length)
        with pytest.raises(PackError, match="cut"):
            TokenDataset(cut)
    # A few bytes too many, too.
    cut.write_bytes(content + b"\0")
    with pytest.raises(PackError, match="cut off"):
        TokenDataset(cut)


def test_batches_cannot_change_places(tmp_path: Path) -> None:
    """Each with its own right checksum, in a file Arrow takes for whole."""
    rows = [chat("Hi", f"{number % 10}") for number in range(2048)]
    path = packed(tmp_path, rows)
    with pa.ipc.open_file(str(path)) as reader:
        batches = [reader.get_batch_with_custom_metadata(number) for number in (1, 0)]
        with pa.ipc.new_file(str(tmp_path / "swapped"), reader.schema) as writer:
            for batch, metadata in batches:
                writer.write_batch(batch, custom_metadata=metadata)
    with pytest.raises(PackError, match=r"record batch 0 \(records 0 to 1023\) is damaged: its checksum differs"):
        TokenDataset(tmp_path / "swapped")[0]
    assert "checksums" in failed(tmp_path / "swapped")


def test_the_schema_in_front_that_others_read_is_checked_too(tmp_path: Path) -> None:
    path = packed(tmp_path, [chat("Hi", "Ho")])
    content = path.read_bytes()
    for damaged in (content.replace(b"loss_mask", b"less_mask", 1), content.replace(b"mistral-v3", b"mistral-v7", 1)):
        path.write_bytes(damaged)
        with pytest.raises(PackError, match="its two schemas differ"):
            TokenDataset(path)


def metadata_text(**changed: Any) -> dict[str, str]:
    known: dict[str, Any] = {
        "tokenizer": "llama3", "vocabulary_size": 128_256, "vocabulary_sha256": "", "special_ids": {"<pad>": 4},
        "template": "llama-3.1", "train_on": "assistant", "records": 2, "tokens": 5, "trained_tokens": 2,
        "batches": [[2, 1]], "trained_share": 0.4, "lengths": {"min": 2, "mean": 2.5, "p50": 2, "p95": 3, "max": 3},
    }  # fmt: skip
    return TokenMetadata(**(known | changed)).as_schema_metadata()


def list_of(kind: pa.DataType, offsets: list[int], values: list[int]) -> pa.Array:
    type_ = pa.list_(pa.field("item", kind, nullable=False))
    items = pa.array(values, kind)
    buffers = [None, pa.py_buffer(np.array(offsets, np.int32).tobytes())]
    return pa.Array.from_buffers(type_, len(offsets) - 1, buffers, children=[items])


def forge(
    path: Path,
    *,
    offsets: list[int] = [0, 2, 5],  # noqa: B006 - never changed
    mask_offsets: list[int] | None = None,
    ids: list[int] = [7, 8, 9, 10, 11],  # noqa: B006
    mask: list[int] = [0, 1, 0, 0, 1],  # noqa: B006
    kind: pa.DataType | None = None,
    compression: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A file as an attacker would make it: whatever it holds, with the checksums that go with it."""
    sound = [0, 2, 5]
    columns = [list_of(kind or pa.uint32(), sound, ids), list_of(pa.uint8(), sound, mask), pa.array([1, 2], pa.int64())]
    fields = [pa.field(name, column.type, nullable=False) for name, column in zip(NAMES, columns, strict=True)]
    schema = pa.schema(fields, metadata=metadata or metadata_text())
    arrays = TokenArrays(np.array([1, 2], "<i8"), np.array(offsets, "<i4"), np.array(ids, "<u4"), np.array(mask, "u1"))
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    with pa.ipc.new_file(str(path), schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_batch(batch, custom_metadata={"xxh3_64": batch_checksum(0, arrays)})
    # pyarrow would put them in order.
    if compression is None:
        before, between, after = path.read_bytes().split(np.array(sound, "<i4").tobytes())
        forged = (np.array(one, "<i4").tobytes() for one in (offsets, mask_offsets or offsets))
        path.write_bytes(before + next(forged) + between + next(forged) + after)
    return path


NAMES = ("input_ids", "loss_mask", "line")


def test_a_forged_file_with_nothing_wrong_is_taken(tmp_path: Path) -> None:
    path = forge(tmp_path / "a")
    assert [one.input_ids.tolist() for one in TokenDataset(path)] == [[7, 8], [9, 10, 11]]
    assert all(check.ok for check in verify_tokens(path))


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        ({"offsets": [0, 9, 5]}, "do not follow each other"),
        ({"offsets": [0, -1, 5]}, "do not follow each other"),
        ({"offsets": [1, 2, 5]}, "do not follow each other"),
        ({"offsets": [0, 2, 4]}, "do not follow each other"),
        ({"offsets": [0, 2, 2**31 - 1]}, "do not follow each other"),
        ({"mask_offsets": [0, 3, 5]}, "checksum"),
        ({"compression": "zstd"}, "compressed"),
        ({"compression": "lz4"}, "compressed"),
        ({"kind": pa.uint64()}, "columns"),
        ({"kind": pa.int32()}, "columns"),
        ({"kind": pa.float64()}, "columns"),
        ({"metadata": metadata_text(records=3, batches=[[3, 1]])}, "records and columns"),
        ({"metadata": metadata_text(records=1)}, "do not add up"),
        ({"metadata": metadata_text(batches=[[1, 2]])}, "does not name the record batches"),
        ({"metadata": metadata_text(batches=[[1, 2**40]])}, "does not name the record batches"),
        ({"metadata": metadata_text(batches=[[2, -1], [2, 2]])}, "not that of a token file"),
        ({"metadata": metadata_text(batches="x")}, "not that of a token file"),
        ({"metadata": metadata_text(special_ids={})}, "not that of a token file"),
        ({"metadata": metadata_text(tokens=1.5)}, "not that of a token file"),
        ({"metadata": metadata_text(format_version=2)}, "format version 2.*update"),
        ({"metadata": metadata_text(format_version=True)}, "format version True"),
        ({"metadata": metadata_text() | {"more": "x"}}, "no token file of this program"),
        ({"metadata": metadata_text() | {METADATA_CHECKSUM_KEY: "0" * 16}}, "metadata is damaged"),
        ({"metadata": {"pandas": "{}"}}, "no token file of this program"),
    ],
)
def test_what_a_forged_file_claims_is_not_believed(tmp_path: Path, forged: dict[str, Any], told: str) -> None:
    with pytest.raises(PackError, match=told):
        list(TokenDataset(forge(tmp_path / "a", **forged)))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"format_version": 1}', "[" * 100_000, "nan", "\ud800"])
def test_metadata_that_is_no_metadata_is_refused(tmp_path: Path, text: str) -> None:
    from xxhash import xxh3_64_hexdigest

    encoded = text.encode("utf-8", "replace")
    pairs = {METADATA_KEY: encoded, METADATA_CHECKSUM_KEY: xxh3_64_hexdigest(encoded)}
    with pytest.raises(PackError, match="metadata"):
        TokenDataset(forge(tmp_path / "a", metadata=pairs))


def test_ids_and_masks_no_trainer_can_use_are_found_by_verify(tmp_path: Path) -> None:
    assert failed(forge(tmp_path / "a", ids=[7, 8, 9, 10, 128_256])) == ["token ids"]
    assert failed(forge(tmp_path / "b", mask=[0, 1, 0, 2, 1])) == ["loss masks"]
    assert failed(forge(tmp_path / "c", mask=[1, 1, 0, 0, 1])) == ["trained tokens", "trained share"]
    assert failed(forge(tmp_path / "d", metadata=metadata_text(tokens=6))) == ["tokens"]
    assert failed(forge(tmp_path / "e", metadata=metadata_text(lengths={}))) == ["lengths"]
    assert failed(forge(tmp_path / "f", offsets=[0, 5, 3])) == [
        *("checksums", "records", "tokens", "trained tokens", "trained share", "lengths")
    ]


def failed(path: Path) -> list[str]:
    return [check.check for check in verify_tokens(path) if not check.ok]


def test_a_sound_file_passes_every_check(small: Path) -> None:
    checks = verify_tokens(small)
    assert all(check.ok for check in checks) and len(checks) == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"ARROW1\0\0", b"ARROW1\0\0" + bytes(100) + b"ARROW1", bytes(5000), b"ARROW1\0\0" * 100, b"{}\n" * 50],
)
def test_files_of_another_kind_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PackError, match="a: it"):
        TokenDataset(tmp_path / "a")
    assert [(check.check, check.ok) for check in verify_tokens(tmp_path / "a")] == [("structure", False)]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(PackError, match="cannot be read"):
            TokenDataset(path)


def test_other_arrow_files_are_refused(tmp_path: Path) -> None:
    dictionary = pa.table({"a": pa.array(["x", "y"]).dictionary_encode()})
    nested = pa.table({"a": pa.array([[[[1]]]], pa.list_(pa.list_(pa.list_(pa.int64()))))})
    many = pa.table({f"c{number}": [1] for number in range(100)})
    for place, table in enumerate((dictionary, nested, many, pa.table({"line": [1]}))):
        path = str(tmp_path / f"{place}")
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
        with pytest.raises(PackError):
            TokenDataset(path)


def test_random_changes_to_the_structure_never_crash_or_hang(tmp_path: Path) -> None:
    """Several bytes at once, with the numbers that break parsers; what is noticed is only ever a PackError."""
    path = packed(tmp_path, [chat("Hi", "Ho")] * 3)
    content, sound = path.read_bytes(), content_of(path)
    pick = random.Random(8)
    numbers = [value.to_bytes(size, "little") for size in (4, 8) for value in (0, 1, 2**31 - 1, 2**31, 2**size - 1)]
    numbers += [b"\xff" * 4, b"\xff" * 8, (2**63 - 1).to_bytes(8, "little"), (2**62).to_bytes(8, "little")]
    with path.open("r+b") as stream:
        for _ in range(2000):
            changed = bytearray(content)
            for _ in range(pick.randint(1, 3)):
                number, place = pick.choice(numbers), pick.randrange(len(content) // 4) * 4
                changed[place : place + len(number)] = number[: len(content) - place]
            _write_at(stream, 0, bytes(changed))
            with suppress(PackError):
                assert content_of(path) == sound


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of memory is Linux's")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_a_file_that_announces_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    """A sparse file of 4 GiB that is all footer, read within 1 GiB of address space beyond the file's own."""
    path = tmp_path / "huge"
    with path.open("wb") as stream:
        stream.write(b"ARROW1\0\0")
        stream.seek((2 << 30) - 1)
        stream.write((2**31 - 100).to_bytes(4, "little") + b"ARROW1")
    code = (
        "import resource, sys; from src.errors import PackError;"
        "from src.export.packing.tokens.token_dataset import TokenDataset;"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        f"try: TokenDataset({str(path)!r})\n"
        "except PackError as error:\n"
        # Not ru_maxrss: Linux keeps the parent's peak in it across exec.
        "    peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "    print(int(peak.split()[1]) < 200 << 10, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("True huge: it"), done.stderr


def test_the_forger_is_held_to_the_writers_checksum(small: Path) -> None:
    """So that the tests above stay true when the file's layout changes."""
    with pa.ipc.open_file(str(small)) as reader:
        stored = reader.get_batch_with_custom_metadata(0)[1][b"xxh3_64"].decode()
        assert stored == batch_checksum(0, TokenDataset(small).record_batch(0))
        assert json.loads(reader.schema.metadata[METADATA_KEY.encode()])["records"] == 1030
