"""python -m src.main: without arguments the menu, with a verb the same work without it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType

from src.cli.app import App
from src.cli.arguments import build_parser
from src.cli.display import Screen
from src.cli.prompts import Asker
from src.config.environment import read_environment


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code."""
    arguments = build_parser().parse_args(argv)
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _interrupt)
    wants_json = getattr(arguments, "json", False)
    no_color = read_environment().no_color
    screen = Screen(sys.stderr if wants_json else sys.stdout, no_color=no_color)
    app = App(screen, Asker(screen))
    try:
        if arguments.verb is None:
            from src.cli.menu import run_menu

            return run_menu(app)
        from src.cli.commands import run_verb

        app.take(arguments)
        return run_verb(app, arguments)
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell.
        sys.stderr.close()
        return 1


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a run like Ctrl-C: what is done is kept."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
