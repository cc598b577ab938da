"""Awkward records in pairs that typed formats make alike: byte for byte by each way back, value for value when read."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lz4.frame
import zstandard

from benchmarks.generation.figures import Figure
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.packed_dataset import PackedDataset

_CODECS = ("none", "lz4", "zstd")
_DEEP = "[" * 200 + "]" * 200
# Lines of JSON, as they stand in files. A pair differs in what a format may lose.
PAIRS: dict[str, tuple[str, str]] = {
    "optional keys": ('{"messages":[{"role":"user","content":"a","name":"Eve"}]}', '{"messages":[{"role":"user"}]}'),
    "null and missing": ('{"a":null,"b":1}', '{"b":1}'),
    "tool calls": (
        '{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":'
        '{"name":"f","arguments":"{\\"x\\": 1}"}}]}]}',
        '{"messages":[{"role":"tool","tool_call_id":"c1","content":"7"}],"parallel_tool_calls":false}',
    ),
    "content as text and as parts": (
        '{"messages":[{"role":"user","content":"a"}]}',
        '{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}}]}]}',
    ),
    "schemas of tools": (
        '{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"x":'
        '{"type":"string","enum":["1",2,null]},"$ref":{}},"required":[]}}}]}',
        '{"tools":[{"type":"function","function":{"name":"g","parameters":{"type":["object","null"],"anyOf":[true]}}}]}',
    ),
    "1 and 1.5 and 1.0": ('{"x":1,"y":1.0}', '{"x":1.5,"y":-0.0,"z":-0}'),
    "integers beyond 64 bits": (f'{{"x":{2**63 + 1},"y":{-(2**63)}}}', f'{{"x":{2**70},"y":-{10**40}}}'),
    "floats at the limits": (
        '{"x":1e400,"y":-1E+400,"z":5e-324}', '{"x":0.1000000000000000055511151231257827,"y":1e-400}',
    ),
    "dates and what looks like them": (
        '{"t":"2026-11-21T10:00:00Z","d":"2026-11-21"}', '{"t":"2026-02-30","d":"12:60"}',
    ),
    "order of keys": ('{"b":1,"a":{"d":2,"c":3}}', '{"a":{"c":3,"d":2},"b":1}'),
    "Gemini's contents": (
        '{"systemInstruction":{"role":"system","parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"a"}]}]}',
        '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}},{"inlineData":{"data":"AA=="}}]}]}',
    ),
    "lone surrogates and odd signs": (
        '{"x":"a\\ud83d","y":"\\udc00\\ud83d\\ude00"}', '{"x":"\\u0000\u2028\ufeff\U0001f9d1e\u0301"}',
    ),
    "empty strings and keys": ('{"":"","a":[],"b":{}}', '{" ":" ","\\u0000":"\\u0000"}'),
    "mixed and nested types": ('{"x":[1,"1",1.0,true,null,[],{}]}', f'{{"x":[[[{{"y":[[{{}}]]}}]]],"deep":{_DEEP}}}'),
    "white space and escapes": ('{ "x" :\t"\\/\\u00e9\\n" }\r', '{"x":"/é\\u000a"}'),
    "keys that come twice, true and 1": ('{"a":1,"a":2,"A":3}', '{"a":true,"b":"true","c":0,"d":false}'),
}  # fmt: skip


def figures(folder: Path) -> list[Figure]:
    """How many of the pairs do not come back in some way; the ways are listed for those."""
    lost: dict[str, list[str]] = {}
    for name, pair in PAIRS.items():
        source = folder / "pair.jsonl"
        content = "\n".join(pair).encode("utf-8")
        for way, end in (("", b"\n"), (" without a last newline", b"")):
            source.write_bytes(content + end)
            for codec in _CODECS:
                troubles = _troubles(source, folder / f"pair.{codec}", codec)
                lost.setdefault(name, []).extend(f"{codec}{way}: {trouble}" for trouble in troubles)
    kept = [name for name, troubles in lost.items() if not troubles]
    for name, troubles in lost.items():
        for trouble in troubles:
            print(f"  {name}: {trouble}")
    note = f"bytes by unpack, by {_decoders()}, values by reading; each with and without a last newline"
    return [Figure(f"pairs lost of {len(PAIRS)} awkward ones", len(PAIRS) - len(kept), 0, exactly=True, note=note)]


def _troubles(source: Path, path: Path, codec: str) -> list[str]:
    """Every way back that does not give the source again."""
    content = source.read_bytes()
    try:
        DatasetPacker().pack(source, path, compression=codec, overwrite=True)
        with PackedDataset(path) as eager, PackedDataset(path, lazy=True) as lazy:
            ways: dict[str, Any] = {
                "iteration": list(eager),
                "index": [eager[place] for place in range(len(eager))],
                "lazy": [record.as_dict() for record in lazy],
            }
    except Exception as error:  # noqa: BLE001
        return [f"{type(error).__name__}: {error}"]
    wanted = _values(content)
    # repr tells 1 from 1.0 and True, -0.0 from 0, and one order of keys from another.
    troubles = [f"{way} gives other values" for way, values in ways.items() if repr(values) != repr(wanted)]
    return troubles + [f"{name} gives other bytes" for name, back in _ways_back(codec) if back(path) != content]


def _values(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.split(b"\n") if line]


def _unpacked(path: Path) -> bytes:
    from src.export.packing.unpacking import unpack

    target = path.with_name(path.name + ".unpacked")
    target.unlink(missing_ok=True)
    unpack(path, target)
    return target.read_bytes()


def _ways_back(codec: str) -> list[tuple[str, Callable[[Path], bytes]]]:
    ways: list[tuple[str, Callable[[Path], bytes]]] = [("unpack", _unpacked)]
    if codec == "none":
        return [*ways, ("the file itself", Path.read_bytes)]
    library = {"zstd": ("zstandard", _by_zstandard), "lz4": ("lz4.frame", _by_lz4_frame)}[codec]
    if shutil.which(codec):
        ways.append((f"{codec} -dc", lambda path: _by_command(codec, path)))
    return [*ways, library]


def _decoders() -> str:
    commands = [f"{name} -dc" for name in ("zstd", "lz4") if shutil.which(name)]
    return ", ".join(["zstandard", "lz4.frame", *commands])


def _by_zstandard(path: Path) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes()), read_across_frames=True) as stream:
        return stream.read()


def _by_lz4_frame(path: Path) -> bytes:
    with lz4.frame.open(path) as stream:
        return bytes(stream.read())


def _by_command(name: str, path: Path) -> bytes:
    return subprocess.run([name, "-dc"], stdin=path.open("rb"), capture_output=True, check=True).stdout
