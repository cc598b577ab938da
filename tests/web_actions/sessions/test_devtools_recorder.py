"""User flows of Chrome DevTools' Recorder, with the pages beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.web_actions.session import Action, Rejected, Session
from src.web_actions.sessions.devtools_recorder import css_of
from src.web_actions.sessions.entries import EntryError
from src.web_actions.sessions.reading import read_sessions
from src.web_actions.sessions.xpaths import css_of_xpath

PAGE = '<body><input id="q" name="q"><select id="s"><option>M</option></select><button class="go">Go</button></body>'
QUERY = [["aria/Search"], ["#q"], ['xpath///*[@id="q"]'], ["pierce/#q"]]
FLOW: dict[str, Any] = {
    "title": "Search for tea",
    "steps": [
        {"type": "setViewport", "width": 1280, "height": 720, "deviceScaleFactor": 1, "isMobile": False,
         "hasTouch": False, "isLandscape": False},
        {"type": "navigate", "url": "https://shop.test/", "assertedEvents": [
            {"type": "navigation", "url": "https://shop.test/", "title": "Shop"}]},
        {"type": "click", "target": "main", "selectors": QUERY, "offsetX": 10, "offsetY": 5},
        {"type": "change", "value": "t", "selectors": QUERY, "target": "main"},
        {"type": "keyUp", "key": "e", "target": "main"},
        {"type": "change", "value": "tea", "selectors": QUERY, "target": "main"},
        {"type": "change", "value": "M", "selectors": [["#s"]], "target": "main"},
        {"type": "keyDown", "target": "main", "key": "Enter"},
        {"type": "keyUp", "key": "Enter", "target": "main"},
        {"type": "doubleClick", "selectors": [["button.go"]], "offsetX": 1, "offsetY": 1},
        {"type": "hover", "selectors": [["button.go"]]},
        {"type": "scroll", "x": 0, "y": 300.5, "target": "main"},
        {"type": "waitForElement", "selectors": [[".go"]]},
        {"type": "customStep", "name": "x", "parameters": {}},
    ],
}  # fmt: skip


def record(folder: Path, pages: bool = True) -> list[Session | Rejected]:
    (folder / "tea.json").write_text(json.dumps(FLOW), "utf-8")
    if pages:
        (folder / "tea.dom").mkdir()
        for number in range(1, len(FLOW["steps"]) + 1):
            (folder / "tea.dom" / f"{number}.html").write_text(PAGE, "utf-8")
        (folder / "tea.dom" / "3.webp").write_bytes(b"x")
    return list(read_sessions(str(folder)))


def test_a_flow_becomes_a_session(tmp_path: Path) -> None:
    rejected, session = record(tmp_path)
    assert isinstance(session, Session)
    assert (session.id, session.site, session.goal) == ("tea.json", "shop.test", "Search for tea")
    assert [step.action for step in session.steps] == [
        Action("navigate", "", "https://shop.test/"), Action("click", "#q"), Action("type", "#q", "tea"),
        Action("select", "#s", "M"), Action("press", "", "Enter"), Action("click", "button.go"),
        Action("hover", "button.go"), Action("scroll", "", "0,300.5"), Action("wait", ".go"),
    ]  # fmt: skip
    assert [step.number for step in session.steps] == [2, 3, 4, 7, 8, 10, 11, 12, 13]
    assert [step.screenshot for step in session.steps][:3] == ["", "tea.dom/3.webp", ""]
    assert isinstance(rejected, Rejected)
    assert rejected.where == "flow Search for tea, step 14"


def test_without_pages_only_navigation_and_waiting_are_left(tmp_path: Path) -> None:
    *rejected, session = record(tmp_path, pages=False)
    assert isinstance(session, Session)
    assert [step.action.kind for step in session.steps] == ["navigate", "wait"]
    assert all(isinstance(one, Rejected) for one in rejected)
    assert isinstance(rejected[0], Rejected)
    assert "there is no tea.dom/3.html" in rejected[0].reason


@pytest.mark.parametrize(
    ("selectors", "css"),
    [
        (QUERY, "#q"),
        (["aria/Search", "#q"], "#q"),
        ([["app-root", "#q"]], "app-root #q"),
        ([["aria/Search"], ["pierce/#q"]], "#q"),
        ([["aria/Search"], ['xpath///*[@id="q"]/div[2]/a']], '[id="q"] > div:nth-of-type(2) > a'),
        ([["text/Go"], ["aria/Go now"]], '[aria-label="Go now"]'),
    ],
)
def test_the_css_selector_among_the_alternatives_is_taken(selectors: Any, css: str) -> None:
    assert css_of(selectors) == css


@pytest.mark.parametrize("selectors", [[["text/Go"]], [], "x", [[1]], [["aria/Go", "aria/Now"]]])
def test_where_there_is_none_the_step_is_rejected(selectors: Any) -> None:
    with pytest.raises(EntryError):
        css_of(selectors)


def test_xpaths_that_are_more_than_a_path_are_not_guessed() -> None:
    assert css_of_xpath("/html/body/div[2]/a") == "html > body > div:nth-of-type(2) > a"
    assert css_of_xpath("//a[@data-x='1']/b") == 'a[data-x="1"] > b'
    for other in ("//a[text()='x']", "//div//a", "", "//*[@id='a'][2]", "/a/@b"):
        assert css_of_xpath(other) == ""
