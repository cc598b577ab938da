"""Recorded browser sessions to a dataset: DOM/ACTION samples with pictures, split, stored, described."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from src.config.settings import Settings
from src.errors import ExportError, UsageError
from src.persistence.durable_files import incomplete_path, sweep_incomplete
from src.persistence.stores.store import Store
from src.web_actions.making.build import Build, OnSamples
from src.web_actions.making.report import BuildReport

# By these a folder is known as one that was made here.
_OURS = ("report.json", "rejected.jsonl", "statistics.json")


@dataclass(slots=True)
class DatasetBuilder:
    """Builds datasets as the settings say. With a `store`, an open database, they are stored there, too."""

    settings: Settings = field(default_factory=Settings)
    store: Store | None = None
    progress: OnSamples = lambda samples: None

    def build_dataset(
        self,
        input_path: str | Path,
        output_path: str | Path,
        *,
        name: str | None = None,
        include_images: bool | None = None,
        train_split: float | None = None,
        test_split: float | None = None,
        seed: int | None = None,
        overwrite: bool = False,
    ) -> BuildReport:
        """Make the dataset of all recordings in a folder, a file, s3://bucket/prefix or gs://bucket/prefix.

        `output_path` becomes a folder with train.jsonl, validation.jsonl and test.jsonl, images/, statistics (JSON and
        HTML), rejected.jsonl and report.json; it appears when it is whole. What is not given is as the settings say.
        Raises UsageError for a folder that is not empty, an input that is not there or holds no usable step;
        StorageError, PersistenceError, ExportError.
        """
        settings = self._effective(name, include_images, self._shares(train_split, test_split), seed)
        output = Path(output_path)
        _refuse_taken(output, overwrite)
        try:
            with _building(output) as folder:
                built = Build(str(input_path), output, settings, self.store, folder, self.progress).run()
                _give_name(folder, output)
                return built
        except OSError as error:
            raise ExportError(f"{error.filename or output}: {error.strerror or error}; nothing was made.") from error

    def _effective(
        self, name: str | None, images: bool | None, shares: tuple[float, float, float], seed: int | None
    ) -> Settings:
        """The settings with what was given instead: they are what is stored with the dataset."""
        settings, web = self.settings, self.settings.web_actions
        train, validation, test = shares
        split = settings.split.model_copy(
            update={
                "enabled": True,
                "ratio": train,
                "validation": validation if test else None,
                "test": test,
                "three_way": False,
                "seed": settings.split.seed if seed is None else seed,
            }
        )
        include = web.images.include if images is None else images
        return settings.model_copy(
            update={
                "output_name": settings.output_name if name is None else name,
                "split": split,
                "web_actions": web.model_copy(update={"images": web.images.model_copy(update={"include": include})}),
            }
        )

    def _shares(self, train: float | None, test: float | None) -> tuple[float, float, float]:
        """The shares of train, validation and test. Raises UsageError."""
        usual = self.settings.split.shares if self.settings.split.enabled else (1.0, 0.0, 0.0)
        if train is None and test is None:
            return usual
        first = usual[0] if train is None else train
        last = (usual[2] if train is None else 0.0) if test is None else test
        rest = 1 - first - last
        if not 0 < first <= 1 or last < 0 or rest < -1e-9:
            raise UsageError(f"train {first:g} and test {last:g}: they must be shares of 1, with train above 0.")
        return first, max(0.0, round(rest, 9)), last


def _refuse_taken(folder: Path, overwrite: bool) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() and not (overwrite and all((folder / name).is_file() for name in _OURS)):
        advice = "only a dataset that was made here is overwritten" if overwrite else "or overwrite it"
        raise UsageError(f"{folder} is there already and not empty; name a new folder ({advice}).")


@contextmanager
def _building(output: Path) -> Iterator[Path]:
    """A hidden folder beside `output` that is gone afterwards, unless it was renamed."""
    output.parent.mkdir(parents=True, exist_ok=True)
    sweep_incomplete(output.parent)
    building = incomplete_path(output)
    building.mkdir()
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _give_name(building: Path, output: Path) -> None:
    """The folder appears whole; what it replaces goes afterwards."""
    old = incomplete_path(output)
    if output.exists():
        output.rename(old)
    building.rename(output)
    shutil.rmtree(old, ignore_errors=True)
