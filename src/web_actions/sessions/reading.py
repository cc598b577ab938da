"""Read recorded sessions from wherever they are and whatever they were recorded with: read_sessions()."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.web_actions.session import Rejected, Session
from src.web_actions.sessions import devtools_recorder, mind2web, own_schema
from src.web_actions.sessions.entries import Place, Recording
from src.web_actions.sessions.json_entries import Found, json_lines, json_values
from src.web_actions.sessions.playwright.trace_reader import is_trace, read_trace
from src.web_actions.sessions.sources import SourceFile, open_source

# Kinds of recordings in JSON files, in the order they are tried. A new kind is a module here and a line below.
RECORDINGS: Mapping[str, Recording] = {
    "session": own_schema,
    "mind2web": mind2web,
    "recorder": devtools_recorder,
}
_LINES = (".jsonl", ".ndjson")
_JSON = (".json",)
_ARCHIVES = (".zip",)


def read_sessions(source: str, settings: StorageSettings | None = None) -> Iterator[Session | Rejected]:
    """Each session of the recordings below `source`, and what cannot be used, file by file in the order of names.

    `source` is a folder, a file, s3://bucket/prefix or gs://bucket/prefix. Files that are no recordings by their
    names (pictures, pages) are passed over. One session is held at a time. Raises UsageError for a source that is
    not there, StorageError when it cannot be reached.
    """
    with open_source(source, settings or StorageSettings()) as files:
        for file in files:
            try:
                yield from _sessions_of(file)
            except (OSError, StorageError, UnicodeError) as error:
                yield Rejected(file.name, None, "the file", f"it cannot be read ({error})")


def _sessions_of(file: SourceFile) -> Iterator[Session | Rejected]:
    kind = PurePosixPath(file.name).suffix.lower()
    if kind in _LINES:
        with file.open() as stream:
            yield from _from_entries(file, json_lines(stream))
    elif kind in _JSON and not file.name.endswith((".schema.json", ".manifest.json")):
        with file.open() as stream:
            yield from _from_entries(file, json_values(stream))
    elif kind in _ARCHIVES:
        with file.open() as stream:
            yield from _from_archive(file, stream)


def _from_entries(file: SourceFile, found: Iterator[Found]) -> Iterator[Session | Rejected]:
    for one in found:
        place = Place(file.name, one.line, file.read_beside, file.is_beside)
        recording = _recording_of(one.entry) if not one.problem else None
        if one.problem:
            yield place.rejected("the entry", one.problem)
        elif recording is None:
            yield place.rejected("the entry", "it is no recorded session of a kind this program knows")
        else:
            yield from recording.read(one.entry, place)


def _recording_of(entry: object) -> Recording | None:
    if not isinstance(entry, dict):
        return None
    return next((one for one in RECORDINGS.values() if one.recognises(entry)), None)


def _from_archive(file: SourceFile, stream: BinaryIO) -> Iterator[Session | Rejected]:
    try:
        with zipfile.ZipFile(stream) as archive:
            if is_trace(archive):
                yield from read_trace(archive, file.name)
            else:
                yield Rejected(file.name, None, "the archive", "it is no Playwright trace: no *.trace file is in it")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        yield Rejected(file.name, None, "the archive", f"it is damaged ({error})")
