"""Verbs and screens in this process, in a folder of their own, with everything they say."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from src.cli.app import App
from src.cli.arguments import build_parser
from src.cli.display import Screen
from src.cli.prompts import Asker, EndOfInput
from src.cli.verbs import VERBS
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Sample


class Desk:
    """A user's folder with the dataset `support`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "memory" / "dataset_builder.db"
        self.said = ""

    def do(self, *arguments: str, answers: Sequence[str] = ()) -> dict[str, Any]:
        """Carry out a verb that succeeds; what --json prints. Whatever it raises is raised."""
        code, answer = self.code_of(*arguments, answers=answers)
        assert code == 0, self.said
        return answer

    def code_of(self, *arguments: str, answers: Sequence[str] = ()) -> tuple[int, dict[str, Any]]:
        parsed = build_parser().parse_args(arguments)
        app = self._app(answers)
        try:
            return VERBS[parsed.verb](app, parsed)
        finally:
            self._take(app)

    def open(self, screen: Callable[[App], None], *answers: str) -> str:
        """Open a screen with piped answers; what it said. Input may end before the screen does."""
        app = self._app(answers)
        try:
            screen(app)
        except EndOfInput:
            pass
        finally:
            self._take(app)
        return self.said

    def dataset(self, name: str = "support") -> Dataset:
        with DatasetStore(self.database) as store:
            return store.load_dataset(name)

    def samples(self, name: str = "support") -> list[Sample]:
        return list(self.dataset(name))

    def find(self, words: str, name: str = "support") -> Sample:
        """The sample whose user says these words first."""
        return next(one for one in self.samples(name) if one.turns[0].content == words)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def llm(self, url: str, **system: object) -> None:
        """Let an LLM at this address repair."""
        self.write(".env", f"OPENAI_API_KEY=sk-canary-0123456789\nOPENAI_BASE_URL={url}\n")
        settings = {"agentic_llm": "openai", "agentic_model": "stub", **system}
        self.write("config.yaml", json.dumps({"system": settings}))

    def _app(self, answers: Sequence[str]) -> App:
        screen = Screen(io.StringIO(), no_color=True)
        return App(
            screen,
            Asker(screen, io.StringIO("".join(f"{answer}\n" for answer in answers))),
            config_path=self.folder / "config.yaml",
            env_path=self.folder / ".env",
            input_dir=self.folder / "input_files",
            output_dir=self.folder / "output_datasets",
            database=self.database,
        )

    def _take(self, app: App) -> None:
        assert isinstance(app.screen.out, io.StringIO)
        self.said = app.screen.out.getvalue()
