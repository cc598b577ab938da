"""Our own schema: what it allows is read, what it forbids is rejected with file, line and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from src.web_actions.session import Action, Rejected, Session, Step
from src.web_actions.sessions.reading import read_sessions

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "web_session.schema.json").read_text("utf-8"))
STEP = {"dom": "<b id=a>x</b>", "action": "click", "selector": "#a"}
SESSION: dict[str, Any] = {
    "session_id": "s1", "site": "https://shop.test/cart", "workflow": "checkout", "goal": "Buy tea", "success": True,
    "timestamp": "2026-03-01T10:00:00+01:00",
    "steps": [
        {"action": "navigate", "value": "https://shop.test/"},
        {**STEP, "action": "TYPE", "value": "tea", "screenshot": "1.png", "point": [1, 2.5], "box": [0, 0, 10, 20]},
    ],
}  # fmt: skip


def read(path: Path) -> list[Session | Rejected]:
    return list(read_sessions(str(path)))


def write_lines(folder: Path, *entries: Any) -> Path:
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def test_a_session_is_read_with_all_it_says(tmp_path: Path) -> None:
    assert read(write_lines(tmp_path, SESSION)) == [
        Session(
            "s1", "shop.test", "checkout", "Buy tea", True, "2026-03-01T09:00:00Z", "log.jsonl",
            (
                Step(1, "", Action("navigate", "", "https://shop.test/")),
                Step(2, "<b id=a>x</b>", Action("type", "#a", "tea", (1.0, 2.5)), "1.png", (0.0, 0.0, 10.0, 20.0)),
            ),
        )
    ]  # fmt: skip


def test_a_bad_step_is_rejected_alone_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    steps = [STEP, {**STEP, "action": "drag"}, {"action": "click", "selector": "#a"}, 7, STEP]
    *rejected, session = read(write_lines(tmp_path, {"session_id": "a", "steps": steps}))
    assert isinstance(session, Session)
    assert [step.number for step in session.steps] == [1, 5]
    assert [(one.file, one.line, one.where) for one in rejected if isinstance(one, Rejected)] == [
        ("log.jsonl", 1, f"session a, step {number}") for number in (2, 3, 4)
    ]
    reasons = " ".join(one.reason for one in rejected if isinstance(one, Rejected))
    assert "no kind of action" in reasons
    assert "DOM was not recorded" in reasons
    assert "not an object" in reasons


def test_bad_lines_are_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(write_lines(tmp_path, "{not json", "", SESSION, "[1]", {"other": 1}, {**SESSION, "session_id": "z"}))
    assert [one.id for one in found if isinstance(one, Session)] == ["s1", "z"]
    assert [one.line for one in found if isinstance(one, Rejected)] == [1, 4, 5]


@pytest.mark.parametrize("form", ["{0}", "[{0},{1}]", "[\n  {0},\n  {1}\n]\n", "\ufeff[{0} , {1}]", "{0}\n{1}\n"])
def test_json_files_hold_one_session_or_many(tmp_path: Path, form: str) -> None:
    second = {**SESSION, "session_id": "s2", "goal": 'ü "quoted" \\ ]['}
    (tmp_path / "a.json").write_text(form.format(json.dumps(SESSION), json.dumps(second)), "utf-8")
    assert [one.id for one in read(tmp_path) if isinstance(one, Session)] == ["s1", "s2"][: 1 + ("{1}" in form)]


def test_a_large_array_is_read_entry_by_entry(tmp_path: Path) -> None:
    page = "é" * 3_000_000  # an entry of 6 MB lies across several pieces
    many = [{"session_id": f"s{n}", "steps": [{**STEP, "dom": page if n == 3 else "<p>"}]} for n in range(2_000)]
    (tmp_path / "a.json").write_text(json.dumps(many, ensure_ascii=False), "utf-8")
    found = read(tmp_path)
    assert [one.id for one in found if isinstance(one, Session)] == [f"s{n}" for n in range(2_000)]
    sessions = [one for one in found if isinstance(one, Session)]
    assert next(iter(sessions[3].steps)).dom == page


@pytest.mark.parametrize("shift", [0, 7])
def test_entries_are_read_whole_wherever_a_piece_ends(tmp_path: Path, shift: int) -> None:
    more = [{"a": -1.5e10, "b": [True, None, "\\u00e9\\n"]}] * 100_000
    entry = json.dumps({**SESSION, "more": more})
    (tmp_path / "a.json").write_text(" " * shift + f"[{entry},{entry}]", "utf-8")
    assert [type(one) for one in read(tmp_path)] == [Session, Session]


@pytest.mark.parametrize("end", ["", ", {", ', "cut', ", tru", "\x00"])
def test_a_file_that_is_cut_off_gives_what_was_whole(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.json").write_text("[" + json.dumps(SESSION) + end, "utf-8")
    found = read(tmp_path)
    assert isinstance(found[0], Session)
    assert len(found) == 2 - (end == "")
    assert all(isinstance(one, Rejected) and "rest is not read" in one.reason for one in found[1:])


def test_a_page_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "1.html").write_text("<b id=a>x</b>", "utf-8")
    steps = [{"dom_file": name, "action": "click", "selector": "#a"} for name in ("pages/1.html", "../x", "none.html")]
    found = read(write_lines(tmp_path, {"session_id": "a", "steps": steps}))
    assert isinstance(found[-1], Session)
    assert [step.dom for step in found[-1].steps] == ["<b id=a>x</b>"]
    assert len(found) == 3


SOUND: list[dict[str, Any]] = [
    SESSION,
    {"session_id": "a", "steps": [STEP], "timestamp": 1767225600},
    {"session_id": "a", "steps": [{**STEP, "timestamp": "2026-01-01"}], "success": None},
    {"session_id": "a", "steps": [{"action": "wait", "value": "500"}]},
    {"session_id": "a", "steps": [{**STEP, "action": "scroll", "selector": ""}]},
    {"session_id": "a", "steps": [{**STEP, "action": "type"}]},
]
WRONG: list[dict[str, Any]] = [
    {"steps": [STEP]},
    {"session_id": "", "steps": [STEP]},
    {"session_id": 5, "steps": [STEP]},
    {"session_id": "a"},
    {"session_id": "a", "steps": []},
    {"session_id": "a", "steps": {}},
    {"session_id": "a", "steps": [STEP], "success": "yes"},
    {"session_id": "a", "steps": [STEP], "timestamp": "yesterday"},
    {"session_id": "a", "steps": [STEP], "site": 1},
    *(
        {"session_id": "a", "steps": [step]}
        for step in (
            {**STEP, "action": "drag"},
            {**STEP, "selector": None},
            {**STEP, "value": "x"},
            {**STEP, "dom": ""},
            {**STEP, "dom": 1},
            {**STEP, "point": [1]},
            {**STEP, "box": [1, 2, 3, "4"]},
            {**STEP, "action": "press"},
            {**STEP, "action": "navigate", "value": "https://a.test"},
            {**STEP, "timestamp": True},
        )
    ),
]


@pytest.mark.parametrize("entry", SOUND)
def test_what_the_schema_allows_is_read(tmp_path: Path, entry: dict[str, Any]) -> None:
    found = read(write_lines(tmp_path, entry))
    assert [type(one) for one in found] == [Session]
    lower = json.loads(json.dumps(entry).replace("TYPE", "type"))
    assert not list(Draft202012Validator(SCHEMA).iter_errors(lower))


@pytest.mark.parametrize("entry", WRONG)
def test_what_the_schema_forbids_is_rejected(tmp_path: Path, entry: dict[str, Any]) -> None:
    found = read(write_lines(tmp_path, entry))
    assert [type(one) for one in found] == [Rejected]
    assert list(Draft202012Validator(SCHEMA).iter_errors(entry))
