"""Sessions recorded in headless Chromium: before each action the page's DOM, a screenshot, and where the target is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.dataset.pages.browser import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Of an element, a selector that matches nothing else on its page: its id, else the way to it from the nearest id.
_SELECTOR = """element => {
  const steps = [];
  for (let at = element; at && at.nodeType === 1; at = at.parentElement) {
    if (at.id) { steps.unshift('#' + CSS.escape(at.id)); break; }
    if (at.tagName === 'BODY') { steps.unshift('body'); break; }
    const twins = at.parentElement ? [...at.parentElement.children].filter(one => one.tagName === at.tagName) : [];
    const place = twins.length > 1 ? ':nth-of-type(' + (twins.indexOf(at) + 1) + ')' : '';
    steps.unshift(at.tagName.toLowerCase() + place);
  }
  return steps.join(' > ');
}"""


@contextmanager
def chromium(port: int = 0) -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright; names that end in .test lead to this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--no-sandbox", f"--host-resolver-rules=MAP *.test 127.0.0.1:{port}, MAP * ~NOTFOUND"],
        )
        try:
            yield browser
        finally:
            browser.close()


class Recorder:
    """Does what it is told in a page and writes down each step, as docs/web_actions.md says."""

    def __init__(self, page: Page, folder: Path, session: str, **about: Any) -> None:
        self.page = page
        self.folder = folder
        self.entry: dict[str, Any] = {"session_id": session, "timestamp": _now(), **about, "steps": []}

    def act(self, kind: str, find: str = "", value: str = "") -> None:
        """Record the step, then do it. `find` is any locator of Playwright's."""
        if find:
            self.page.locator(find).scroll_into_view_if_needed()
        step: dict[str, Any] = {"action": kind, "value": value, "timestamp": _now(), "dom": self.page.content()}
        name = f"{self.entry['session_id']}-{len(self.entry['steps']) + 1}.png"
        if find:
            target = self.page.locator(find)
            box = target.bounding_box()
            assert box is not None
            step["box"] = [box["x"], box["y"], box["width"], box["height"]]
            step["point"] = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            step["selector"] = target.evaluate(_SELECTOR)
        self.page.screenshot(path=self.folder / name)
        self.entry["steps"].append({**step, "screenshot": name})
        self._do(kind, find, value)

    def _do(self, kind: str, find: str, value: str) -> None:
        target = self.page.locator(find) if find else None
        if kind == "navigate":
            self.page.goto(value)
        elif kind == "wait":
            self.page.wait_for_timeout(int(value))
        elif kind == "scroll" and target is None:
            self.page.mouse.wheel(*map(float, value.split(",")))
        elif kind == "press" and target is None:
            self.page.keyboard.press(value)
        else:
            assert target is not None
            {
                "click": target.click,
                "hover": target.hover,
                "scroll": target.scroll_into_view_if_needed,
                "type": lambda: target.fill(value),
                "select": lambda: target.select_option(value),
                "press": lambda: target.press(value),
                "submit": lambda: target.evaluate("form => form.requestSubmit()"),
            }[kind]()


def record_sessions(browser: Browser, folder: Path, port: int) -> list[dict[str, Any]]:
    """Four sessions on two sites with every kind of action, in recordings.jsonl with their screenshots beside it."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    sessions = [_buys(page, folder, "red", "shoes"), _buys(page, folder, "blue", "hat"), _looks(page, folder)]
    sessions.append(_lends(page, folder))
    lines = [json.dumps(session, ensure_ascii=False) + "\n" for session in sessions]
    (folder / "recordings.jsonl").write_text("".join(lines), encoding="utf-8")
    return sessions


def _buys(page: Page, folder: Path, colour: str, thing: str) -> dict[str, Any]:
    about = {"site": "http://shop.test/", "workflow": "checkout", "goal": f"Buy {colour} {thing}.", "success": True}
    page.goto("http://shop.test/")
    recorder = Recorder(page, folder, f"buy-{colour}", **about)
    recorder.act("hover", "#top")
    recorder.act("type", "input[name=q]", f"{colour} {thing}")
    recorder.act("press", "input[name=q]", "Enter")
    page.wait_for_url("**/?q=*")
    recorder.act("click", "article:first-of-type a.buy")
    recorder.act("type", "input[name=email]", "ada@example.com")
    recorder.act("type", "input[name=password]", "hunter2")
    recorder.act("select", "select[name=ship]", "van")
    recorder.act("submit", "form")
    page.wait_for_url("**/done?*")
    return recorder.entry


def _looks(page: Page, folder: Path) -> dict[str, Any]:
    about = {"site": "http://shop.test/", "workflow": "browse", "goal": "Look at the last product.", "success": False}
    page.goto("http://shop.test/")
    recorder = Recorder(page, folder, "look", **about)
    recorder.act("scroll", value="0,600")
    recorder.act("wait", value="50")
    recorder.act("click", "article:last-of-type a.more")
    recorder.act("press", value="Escape")
    return recorder.entry


def _lends(page: Page, folder: Path) -> dict[str, Any]:
    about = {"site": "http://library.test/", "workflow": "lend", "goal": "Lend book 40.", "success": None}
    page.goto("http://shop.test/")
    recorder = Recorder(page, folder, "lend", **about)
    recorder.act("navigate", value="http://library.test/")
    recorder.act("select", "select", "year")
    recorder.act("scroll", "#imprint")
    recorder.act("click", "tr:nth-of-type(40) button")
    return recorder.entry


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()
