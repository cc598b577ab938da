"""How the records look and compress, beside the same records filled with real documents of this machine.

python -m benchmarks.packing.chats.ratios [RECORDS]
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lz4.block
import zstandard

from benchmarks.packing.chats.records import SEED, record_lines

FRAME = 64
_SHARED = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "documents"
_DOCS, _MANUALS = Path("/usr/share/doc"), Path("/usr/share/man")
_SUFFIXES = (".txt", ".md", ".rst", ".html", "")
_LEFT_OUT = re.compile("changelog|copyright|licen[cs]e", re.IGNORECASE)
_MOST_REAL = 30_000_000
# The share of our texts that are not English, given to the translated manual pages.
_TRANSLATED = 0.16


@dataclass(frozen=True)
class Shape:
    """Sizes in bytes; `escapes` and `messages` a record; compressed sizes as shares of the plain one."""

    records: int
    mean: float
    median: float
    p95: float
    largest: int
    messages: float
    escapes: float
    not_ascii: float
    zstd: float
    lz4: float

    def line(self) -> str:
        return (
            f"{self.records:,} records: mean {self.mean:.0f} B, p50 {self.median:.0f}, p95 {self.p95:.0f}, "
            f"max {self.largest}; {self.messages:.2f} messages, {self.escapes:.1f} escapes; "
            f"{self.not_ascii:.0%} of texts not ASCII; frames of {FRAME}: zstd-3 {self.zstd:.3f}, LZ4 {self.lz4:.3f}"
        )


def shape_of(lines: Sequence[bytes]) -> Shape:
    """What the table above the bench says about its data."""
    sizes = sorted(map(len, lines))
    texts = [message["content"] for line in lines for message in json.loads(line)["messages"]]
    frames = [b"".join(lines[at : at + FRAME]) for at in range(0, len(lines), FRAME)]
    raw = sum(sizes)
    zstd = zstandard.ZstdCompressor(level=3)
    return Shape(
        records=len(lines),
        mean=raw / len(lines),
        median=statistics.median(sizes),
        p95=sizes[int(len(sizes) * 0.95)],
        largest=sizes[-1],
        messages=len(texts) / len(lines),
        escapes=sum(line.count(b"\\") for line in lines) / len(lines),
        not_ascii=sum(not text.isascii() for text in texts) / len(texts),
        zstd=sum(len(zstd.compress(frame)) for frame in frames) / raw,
        lz4=sum(len(lz4.block.compress(frame, store_size=False)) for frame in frames) / raw,
    )


class RealTexts:
    """Stretches of this machine's documents as they stand: Debian's, manual pages, the corpus beside the project."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random
        self._english = _joined([*_DOCS.rglob("*"), *_SHARED.glob("*")])
        self._others = [_joined((_MANUALS / language).rglob("*.gz")) for language in ("de", "fr", "ja", "zh_CN")]

    @property
    def found(self) -> int:
        """Characters of real text; with few of them the comparison says little."""
        return sum(map(len, (self._english, *self._others)))

    def text(self, size: int) -> str:
        document = self._english
        if self._random() < _TRANSLATED:
            document = self._others[int(self._random() * len(self._others))] or document
        at = int(self._random() * (len(document) - size))
        at = document.find(" ", at) + 1
        stretch = document[at : at + size].encode()[:size].decode(errors="ignore")
        return stretch.strip()


def _joined(paths: object) -> str:
    parts: list[str] = []
    size = 0
    for path in sorted(paths):  # type: ignore[call-overload]
        if size < _MOST_REAL and path.is_file() and not path.is_symlink():
            parts.append(_plain(path))
            size += len(parts[-1])
    return "\n\n".join(parts)


def _plain(path: Path) -> str:
    """The text of a document without tags and roff; nothing for changelogs and licences, which come again and again."""
    name = path.name.removesuffix(".gz")
    manual = _MANUALS in path.parents
    wanted = manual or (Path(name).suffix in _SUFFIXES and not _LEFT_OUT.search(name))
    if not wanted:
        return ""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        return ""
    if manual:
        text = re.sub(r"(?m)^[.'].*\n|\\f.|\\[&|/]", "", text).replace("\\-", "-")
    elif name.endswith(".html"):
        text = html.unescape(re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", "", text))
    return re.sub(r"\n{3,}", "\n\n", text)


def main(records: int) -> int:
    print("made  ", shape_of(list(record_lines(records))).line(), flush=True)
    real = RealTexts(SEED)
    print("real  ", shape_of(list(record_lines(records, texts=real))).line(), f"(of {real.found / 1e6:.0f} MB of text)")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
