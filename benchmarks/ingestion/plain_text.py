"""What reading text takes: a gigabyte of TXT in bounded memory, and the other kinds of text beside bare parsers.

python -m benchmarks.ingestion.plain_text [MB]       1,024 MB unless told; exits 1 when a bar is missed

The TXT file is read by a child process that drains the reader, in turn with one that only decodes the file (the
incremental decoder of Python, blocks of 1 MB). Peak memory is the child's own (VmHWM). All rates are in CPU seconds.
"""

from __future__ import annotations

import codecs
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

from benchmarks.generation.figures import Figure, say_where, show

ROOT = Path(__file__).resolve().parents[2]
BAR_RSS_MB = 64
BAR_MS_PER_MB = 25  # 40 MB/s
ROUNDS = 3
SMALL_MB = 8
MB = 1 << 20


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
        return 0
    size = int(sys.argv[1]) if sys.argv[1:] else 1024
    say_where()
    with tempfile.TemporaryDirectory() as folder:
        met = measure_txt(Path(folder) / "prose.txt", size)
        measure_others(Path(folder))
    return 0 if met else 1


def measure_txt(path: Path, size: int) -> bool:
    """The bars: memory and rate of the TXT reader."""
    write_prose(path, size)
    rounds = [(in_child("read", path), in_child("decode", path)) for _ in range(ROUNDS if size < 512 else 1)]
    path.unlink()
    seconds, bare = (statistics.median(one[0] for one in column) for column in zip(*rounds, strict=True))
    rss, bare_rss = (max(one[1] for one in column) for column in zip(*rounds, strict=True))
    figures = [
        Figure(f"peak memory, {size:,} MB of TXT", rss, BAR_RSS_MB, "MB", note=f"bare decoder {bare_rss:.0f} MB"),
        Figure("CPU per MB of TXT", 1000 * seconds / size, BAR_MS_PER_MB, "ms", note=f"{size / seconds:.0f} MB/s"),
    ]
    return show(
        "TXT", figures, [f"bare decoder {size / bare:.0f} MB/s: the reader takes {seconds / bare:.1f} times as long"]
    )


def in_child(what: str, path: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of a process that does one thing."""
    command = [sys.executable, "-m", "benchmarks.ingestion.plain_text", "--child", what, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, rss = done.stdout.split()
    return float(seconds), float(rss)


def child(what: str, path: Path) -> None:
    if what == "read":
        from src.ingestion.pieces import ReadOptions, Remarks
        from src.ingestion.text.txt_reader import read

        began = time.process_time()
        for _ in read(path, ReadOptions(), Remarks()):
            pass
    else:
        began = time.process_time()
        decoder = codecs.getincrementaldecoder("utf-8")()
        with path.open("rb") as file:
            while block := file.read(MB):
                decoder.decode(block)
    print(time.process_time() - began, peak_mb())


def peak_mb() -> float:
    """The most memory this process held. getrusage would count what its parent held when it was forked."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MB if sys.platform == "darwin" else 1024)


def words() -> Iterator[str]:
    """Made-up prose, paragraph by paragraph, with some letters beyond Latin-1."""
    chance = random.Random(4)
    lexicon = ["".join(chance.choices("etaoinshrdlucmfw", k=chance.randint(2, 10))) for _ in range(5000)]
    lexicon += ["café", "naïve", "—", "“so”", "it’s"]
    while True:
        lines = (" ".join(chance.choices(lexicon, k=12)) for _ in range(chance.randint(1, 8)))
        yield "\n".join(lines) + "."


def some_prose(size: int) -> list[str]:
    """Paragraphs of about `size` MB together."""
    paragraphs: list[str] = []
    length = 0
    for paragraph in words():
        paragraphs.append(paragraph)
        length += len(paragraph) + 2
        if length > size * MB:
            break
    return paragraphs


def write_prose(path: Path, size: int) -> None:
    unit = ("\n\n".join(some_prose(4)) + "\n\n").encode()
    with path.open("wb") as file:
        while file.tell() < size * MB:
            file.write(unit)


def measure_others(folder: Path) -> None:
    """For information: each other kind of text beside what parses it bare."""
    from src.ingestion import READERS
    from src.ingestion.pieces import ReadOptions, Remarks

    paragraphs = some_prose(SMALL_MB)
    print("Other kinds, for information")
    for name, (kind, write, bare) in KINDS.items():
        path = folder / name
        path.write_bytes(write(paragraphs))
        size = path.stat().st_size / MB

        def drain(kind: str = kind, path: Path = path) -> None:
            for _ in READERS[kind](path, ReadOptions(), Remarks()):
                pass

        pairs = [(seconds(drain), seconds(lambda bare=bare, path=path: bare(path))) for _ in range(ROUNDS)]
        read, alone = (statistics.median(column) for column in zip(*pairs, strict=True))
        beside = f"{BARE[kind]} {size / alone:.0f} MB/s, {read / alone:.1f} times as long"
        print(f"          {name:<12} {size:5.1f} MB {size / read:6.1f} MB/s   {beside}", flush=True)


def seconds(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def markdown(paragraphs: list[str]) -> bytes:
    parts = []
    for number, text in enumerate(paragraphs):
        parts.append(f"## Part {number}\n\n{text}" if number % 8 == 0 else f"- {text}" if number % 5 == 0 else text)
        if number % 50 == 0:
            parts.append("| question | answer |\n|---|---|\n" + "| Why | So |\n" * 10)
    return "\n\n".join(parts).encode()


def page(paragraphs: list[str]) -> bytes:
    parts = [
        f"<h2>Part {number}</h2>" if number % 8 == 0 else f'<p class="x">{text.replace(" ", " <b>bold</b> ", 1)}</p>'
        for number, text in enumerate(paragraphs)
    ]
    return f"<!DOCTYPE html><title>t</title><body>{''.join(parts)}".encode()


def records(paragraphs: list[str]) -> list[dict[str, object]]:
    return [
        {"id": number, "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}
        for number, (question, answer) in enumerate(zip(paragraphs[::2], paragraphs[1::2], strict=False))
    ]


def captions(paragraphs: list[str]) -> bytes:
    cues = []
    for number, text in enumerate(line for paragraph in paragraphs for line in paragraph.split("\n")):
        start = f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
        cues.append(f"{start}.000 --> {start}.900\n<v Speaker {number % 2}>{text}")
    return ("WEBVTT\n\n" + "\n\n".join(cues)).encode()


def mail(paragraphs: list[str]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Report"
    message.set_content("\n\n".join(paragraphs), cte="8bit")
    return message.as_bytes()


def lxml_alone(path: Path) -> None:
    import lxml.html

    lxml.html.fromstring(path.read_bytes()).text_content()


def mail_alone(path: Path) -> None:
    from email import policy
    from email.parser import BytesParser

    BytesParser(policy=policy.default).parsebytes(path.read_bytes()).get_content()


def split_alone(path: Path) -> None:
    path.read_text(encoding="utf-8").split("\n\n")


KINDS: dict[str, tuple[str, Callable[[list[str]], bytes], Callable[[Path], object]]] = {
    "text.md": ("md", markdown, split_alone),
    "page.html": ("html", page, lxml_alone),
    "chats.json": ("json", lambda some: json.dumps(records(some)).encode(), lambda path: json.loads(path.read_bytes())),
    "chats.jsonl": (
        "json",
        lambda some: "\n".join(map(json.dumps, records(some))).encode(),
        lambda path: [json.loads(line) for line in path.open("rb")],
    ),
    "talk.vtt": ("subtitles", captions, split_alone),
    "letter.eml": ("eml", mail, mail_alone),
}
BARE = {
    "md": "split at blank lines",
    "html": "lxml parse and text_content",
    "json": "json.loads",
    "subtitles": "split at blank lines",
    "eml": "email parse and get_content",
}


if __name__ == "__main__":
    sys.exit(main())
