"""Twenty megabytes without a conversation, from what a machine with Python has, and from forms.py."""

from __future__ import annotations

import gzip
import random
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.forms import pages
from benchmarks.detection.talks import Scribe

WANTED = 22_000_000  # bytes of files; the extracted text is a little less
OWN = 3_000_000
LARGEST = 600_000  # one file is not to decide the figure
# Files that hold real questions with answers, letters or dialogues, found by reading (never by the detector). A
# pattern is searched in the path below the source's folder.
GENUINE = re.compile(
    r"^(?:base-files|bash|libc6)/README|faq|howto|\bmail(?:ing)?[-_. ]?list|mbox|\.eml|chat|dialog|transcript"
    r"|interview|email/|test_email|q-?and-?a|pycparser|xllamacpp|pip/html/development/architecture/overview"
    r"|mistral_common.*/METADATA|nodejs/contributing/collaborator-guide|nodejs/api/corepack|setuptools/build_meta"
    r"|CPAN\.pm|CPAN/HandleConfig|CPAN/Complete|websockets.*/METADATA|openssl/README-ENGINES",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """A folder read where it is present: files that match, up to a share of the whole."""

    name: str
    folder: Path
    patterns: tuple[str, ...]
    share: float
    skip: str = "\0"


def sources() -> list[Source]:
    library = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    share = Path("/usr/share")
    return [
        Source("Python's library", library, ("*.py",), 0.25, "site-packages"),
        Source("packages' code", packages, ("*.py", "*.pyi"), 0.15),
        Source("packages' papers", packages, ("METADATA", "LICENSE*", "*.rst", "*.md"), 0.15),
        Source("system's papers", share / "doc", ("*.gz", "*.txt", "copyright", "README*", "*.html", "*.md"), 0.3),
        Source("Perl's manuals", share / "perl", ("*.pod", "*.pm"), 0.12),
        Source("licences", share / "common-licenses", ("*",), 0.03),
        Source("more of Python's library", library, ("*.py", "*.txt", "*.html", "*.css"), 1.0, "site-packages"),
    ]


def write_negatives(folder: Path, seed: int) -> dict[str, Path]:
    """Copies of the files as .txt (HTML as .html) in `folder`; each copy by the path it came from."""
    rng = random.Random(f"negatives {seed}")
    written: dict[str, Path] = {}
    total = 0
    for number, text in enumerate(pages(Scribe(f"forms {seed}"), OWN)):
        total += len(text)
        written[f"forms.py page {number}"] = _save(folder, len(written), text.encode(), ".txt")
    for source in sources():
        limit = min(WANTED, total + source.share * (WANTED - OWN))
        for path in _files(source, rng):
            if total >= limit:
                break
            content = _content(path)
            if content and str(path) not in written:
                total += len(content)
                suffix = ".html" if path.suffix == ".html" else ".txt"
                written[str(path)] = _save(folder, len(written), content, suffix)
    return written


def _files(source: Source, rng: random.Random) -> Iterator[Path]:
    if not source.folder.is_dir():
        return
    found = {path for pattern in source.patterns for path in source.folder.rglob(pattern)}
    kept = sorted(
        path for path in found
        if source.skip not in str(path) and not GENUINE.search(path.relative_to(source.folder).as_posix())
    )  # fmt: skip
    rng.shuffle(kept)
    yield from kept


def _content(path: Path) -> bytes:
    """The file's bytes, unpacked; nothing when it is large, binary or not UTF-8."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return b""
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        content.decode("utf-8")
    except (OSError, EOFError, ValueError):
        return b""
    return content if len(content) <= LARGEST and b"\0" not in content else b""


def _save(folder: Path, number: int, content: bytes, suffix: str) -> Path:
    path = folder / f"{number:05}{suffix}"
    path.write_bytes(content)
    return path
