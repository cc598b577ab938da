"""Traces that Playwright 1.40, 1.56 and 1.65 recorded in Chromium (versions 6, 8 and 10), and traces made to do harm.

The recordings are of one page with a form, a shadow root and a frame; the older ones hold no pictures.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from src.web_actions.actions.grammar import write_action
from src.web_actions.dom.pruning import prune_dom
from src.web_actions.session import Rejected, Session
from src.web_actions.sessions.reading import read_sessions

RECORDING = Path(__file__).parent / "recordings" / "shop-trace.zip"


@pytest.fixture(scope="module")
def shop() -> list[Session | Rejected]:
    return list(read_sessions(str(RECORDING)))


@pytest.mark.parametrize("name", ["shop-trace-v6.zip", "shop-trace-v8.zip", "shop-trace.zip"])
def test_what_was_done_is_said_with_selectors_that_hold(name: str) -> None:
    session = list(read_sessions(str(RECORDING.with_name(name))))[-1]
    assert isinstance(session, Session)
    assert (session.site, session.success) == ("shop.local", None)
    assert all(step.time.startswith("2026-11-21T2") for step in [session, *session.steps])
    lines = [write_action(prune_dom(step.dom, step.action).action_of(step.action)) for step in session.steps]
    assert lines == [
        'navigate "http://shop.local/"', 'type input[name="name"] "Ada <b>"', 'type input[name="pw"] "[password]"',
        'select select[name="size"] "m"', 'click input[name="ok"]', "hover #home", 'press [data-testid="send"] "Enter"',
        'scroll "0,300"', 'press "Tab"', "click #sh", "click #inner", 'click [data-testid="send"]', 'wait "50"',
    ]  # fmt: skip


def test_pages_hold_what_was_typed_ticked_and_chosen_by_then(shop: list[Session | Rejected]) -> None:
    session = shop[-1]
    assert isinstance(session, Session)
    steps = {step.number: step for step in session.steps}
    assert 'value="Ada' not in steps[2].dom
    assert 'value="Ada &lt;b&gt;"' in steps[3].dom
    assert 'checked=""' not in steps[5].dom
    assert 'checked=""' in steps[6].dom
    assert '<option selected="" value="m">' in steps[6].dom
    assert '<div id="host"><button' in steps[10].dom
    assert "<button" in steps[11].dom and "<form" not in steps[11].dom


def test_steps_have_boxes_points_and_pictures(shop: list[Session | Rejected]) -> None:
    session = shop[-1]
    assert isinstance(session, Session)
    click = next(step for step in session.steps if step.number == 5)
    assert click.box == (636.328125, 34.0, 13.0, 13.0)
    assert click.action.point == (642.82, 40.5)
    archive, _, member = click.screenshot.partition("!")
    assert archive == "shop-trace.zip"
    with zipfile.ZipFile(RECORDING) as found:
        assert found.read(member).startswith(b"\xff\xd8")


def test_a_call_that_failed_is_rejected(shop: list[Session | Rejected]) -> None:
    (rejected,) = shop[:-1]
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "the call failed: Timeout 200ms exceeded."


CONTEXT = {"type": "context-options", "version": 8, "origin": "library", "wallTime": 1767225600000, "title": "Buy"}


def snapshot(html: Any, name: str, call: str = "call@1", **more: Any) -> dict[str, Any]:
    shot = {"callId": call, "snapshotName": f"{name}@{call}", "frameId": "f", "pageId": "p", "isMainFrame": True}
    return {"type": "frame-snapshot", "snapshot": {**shot, "frameUrl": "https://a.test/", "html": html, **more}}


def click(call: str = "call@1", **more: Any) -> dict[str, Any]:
    return {"type": "before", "callId": call, "class": "Frame", "method": "click", "params": {"selector": "b"}, **more}


def trace(folder: Path, *events: Any, name: str = "trace.trace") -> list[Session | Rejected]:
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    with zipfile.ZipFile(folder / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "\n".join(lines))
    return list(read_sessions(str(folder)))


def test_older_traces_name_their_snapshots(tmp_path: Path) -> None:
    target = ["B", {"__playwright_target__": "call@1"}, "x"]
    stale = ["B", {"__playwright_target__": "call@0"}, "y"]
    (session,) = trace(tmp_path, CONTEXT, click(), snapshot(["HTML", {}, ["BODY", {}, stale, target]], "input"))
    assert isinstance(session, Session)
    assert session.goal == "Buy"
    (step,) = session.steps
    assert step.dom == '<html><body><b>y</b><b __playwright_target__="">x</b></body></html>'


def test_references_lead_to_nodes_of_earlier_snapshots(tmp_path: Path) -> None:
    first = ["HTML", {}, ["BODY", {}, ["P", {}, "one"], ["B", {"__playwright_target__": ""}, "x"]]]
    second = ["HTML", {}, ["BODY", {}, [[1, 1]], [[1, 3]]]]
    events = (CONTEXT, snapshot(first, "before"), click(), snapshot(second, "input"))
    (session,) = trace(tmp_path, *events)
    assert isinstance(session, Session)
    assert next(iter(session.steps)).dom == '<html><body><p>one</p><b __playwright_target__="">x</b></body></html>'


def test_a_key_is_pressed_in_the_page_not_in_a_frame_of_it(tmp_path: Path) -> None:
    press = {"type": "before", "callId": "c", "class": "Page", "method": "keyboardPress", "params": {"key": "Tab"}}
    frame = snapshot(["HTML", {}, "frame"], "before", "c", frameId="g", isMainFrame=False)
    (session,) = trace(tmp_path, CONTEXT, press, frame, snapshot(["HTML", {}, "page"], "before", "c"))
    assert isinstance(session, Session)
    assert next(iter(session.steps)).dom == "<html>page</html>"


def test_a_test_that_failed_is_no_success(tmp_path: Path) -> None:
    page = ["HTML", {}, ["B", {"__playwright_target__": ""}, "x"]]
    events: list[Any] = [{**CONTEXT, "origin": "testRunner"}, click(), snapshot(page, "input")]
    (passed,) = trace(tmp_path, *events)
    (failed,) = trace(tmp_path, *events, {"type": "error", "message": "expected"})
    assert isinstance(passed, Session) and passed.success is True
    assert isinstance(failed, Session) and failed.success is False


def bomb(levels: int) -> list[Any]:
    """Each snapshot holds the one before it ten times."""
    shots = [snapshot(["DIV", {}, "x" * 100], "before")]
    shots += [snapshot(["DIV", {}, *[[[1, 1 if level == 1 else 0]]] * 10], "before") for level in range(1, levels)]
    return [*shots, click(), snapshot(["HTML", {}, [[1, 0]]], "input")]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([CONTEXT, *bomb(12)], "more than 16,777,216 characters"),
        ([CONTEXT, click(), snapshot(["HTML", {}, [[9, 0]]], "input")], "refers to what is not there"),
        ([CONTEXT, click(), snapshot(["HTML", {}, [[0, 0]]], "input")], "refers to what is not there"),
        ([CONTEXT, click(), snapshot(["HTML", {}, [["x", 0]]], "input")], "refers to what is not there"),
        ([CONTEXT, click(), snapshot(["HTML", {}, "x"], "input")], "not marked"),
        ([CONTEXT, click(), snapshot(["HTML"], "input", "call@9")], "was not recorded"),
        ([CONTEXT, "{damaged"], "no JSON object"),
        ([CONTEXT, {"type": "frame-snapshot", "snapshot": []}], "no frame or no page"),
        ([{**CONTEXT, "version": 3}], "older than 6"),
        ([CONTEXT], "no DOM"),
        ([CONTEXT, click(error={"message": "gone"}), snapshot(["HTML"], "before")], "call failed: gone"),
    ],
)
def test_damage_and_bombs_are_rejected(tmp_path: Path, events: list[Any], reason: str) -> None:
    found = trace(tmp_path, *events)
    assert [type(one) for one in found] == [Rejected]
    assert isinstance(found[0], Rejected) and reason in found[0].reason


@pytest.mark.slow
def test_an_archive_that_swells_is_refused(tmp_path: Path) -> None:
    line = json.dumps({"type": "log", "message": "x" * 1_000_000}) + "\n"
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.trace", "w") as out:
        out.write(json.dumps(CONTEXT).encode() + b"\n")
        for _ in range(270):
            out.write(line.encode())
    (found,) = read_sessions(str(tmp_path))
    assert isinstance(found, Rejected) and "larger than any trace" in found.reason


def test_a_page_nested_without_end_is_written_all_the_same(tmp_path: Path) -> None:
    node: Any = ["B", {"__playwright_target__": ""}, "x"]
    for _ in range(200):
        node = ["DIV", {}, node]
    (session,) = trace(tmp_path, CONTEXT, click(), snapshot(["HTML", {}, node], "input"))
    assert isinstance(session, Session)


def test_other_archives_are_told(tmp_path: Path) -> None:
    found = trace(tmp_path, CONTEXT, name="notes.txt")
    assert isinstance(found[0], Rejected) and "no Playwright trace" in found[0].reason
    (tmp_path / "t.zip").write_bytes(RECORDING.read_bytes()[:5_000])
    found = list(read_sessions(str(tmp_path)))
    assert isinstance(found[0], Rejected) and "damaged" in found[0].reason


def test_names_with_marks_in_them_make_no_elements(tmp_path: Path) -> None:
    page = ["HTML", {}, ["B", {"__playwright_target__": "", "a b": "1", "ok": '"><i>'}], ["X><SCRIPT>", {}, "y"]]
    (session,) = trace(tmp_path, CONTEXT, click(), snapshot(page, "input"))
    assert isinstance(session, Session)
    assert next(iter(session.steps)).dom == '<html><b __playwright_target__="" ok="&quot;&gt;&lt;i&gt;"></b></html>'


def test_the_name_of_a_trace_is_that_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    shutil.copy(RECORDING, tmp_path / "a" / "shop.zip")
    session = list(read_sessions(str(tmp_path)))[-1]
    assert isinstance(session, Session)
    assert session.source_file == session.id == "a/shop.zip"
