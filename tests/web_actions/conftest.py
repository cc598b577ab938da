"""Sessions recorded once in a real browser for all tests that want them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.pages.browser import find_chromium


@dataclass(frozen=True)
class Recorded:
    """The folder of the recordings, and what was recorded."""

    folder: Path
    sessions: list[dict[str, Any]]

    @property
    def steps(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Each step by its session's id and its number."""
        return {
            (session["session_id"], number): step
            for session in self.sessions
            for number, step in enumerate(session["steps"], 1)
        }


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    if find_spec("playwright") is None or find_chromium() is None:
        pytest.skip("needs Playwright (requirements-dev.txt) and an installed Chromium")
    from tests.web_actions.recording.recorder import chromium, record_sessions
    from tests.web_actions.recording.sites import serving

    folder = tmp_path_factory.mktemp("recordings")
    with serving() as port, chromium(port) as browser:
        return Recorded(folder, record_sessions(browser, folder, port))
