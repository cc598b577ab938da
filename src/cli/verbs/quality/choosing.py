"""What the verbs that change datasets share: who does it, which samples, their sources, and whether it may be done."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from functools import cache
from typing import Any

from src.cli.app import App
from src.cli.display import ProgressBars
from src.cli.prompts import Back, EndOfInput
from src.cli.tables.quality_table import workspace_for as workspace_for
from src.config.settings import Settings
from src.dataset.curation.passages import Passage, passage_of
from src.dataset.quality.report import QAReport
from src.errors import ConfigError, UsageError
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.progress import Progress
from src.pipeline.run_plan import Workspace
from src.pipeline.stages.assessing import assess_stored
from src.pipeline.stages.filtering import Quality
from src.pipeline.stages.source_texts import SourceTexts, read_sources
from src.records import Sample

_MOST_NAMED = 5


def user_name() -> str:
    """Who is working here, for the history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user on this machine, as in some containers
        return "user"


def agree(app: App, question: str, yes: bool) -> None:
    """Ask, unless `yes`. Raises UsageError when the answer is no, or when nobody answers."""
    if yes:
        return
    try:
        if app.asker.yes_no(question, default=False):
            return
    except (EndOfInput, Back):
        pass
    raise UsageError("Nothing was changed. Answer y, or give --yes to go on without being asked.")


def checked_name(app: App, name: str) -> str:
    """The name of a new dataset. Raises UsageError for one that no dataset can have."""
    try:
        return app.settings({"output_name": name}).output_name
    except ConfigError as error:
        app.settings()
        raise UsageError(f"'{name}' cannot be a dataset's name: use letters, digits, '.', '_' and '-'.") from error


def find_ids(store: Store, stored: StoredDataset, given: Sequence[str]) -> list[str]:
    """The ids of samples that are given whole or by their start. Raises UsageError for one that fits none or several.

    The dataset is gone through only where a start is given.
    """
    from src.persistence.edits.changing import samples_by_id

    whole = samples_by_id(store, stored.id, given)
    starts: dict[str, list[str]] = {one: [] for one in given if one not in whole}
    for rows in store.stored_samples(stored.id).row_batches() if starts else ():
        for row in rows:
            for start, fitting in starts.items():
                if start and row.id.startswith(start):
                    fitting.append(row.id)
    return [one if one in whole else _only(starts[one], one, stored) for one in dict.fromkeys(given)]


def _only(fitting: Sequence[str], start: str, stored: StoredDataset) -> str:
    if not fitting:
        raise UsageError(f"dataset '{stored.name}' has no sample whose id is or starts with '{start}'.")
    if len(fitting) > 1:
        named = ", ".join(fitting[:_MOST_NAMED]) + (", ..." if len(fitting) > _MOST_NAMED else "")
        raise UsageError(f"the ids of {len(fitting):,} samples of '{stored.name}' start with '{start}': {named}.")
    return fitting[0]


def sources_of(app: App, stored: StoredDataset, workspace: Workspace, samples: Any) -> SourceTexts:
    """The documents of these samples, as far as they are where they were."""
    return read_sources(samples, stored.config, workspace, app.settings().ingestion)


def quality_of(app: App, store: Store, stored: StoredDataset, workspace: Workspace) -> Quality:
    """The QA report of a dataset, made when it is first asked for: nothing is written, no LLM is asked."""

    @cache
    def report() -> QAReport:
        settings: Settings = app.settings()
        with ProgressBars() as bars:
            return assess_stored(
                store,
                stored.id,
                settings.qa,
                workspace.prompts,
                sources=sources_of(app, stored, workspace, store.stored_samples(stored.id)),
                progress=lambda done: bars(Progress("assessment", done, stored.total_samples)),
            )

    return report


class Passages:
    """The passage of each sample of a dataset; a document is read when it is first needed."""

    def __init__(self, app: App, stored: StoredDataset, workspace: Workspace) -> None:
        self._app, self._stored, self._workspace = app, stored, workspace
        self._known: dict[str, SourceTexts] = {}

    def of(self, sample: Sample) -> Passage | str:
        """The passage, or why it is not at hand."""
        origin = sample.origin
        if not origin.document_id:
            return "none; somebody wrote this sample"
        if origin.document_id not in self._known:
            self._known[origin.document_id] = sources_of(self._app, self._stored, self._workspace, [sample])
        sources = self._known[origin.document_id]
        document = sources.find(origin.document_id)
        if document is None:
            return f"{origin.source_file} cannot be shown: {sources.unreadable.get(origin.source_file, 'not found')}"
        return passage_of(sample, document) or f"{origin.source_file}; the sample names no place in it"

    def text_of(self, sample: Sample) -> str:
        """The passage as one text, "" where it is not at hand."""
        found = self.of(sample)
        return f"{found.before}{found.marked}{found.after}" if isinstance(found, Passage) else ""
