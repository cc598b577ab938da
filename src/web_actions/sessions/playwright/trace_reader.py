"""Sessions from a Playwright trace: what was done from trace.trace, the pages from its snapshots.

The events are those of Playwright's packages/trace/src/trace.ts (versions 6 to 10, read 2026-11-21): "before" begins a
call, "input" says where it acted, "after" ends it, "frame-snapshot" holds a frame's DOM before, at and after it.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import orjson

from src.web_actions.session import Action, Rejected, Session, Step
from src.web_actions.sessions.entries import EntryError, checked, time_of
from src.web_actions.sessions.playwright.calls import deed_of, is_action
from src.web_actions.sessions.playwright.snapshots import TARGET, Snapshots

_MOST_TRACE_BYTES = 256 << 20  # of all *.trace files of an archive: their snapshots are held together
_MOST_LINE_BYTES = 64 << 20
_OLDEST = 6  # 2023: events of their own for the parts of a call


def is_trace(archive: zipfile.ZipFile) -> bool:
    return any(name.endswith(".trace") for name in archive.namelist())


def read_trace(archive: zipfile.ZipFile, file: str) -> Iterator[Session | Rejected]:
    """A session for each browser context that was traced. The test runner's own list of steps is read for its title."""
    recorded: list[_Trace] = []
    room = _MOST_TRACE_BYTES
    for info in archive.infolist():
        if info.filename.endswith(".trace"):
            trace = _Trace(info.filename)
            try:
                room -= trace.read(archive, info, room)
            except EntryError as error:
                yield Rejected(file, trace.line or None, info.filename, str(error))
                continue
            recorded.append(trace)
    title = next((trace.title for trace in recorded if trace.title), "")
    failed = any(trace.failed for trace in recorded)
    ran = any(trace.options.get("origin") == "testRunner" for trace in recorded)
    contexts = [trace for trace in recorded if trace.snapshots]
    for number, trace in enumerate(contexts, 1):
        identity = file if len(contexts) == 1 else f"{file}#{number}"
        yield from trace.session(identity, file, title, not failed if ran else None)
    if recorded and not contexts:
        yield Rejected(file, None, "the trace", "it holds no DOM; record with snapshots=True")


@dataclass(slots=True)
class _Trace:
    """One *.trace file: the calls in their order, the snapshots and pictures of its pages."""

    member: str
    line: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshots: Snapshots = field(default_factory=Snapshots)
    pictures: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    failed: bool = False

    @property
    def title(self) -> str:
        title = self.options.get("title")
        return title if isinstance(title, str) else ""

    def read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int) -> int:
        """Take its events; the bytes read. Raises EntryError for damage and for more bytes than `room`."""
        read = 0
        with archive.open(info) as stream:
            while line := stream.readline(_MOST_LINE_BYTES + 1):
                self.line += 1
                read += len(line)
                if len(line) > _MOST_LINE_BYTES or read > room:
                    raise EntryError(f"it is larger than any trace; {_MOST_TRACE_BYTES >> 20} MiB is the most")
                if not line.isspace():
                    self._take(line)
        return read

    def _take(self, line: bytes) -> None:
        try:
            event = orjson.loads(line)
            kind = event["type"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise EntryError("it is damaged: an event is no JSON object with a type") from error
        if kind == "context-options":
            self.options = event
            if isinstance(event.get("version"), int) and event["version"] < _OLDEST:
                raise EntryError(f"its version {event['version']} is older than {_OLDEST}; record it anew")
        elif kind == "before" or kind == "action":
            self.calls[str(event.get("callId"))] = event
        elif kind in ("input", "after") and (call := self.calls.get(str(event.get("callId")))) is not None:
            call.update({key: value for key, value in event.items() if key not in ("type", "callId")})
        elif kind == "frame-snapshot":
            self.snapshots.add(event.get("snapshot"))
        elif kind == "screencast-frame":
            self._add_picture(event)
        elif kind == "error":
            self.failed = True

    def _add_picture(self, event: dict[str, Any]) -> None:
        name = event.get("file") or (f"resources/{event['sha1']}" if event.get("sha1") else "")
        if isinstance(name, str) and name and isinstance(event.get("timestamp"), int | float):
            self.pictures.setdefault(str(event.get("pageId")), []).append((event["timestamp"], name))

    def session(self, identity: str, file: str, title: str, success: bool | None) -> Iterator[Session | Rejected]:
        steps: list[Step] = []
        number = 0
        for call_id, call in self.calls.items():
            if not is_action(call):
                continue
            number += 1
            try:
                steps.append(self._step(number, call_id, call, PurePosixPath(file).name))
            except EntryError as error:
                yield Rejected(file, None, f"{self.member}, call {call_id} ({call.get('method')})", str(error))
        if steps:
            began = time_of(self.options.get("wallTime"), "wallTime")
            yield Session(identity, self.snapshots.site, "", title, success, began, file, tuple(steps))
        elif not number:
            yield Rejected(file, None, self.member, "nothing was done in it that the grammar of actions can say")

    def _step(self, number: int, call_id: str, call: dict[str, Any], archive: str) -> Step:
        deed = deed_of(call)
        page = self.snapshots.page_of(call_id, deed.aims)
        point = _numbers(call.get("point"), "x", "y")
        action = Action(
            deed.kind, f"[{TARGET}]" if deed.aims else "", deed.value, (point[0], point[1]) if point else None
        )
        box = _numbers(call.get("box"), "x", "y", "width", "height")
        picture = self._picture_at(page.page_id, page.monotonic)
        return Step(
            number,
            page.html,
            checked(action, page.html),
            f"{archive}!{picture}" if picture else "",
            (box[0], box[1], box[2], box[3]) if box else None,
            time_of(page.wall_ms or call.get("wallTime"), "wallTime"),
        )

    def _picture_at(self, page_id: str, moment: float) -> str:
        """What was on the screen then: the last picture that was taken before."""
        taken = self.pictures.get(page_id, [])
        place = bisect_right(taken, moment, key=lambda one: one[0])
        return taken[place - 1][1] if place else ""


def _numbers(found: Any, *names: str) -> tuple[float, ...] | None:
    if not isinstance(found, dict) or not all(isinstance(found.get(name), int | float) for name in names):
        return None
    return tuple(float(found[name]) for name in names)
