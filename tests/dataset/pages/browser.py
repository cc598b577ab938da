"""A page in headless Chromium, driven over its debugging socket on 127.0.0.1: what it loads, logs, looks like."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# --no-sandbox: Chromium refuses to start as root with it, as tests run in containers; the page is our own file.
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip
_START_SECONDS, _ANSWER_SECONDS = 120, 120  # on a machine that does much else


def find_chromium() -> str | None:
    """The program of a Chromium that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@dataclass
class Seen:
    """What a page did: addresses asked for besides its own, messages of the console, values and pictures asked for."""

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A way of looking at the page; `height` 0 takes all of it."""

    name: str
    width: int
    dark: bool = False
    height: int = 0
    printed: bool = False


def open_page(path: Path, expressions: Mapping[str, str], looks: tuple[Look, ...] = (), pictures: bool = False) -> Seen:
    """Open the file, evaluate the expressions in each of the looks (or once), and take its pictures if wanted."""
    program = find_chromium()
    assert program is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *_ARGUMENTS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return asyncio.run(_look(_socket_of(Path(profile), process), path, expressions, looks, pictures))
        finally:
            process.kill()  # it has nothing to save
            process.wait()


def _socket_of(profile: Path, process: subprocess.Popen[bytes]) -> str:
    noted = profile / "DevToolsActivePort"
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        lines = noted.read_text().split() if noted.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")


async def _look(
    socket: str, path: Path, expressions: Mapping[str, str], looks: tuple[Look, ...], pictures: bool
) -> Seen:
    import aiohttp

    seen = Seen()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(socket, max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=1)) as wire,
    ):
        tab = _Tab(wire, seen, path.as_uri())
        for look in looks or (Look("", 1000),):
            await _open(tab, look)
            await _take(tab, look, expressions, pictures)
    return seen


async def _open(tab: _Tab, look: Look) -> None:
    """A tab of its own, its size set before the page is there: Chromium may take a minute to resize a large one."""
    tab.session = ""
    target = await tab.ask("Target.createTarget", url="about:blank")
    attached = await tab.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    tab.session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        await tab.ask(f"{domain}.enable")
    scheme = {"name": "prefers-color-scheme", "value": "dark" if look.dark else "light"}
    await tab.ask("Emulation.setEmulatedMedia", media="print" if look.printed else "screen", features=[scheme])
    size = {"width": look.width, "height": look.height or 900, "deviceScaleFactor": 1, "mobile": look.width < 600}
    await tab.ask("Emulation.setDeviceMetricsOverride", **size)
    tab.events.clear()
    await tab.ask("Page.navigate", url=tab.own)
    await tab.until(lambda event: event == "Page.loadEventFired")


async def _take(tab: _Tab, look: Look, expressions: Mapping[str, str], picture: bool) -> None:
    for name, expression in expressions.items():
        answer = await tab.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        tab.seen.values[f"{look.name} {name}".strip()] = answer["result"].get("value")
    if picture:
        taken = await tab.ask("Page.captureScreenshot", format="png", captureBeyondViewport=not look.height)
        tab.seen.pictures[look.name] = base64.b64decode(taken["data"])


class _Tab:
    def __init__(self, wire: Any, seen: Seen, own: str) -> None:
        self.wire, self.seen, self.own = wire, seen, own
        self.session = ""
        self.number = 0
        self.events: list[str] = []

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        await self.wire.send_json({**message, "sessionId": self.session} if self.session else message)
        while True:
            answer = await self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    async def until(self, wanted: Callable[[str], bool]) -> None:
        while not any(map(wanted, self.events)):
            await self._next()

    async def _next(self) -> dict[str, Any]:
        message = await self.wire.receive_json(timeout=_ANSWER_SECONDS)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, params: dict[str, Any]) -> None:
        self.events.append(event)
        if event == "Network.requestWillBeSent" and params["request"]["url"] != self.own:
            self.seen.requests.append(params["request"]["url"])
        elif event == "Log.entryAdded":
            self.seen.messages.append(params["entry"]["text"])
        elif event == "Runtime.consoleAPICalled":
            self.seen.messages.append(str(params["args"]))
        elif event in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.seen.messages.append(str(params))
