"""What was checked, line by line, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from src.cli.app import App


def draw_checks(app: App, checks: Sequence[tuple[str, str, str]]) -> None:
    """Checks as (name, state, text), one a line."""
    draw = {"failed": app.screen.error, "warning": app.screen.warning}
    width = max((len(name) for name, _, _ in checks), default=0)
    app.screen.say()
    for name, state, text in checks:
        draw.get(state, app.screen.say)(f"  {state.ljust(11)}  {name.ljust(width)}  {text}")


def draw_verdict(app: App, path: Path, whole: bool) -> None:
    """What the checks come to."""
    if whole:
        app.screen.success(f"{path} is whole.")
    else:
        app.screen.error(f"{path} is not as it should be; see what failed above.")
