"""The main menu. A chosen screen is imported when it is opened, so the menu itself is there at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from src.cli.app import App
from src.cli.prompts import Back, EndOfInput
from src.errors import BuilderError
from src.pipeline.interruption import interrupt_safely, was_interrupted

TITLE = "=== Fine-Tuning Dataset Builder ==="
_ITEMS = (
    ("Configure Dataset", "provider, model, generation mode, dataset size, train/val split", "configure_screen"),
    ("Generate Dataset", "process input files, run selected agent, validate output, save dataset", "generate_screen"),
    ("View Dataset Statistics", "token counts, sample distribution, source breakdown", "statistics_screen"),
    ("Export Dataset", "JSONL, CSV, Parquet, Hugging Face and more, checked and versioned", "export_screen"),
    ("Settings", "edit config.yaml, view current configuration", "settings_screen"),
    ("Exit", "", ""),
)


def run_menu(app: App) -> int:
    """Show the menu until the user leaves. Gives the exit code: 0, or 130 after Ctrl-C at the menu itself."""
    interrupt_safely()
    while True:
        _draw(app)
        try:
            choice = app.asker.raw_line("Choose 1-6: ")
        except EndOfInput:
            app.screen.say("End of input, good-bye.")
            return 0
        except KeyboardInterrupt:
            app.screen.say("\nGood-bye.")
            return 130
        if choice in ("6", "q", "exit"):
            app.screen.say("Good-bye.")
            return 0
        if choice not in ("1", "2", "3", "4", "5"):
            app.screen.warning("Please answer with a number from 1 to 6.")
            continue
        if not _open(app, _ITEMS[int(choice) - 1][2]):
            return 0


def _draw(app: App) -> None:
    app.screen.say()
    app.screen.title(TITLE)
    for number, (name, description, _) in enumerate(_ITEMS, 1):
        app.screen.say(f"{number}. {name.ljust(26)} - {description}" if description else f"{number}. {name}")


def _open(app: App, screen_name: str) -> bool:
    """Show one screen and come back whatever happens in it. False when the input has ended."""
    try:
        show: Callable[[App], None] = importlib.import_module(f"src.cli.screens.{screen_name}").show
        show(app)
    except Back:
        pass
    except EndOfInput:
        app.screen.say("End of input, good-bye.")
        return False
    except KeyboardInterrupt:
        app.screen.warning("\nStopped; back to the menu.")
    except BuilderError as error:
        app.screen.error(f"\n{error}")
    except Exception as error:  # noqa: BLE001 - the one door: a fault must not end the session
        if was_interrupted(error):
            app.screen.warning("\nStopped; back to the menu.")
        else:
            app.screen.error(f"\n{app.unexpected(error)}")
    return True
