"""What every screen and verb needs: the folders, the configuration, a screen and somebody to ask."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.display import Screen
from src.cli.prompts import Asker

if TYPE_CHECKING:
    from src.config.environment import Environment
    from src.config.settings import ModelSettings, Settings
    from src.persistence.jobs.job_queue import JobQueue
    from src.persistence.stores.store import Store
    from src.pipeline.jobs.attempt import Attempt
    from src.pipeline.run_plan import Workspace

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "context_files" / "samples"
CONFIG, OUTPUT, DATABASE = Path("config.yaml"), Path("output_datasets"), Path("memory/dataset_builder.db")


@dataclass(slots=True)
class App:
    """Paths are relative to the folder the program runs in, as a user expects; prompts and samples ship with it.

    `job` is there when the verb is done as a background job; `carry_out` does any verb (it is there in every verb).
    """

    screen: Screen
    asker: Asker
    config_path: Path = CONFIG
    env_path: Path = Path(".env")
    input_dir: Path = Path("input_files")
    output_dir: Path = OUTPUT
    database: Path = DATABASE
    overrides: Mapping[str, Any] = field(default_factory=dict)
    job: Attempt | None = None
    carry_out: Callable[[App, argparse.Namespace], tuple[int, dict[str, Any]]] | None = None

    def settings(self, overrides: Mapping[str, Any] | None = None) -> Settings:
        """The settings in effect: config.yaml, the command line and AGENT_* on top. Raises ConfigError."""
        from src.config.loader import load_settings, with_environment

        settings = load_settings(self.config_path, known_models, {**self.overrides, **(overrides or {})})
        return with_environment(settings, self.environment())

    def take_up_own_models(self) -> Settings:
        """Let the providers know the models config.yaml adds, for verbs that read nothing else of it.

        Raises ConfigError.
        """
        from src.config.loader import load_settings

        settings = load_settings(self.config_path)
        known_models(settings.models)
        return settings

    def environment(self) -> Environment:
        from src.config.environment import read_environment

        return read_environment(self.env_path)

    def store(self) -> Store:
        """The datasets, in the database that config.yaml names. Use it with `with`. Raises PersistenceError."""
        from src.persistence.stores.open_store import open_store

        return open_store(self.settings().persistence, self.database, self.environment())

    def jobs(self) -> JobQueue:
        """The background jobs of this database, the queue made when missing. Use it with `with`."""
        from src.persistence.jobs.job_queue import JobQueue

        return JobQueue(self.database)

    def take(self, arguments: argparse.Namespace) -> None:
        """Use the files that the command line names."""
        self.config_path = arguments.config
        self.database = getattr(arguments, "db", self.database)
        self.output_dir = getattr(arguments, "output", self.output_dir)

    def workspace(self, input_dir: Path | None = None) -> Workspace:
        from src.pipeline.run_plan import Workspace

        return Workspace(
            input_dir or self.input_dir,
            self.output_dir,
            self.database,
            ROOT / "prompts",
            lambda _: self.store(),
            lambda: self.settings().system,
        )

    def unexpected(self, error: Exception) -> str:
        """What to say of a fault of ours; the traceback (file names and lines, no values) goes beside the database."""
        path = self.database.parent / "last_error.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        return f"Unexpected error: {type(error).__name__}: {error}\nDetails are in {path}."


def known_models(own: Mapping[str, list[ModelSettings]]) -> dict[str, list[str]]:
    """The model names each provider accepts, once the user's own are taken up. Raises ConfigError."""
    from src.providers import PROVIDERS
    from src.providers.models.catalog import use_models

    use_models(own)
    return {name: provider.known_models() for name, provider in PROVIDERS.items()}
