"""Every lie that a packed file can tell with valid checksums, and what the error must name."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import zstandard

from tests.export.packing.hostile.forge import (
    CODEC_NUMBERS,
    LINE,
    TRAILER_BYTES,
    Frame,
    forge,
    honest,
    lz4_frame,
    zstd_frame,
    zstd_zeros,
)

Build = Callable[[Path], Path]
GIB = 8192  # blocks of 128 KiB
SKIPPED = struct.pack("<II", 0x184D2A50, 4) + b"skip"


def one(codec: str, stored: bytes, raw: int, offsets: list[int] | None = None) -> Build:
    frames = [Frame(stored, raw, offsets or [0]), honest(codec)]
    return lambda path: forge(path, codec, frames)


def trailer(codec: str, **lies: object) -> Build:
    return lambda path: forge(path, codec, [honest(codec), honest(codec)], **lies)


def frames(codec: str, first: Frame, second: Frame, **lies: object) -> Build:
    return lambda path: forge(path, codec, [first, second], **lies)


def changed(codec: str, **fields: int) -> Frame:
    frame = honest(codec)
    for name, value in fields.items():
        setattr(frame, name, value)
    return frame


def sparse_index(path: Path) -> Path:
    """An index of 2^35 frames in a file with nothing in it."""
    forge(path, "none", [honest("none")], frames=1 << 35, records=1 << 35, frame_records=1, metadata_bytes=0)
    index = path.with_name(path.name + ".idx")
    tail = index.read_bytes()[-TRAILER_BYTES:]
    with index.open("r+b") as stream:
        stream.truncate((1 << 35) * 36)
        stream.seek(0, 2)
        stream.write(tail)
    return path


def sparse_offsets(path: Path) -> Path:
    """A frame of a hundred million records, whose offsets are a hole in the index."""
    count = 100_000_000
    forge(path, "none", [honest("none")], records=count, metadata=b"{}")
    index = path.with_name(path.name + ".idx")
    content = index.read_bytes()
    with index.open("wb") as stream:
        stream.write(content[:32])
        stream.seek(32 + 4 * count)
        stream.write(content[32 + 4 * 4 :])
    return path


def dictionary_frame() -> bytes:
    samples = [LINE * 3 + bytes([65 + number % 26]) * number for number in range(400)]
    learnt = zstandard.train_dictionary(1024, samples)
    return zstandard.ZstdCompressor(dict_data=learnt, write_checksum=True).compress(LINE)


def linked_blocks() -> bytes:
    return bytes(
        lz4.frame.compress(
            LINE * 4000,
            block_size=lz4.frame.BLOCKSIZE_MAX64KB,
            block_linked=True,
            content_checksum=True,
            store_size=True,
        )
    )


def overlapping(codec: str) -> Build:
    twice = honest(codec)
    return frames(codec, honest(codec), Frame(twice.stored, twice.raw, twice.offsets, start=0), padding=b"")


RAW = len(LINE)
READ = "READ"
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
BOMB = 64 << 20
# name: (how it is made, what the error must say). READ marks what is harmless to read, and found when it is verified.
CASES: dict[str, tuple[Build, str]] = {
    "zstd_declares_4_gib": (one("zstd", zstd_zeros(1, 4 << 30), RAW), "frame 0 cannot be unpacked: it declares"),
    "zstd_declares_2_63": (one("zstd", zstd_zeros(1, 1 << 63), RAW), "frame 0 cannot be unpacked: it declares"),
    "zstd_entry_and_frame_declare_2_gib": (one("zstd", zstd_zeros(GIB, 2**31 - 1), 2**31 - 1), "frame 0"),
    "zstd_bomb_true_size": (one("zstd", zstd_zeros(GIB, 1 << 30), 1 << 30), "frame 0"),
    "zstd_bomb_largest_allowed": (one("zstd", zstd_zeros(GIB // 16, BOMB), BOMB), "frame 0"),
    "zstd_true_to_itself_not_to_its_entry": (
        one("zstd", zstd_zeros(800, 800 << 17), RAW),
        "it declares 104857600 bytes",
    ),
    "zstd_bomb_lies": (one("zstd", zstd_zeros(GIB, 1000), 1000), "frame 0"),
    "zstd_bomb_no_size": (one("zstd", zstd_zeros(GIB), 1 << 20), "frame 0"),
    "zstd_bomb_no_size_huge_window": (one("zstd", zstd_zeros(GIB, None, 41), 1 << 20), "frame 0"),
    "zstd_huge_window": (one("zstd", zstd_zeros(1, 131072, 31), 131072), "frame 0"),
    "zstd_largest_window_taken": (one("zstd", zstd_zeros(1, 131072, 27), 131072), "frame 0"),
    "zstd_dictionary": (one("zstd", dictionary_frame(), RAW), "frame 0"),
    "zstd_two_frames": (one("zstd", zstd_frame(LINE) * 2, RAW), "frame 0"),
    "zstd_two_frames_both_counted": (one("zstd", zstd_frame(LINE) * 2, RAW * 2, [0, RAW]), "frame 0"),
    "zstd_skippable_first": (one("zstd", SKIPPED + zstd_frame(LINE), RAW), "frame 0"),
    "zstd_skippable_last": (one("zstd", zstd_frame(LINE) + SKIPPED, RAW), "frame 0"),
    "zstd_skippable_only": (one("zstd", SKIPPED, 0), "frame 0"),
    "zstd_empty_frame": (one("zstd", zstd_frame(b""), 0), "frame 0"),
    "zstd_no_bytes": (one("zstd", b"", RAW), "frame 0"),
    "zstd_noise": (one("zstd", bytes(range(256)), RAW), "frame 0"),
    "lz4_declares_2_63": (one("lz4", lz4_frame(LINE, size=1 << 63), RAW), "frame 0"),
    "lz4_declares_4_gib": (one("lz4", lz4_frame(LINE, size=4 << 30), RAW), "frame 0"),
    "lz4_block_is_larger": (one("lz4", lz4_frame(bytes(4 << 20), size=RAW), RAW), "frame 0"),
    "lz4_block_is_smaller": (one("lz4", lz4_frame(LINE, size=4 << 20), 4 << 20), "frame 0"),
    "lz4_bomb_largest_allowed": (one("lz4", lz4_frame(bytes(4 << 20), size=BOMB, block=None), BOMB), "frame 0"),
    "lz4_many_blocks": (one("lz4", lz4_frame(bytes(4 << 20), size=BOMB, blocks=64), BOMB), "frame 0"),
    "lz4_linked_blocks": (one("lz4", linked_blocks(), RAW * 4000, [RAW * place for place in range(4000)]), "frame 0"),
    "lz4_noise": (one("lz4", bytes(range(256)), RAW), "frame 0"),
    "lz4_no_bytes": (one("lz4", b"", RAW), "frame 0"),
    "lz4_two_frames": (one("lz4", lz4_frame(LINE) * 2, RAW), "frame 0"),
    "none_entry_shorter": (one("none", LINE, RAW - 1), "frame 0"),
    "none_entry_longer": (one("none", LINE, 2**31 - 1), "frame 0"),
    "fewer_lines": (one("lz4", lz4_frame(LINE * 2), RAW * 2, [0]), "frame 0"),
    "more_lines": (one("lz4", lz4_frame(LINE), RAW, [0, 5]), "frame 0"),
    "no_json": (one("none", b"{]}\n", 4), "frame 0"),
    "no_object": (one("none", b"[1, 2]\n", 7), READ),
    "nan": (one("none", b'{"a": NaN}\n', 11), "frame 0"),
    "deep_record": (one("none", DEEP + b"\n", len(DEEP) + 1), "frame 0"),
    "metadata_deep": (trailer("lz4", metadata=DEEP), "metadata"),
    "metadata_list": (trailer("zstd", metadata=b"[]"), "metadata"),
    "metadata_no_json": (trailer("none", metadata=b"{"), "metadata"),
    "metadata_digits": (trailer("none", metadata=b'{"a": ' + b"9" * 5000 + b"}"), "metadata"),
    "metadata_2_mib": (trailer("lz4", metadata=b'{"a": "' + b"x" * (2 << 20) + b'"}'), "index"),
    "seek_table_2_27": (trailer("zstd", seek_table=struct.pack("<IBI", 1 << 27, 0, 0x8F92EAB1)), ""),
    "seek_table_no_entries": (trailer("zstd", seek_table=struct.pack("<IBI", 0, 0, 0x8F92EAB1)), ""),
    "big_endian_magic": (trailer("lz4", magic=b"KCAPBDTF"), "not a packed dataset"),
    "newer": (trailer("lz4", version=2), "format version 2"),
    "newest": (trailer("zstd", version=2**32 - 1), "Update the program"),
    "version_0": (trailer("none", version=0), "damaged"),
    "sparse_index": (sparse_index, "index"),
    "sparse_offsets": (sparse_offsets, "frame 0: its entry in the index is damaged"),
    "two_mebibytes": (
        one("none", LINE * 110_000, RAW * 110_000, [RAW * place for place in range(110_000)]),
        "frame 0: its entry in the index is damaged",
    ),
    "padding": (trailer("lz4", padding=b"padding!"), "damaged"),
    "head_of_index": (trailer("zstd", head=struct.pack("<II", 0x184D2A5D, 2**32 - 1)), "head of its index"),
    "head_magic": (trailer("lz4", head=struct.pack("<II", 0x184D2A50, 200)), "head of its index"),
    "codec_3": (trailer("lz4", codec_number=3), "compressed with something"),
}
for codec in CODEC_NUMBERS:
    size, records = len(honest(codec).stored), 4
    CASES |= {
        f"{codec}_overlapping": (overlapping(codec), "frame 0"),
        f"{codec}_gap": (frames(codec, changed(codec, stored_bytes=size - 1), honest(codec)), "frame 0"),
        f"{codec}_beyond": (frames(codec, honest(codec), changed(codec, start=1 << 40)), "frame"),
        f"{codec}_start_2_64": (frames(codec, honest(codec), changed(codec, start=2**64 - 1)), "frame"),
        f"{codec}_stored_4_gib": (frames(codec, honest(codec), changed(codec, stored_bytes=2**32 - 1)), "frame 1"),
        f"{codec}_first_backwards": (frames(codec, changed(codec, first=6), changed(codec, first=2)), ""),
        f"{codec}_first_2_63": (frames(codec, honest(codec), changed(codec, first=1 << 63)), "frame"),
        f"{codec}_even_but_not": (
            frames(codec, honest(codec), changed(codec, first=5), frame_records=4),
            "frame 1",
        ),
        f"{codec}_records_2_60": (trailer(codec, records=1 << 60), "index"),
        f"{codec}_frames_2_60": (trailer(codec, frames=1 << 60), ""),
        f"{codec}_frames_and_records_2_60": (trailer(codec, frames=1 << 60, records=1 << 60), "index"),
        f"{codec}_one_a_frame": (trailer(codec, frame_records=1), "frames"),
        f"{codec}_metadata_1_gib": (trailer(codec, metadata_bytes=1 << 30), "index"),
        f"{codec}_metadata_2_mib_declared": (trailer(codec, metadata_bytes=2 << 20), "index"),
        f"{codec}_ends_2_63": (trailer(codec, frames_end=1 << 63), ""),
        f"{codec}_ends_before": (trailer(codec, frames_end=size), ""),
        f"{codec}_ends_behind": (trailer(codec, frames_end=2 * size + 16), ""),
        f"{codec}_offsets_beyond": (
            frames(codec, changed(codec, offsets=[0, 20, 40, 2**32 - 1]), honest(codec)),
            "offsets are damaged",
        ),
        f"{codec}_offsets_backwards": (
            frames(codec, changed(codec, offsets=[0, 40, 20, 60]), honest(codec)),
            "offsets are damaged",
        ),
        f"{codec}_offsets_not_from_0": (
            frames(codec, changed(codec, offsets=[1, 20, 40, 60]), honest(codec)),
            "offsets are damaged",
        ),
        f"{codec}_offsets_off_the_lines": (frames(codec, changed(codec, offsets=[0, 21, 40, 60]), honest(codec)), ""),
    }
