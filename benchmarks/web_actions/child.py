"""One measured process: build a dataset of recordings, or only parse all their DOMs with one HTML parser.

python -m benchmarks.web_actions.child build SESSIONS OUT | parse SESSIONS PARSER PAGES
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path


def main(deed: str, source: str, other: str, pages: str = "0") -> None:
    path = Path(source)
    steps, seconds, cpu = build(path, Path(other)) if deed == "build" else parse(path, other, int(pages))
    print(json.dumps({"steps": steps, "seconds": seconds, "cpu": cpu}))


def build(source: Path, folder: Path) -> tuple[int, float, float]:
    """Everything: read, filter, prune, count tokens, split, write JSONL and statistics, store in SQLite.

    The steps, and the seconds and CPU seconds of all processes.
    """
    from src.config.settings import Settings
    from src.persistence.sqlite_client import DatasetStore
    from src.web_actions.dataset_builder import DatasetBuilder

    start = time.perf_counter()
    with DatasetStore(folder / "datasets.db") as store:
        built = DatasetBuilder(Settings(), store).build_dataset(source, folder / "out", include_images=False)
    if built.rejected or built.report.dropped:
        raise SystemExit(f"{built.rejected} rejected, {dict(built.report.dropped)}")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return built.samples, time.perf_counter() - start, sum(one.ru_utime + one.ru_stime for one in used)


def parse(source: Path, parser: str, pages: int) -> tuple[int, float, float]:
    """The first so many pages. Only the parsing is timed, not the reading of the file."""
    engine = PARSERS[parser]()
    steps, seconds, cpu = 0, 0.0, 0.0
    for doms in _doms(source):
        start, cpu_start = time.perf_counter(), time.process_time()
        for dom in doms:
            engine(dom)
        seconds += time.perf_counter() - start
        cpu += time.process_time() - cpu_start
        steps += len(doms)
        if steps >= pages:
            break
    return steps, seconds, cpu


def _doms(source: Path) -> Iterator[list[str]]:
    with source.open("rb") as stream:
        for line in stream:
            yield [step["dom"] for step in json.loads(line)["steps"]]


def _lexbor() -> Callable[[str], object]:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser


def _libxml2() -> Callable[[str], object]:
    from lxml import html

    return lambda dom: html.document_fromstring(dom.encode())


def _standard() -> Callable[[str], object]:
    return lambda dom: HTMLParser().feed(dom)


PARSERS = {"lexbor": _lexbor, "libxml2": _libxml2, "html.parser": _standard}

if __name__ == "__main__":
    main(*sys.argv[1:])
