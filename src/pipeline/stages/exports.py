"""A dataset of the database as files, with the settings it was made with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from src.config.config_lock import lock_bytes
from src.config.settings import OutputSettings
from src.dataset.fields import fields_of_row
from src.dataset.organizer import GroupFolders, group_namer
from src.dataset.quality.report import QAReport
from src.export.batches import Batch
from src.export.exporter import ExportOrder, ExportResult, Progress, export_dataset
from src.export.formats.export_format import ExportJob
from src.export.manifests.manifest import Generation
from src.export.organizing import Organizer
from src.export.writing import Elsewhere, side_names
from src.pipeline.engine.machine.estimating import refuse_export_that_does_not_fit
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.exporting import ROWS_WORTH_IT, shared_export
from src.pipeline.locking.building import lock_for_export
from src.pipeline.locking.portable import portable
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers.token_counter import counter_for
from src.records import Dataset, RunReport
from src.version import VERSION

# What happened to the machine and the network, not to the dataset: another run of the same would say otherwise.
_OF_THE_MACHINE = ("LLM", "backup", "journal")
_NOT_THE_DATASETS = ("files from the cache",)


def export_stored(
    dataset: Dataset,
    workspace: Workspace,
    config: Mapping[str, Any],
    report: RunReport | None = None,
    formats: Sequence[str] | None = None,
    output: OutputSettings | None = None,
    progress: Progress = lambda done, total: None,
    engine: Engine | None = None,
    qa: QAReport | None = None,
) -> ExportResult:
    """Write a dataset as files, with all that says where it comes from. Raises ExportError and UsageError.

    `config` is what clean_config gives, with the lock of the run. `output` are other settings than those of the run,
    `formats` other formats than those of the settings. An `engine` reads several formats back at the same time. A `qa`
    report is written beside the formats, its verdict into the manifest.
    """
    chosen = chosen_output(config, formats, output)
    names = tuple(chosen.formats)
    lock = lock_for_export(config, chosen.model_dump(mode="json"))
    counter = counter_for(dataset.provider, dataset.model)
    organizer = organizer_for(chosen)
    order = ExportOrder(
        name=dataset.name,
        provider=dataset.provider,
        model=dataset.model,
        mode=dataset.mode,
        samples=dataset.samples,
        formats=names,
        output=chosen,
        created_at=str(lock["created_at"]),
        tool_version=VERSION,
        token_exactness=counter.exactness,
        tokenizer=counter.tokenizer,
        generation=_generation(config),
        config=_settings(config, chosen),
        lock=lock_bytes(lock),
        report=_of_the_dataset(report) if report else None,
        leakage=config.get("leakage"),
        organizer=organizer,
        elsewhere=_elsewhere(engine, chosen, organizer.prefix, len(dataset)),
        qa=qa,
    )
    job = ExportJob(dataset.name, dataset.provider, dataset.model, {}, chosen)
    copied_to = workspace.engine if order.elsewhere is not None else None
    refuse_export_that_does_not_fit(dataset.samples, organizer, job, workspace.output_dir, copied_to)
    return export_dataset(order, workspace.output_dir, progress)


def _elsewhere(
    engine: Engine | None, output: OutputSettings, prefix: str, rows: int
) -> Callable[[], AbstractContextManager[Elsewhere]] | None:
    """Who else writes the files and reads them back, where sharing that is worth it."""
    files = len(output.formats) + len(side_names(output))
    if engine is None or not engine.shares or rows * files < ROWS_WORTH_IT:
        return None
    return partial(shared_export, engine, output, prefix)


def chosen_output(
    config: Mapping[str, Any], formats: Sequence[str] | None, output: OutputSettings | None
) -> OutputSettings:
    """What an export follows: the settings given or else the run's, with the formats spelt out."""
    chosen = output or OutputSettings(**config.get("output", {}))
    return chosen.model_copy(update={"formats": list(dict.fromkeys(formats or chosen.formats or ("jsonl",)))})


def clean_config(plan: RunPlan) -> dict[str, Any]:
    """The settings and the LLM of a run, as stored and exported: no key, no path and no address of this machine."""
    settings = plan.settings.model_dump(mode="json")
    settings["system"]["local_model_path"] = ""
    settings["system"]["base_urls"] = {}  # one may hold a password
    settings["system"]["ray_address"] = ""
    settings["ingestion"]["passwords"] = {}
    agent = plan.agent
    generation = Generation(agent.provider, agent.model, agent.is_local) if agent else Generation("", "", False)
    named = {"provider": generation.provider, "model": generation.model, "is_local": generation.is_local}
    return {**settings, "generation": named}


def organizer_for(output: OutputSettings) -> Organizer:
    """What divides the samples as `organize_by` says. Raises UsageError for a rule that cannot be read."""
    if not output.organize_by:
        return Organizer()
    name, folders = group_namer(output.organize_by), GroupFolders()
    in_folders = output.organize_as == "folders"

    def name_groups(batch: Batch) -> list[str]:
        rows = zip(batch.rows, batch.messages, batch.origins, strict=True)
        groups = [name(fields_of_row(row, messages, origin)) for row, messages, origin in rows]
        return [folders.folder_of(group) for group in groups] if in_folders else groups

    known = output.organize_by if output.organize_by.isidentifier() else "rule"
    return Organizer(name_groups, f"by_{known}" if in_folders else "")


def _generation(config: Mapping[str, Any]) -> Generation:
    made = config.get("generation") or {"provider": "", "model": "", "is_local": False}
    agent, split = config.get("agent") or {}, config.get("split") or {}
    parameters: dict[str, object] = {}
    if made["model"]:
        parameters = {**(agent.get("create") or {}), "seed": split.get("seed")}
    return Generation(made["provider"], made["model"], made["is_local"], parameters)


def _settings(config: Mapping[str, Any], output: OutputSettings) -> dict[str, Any]:
    kept = {key: value for key, value in config.items() if key not in ("generation", "lock", "leakage", "changes")}
    return portable({**kept, "output": output.model_dump(mode="json")})


def _of_the_dataset(report: RunReport) -> RunReport:
    """The report without what depends on caches, journals and networks, in an order that does not either."""
    counts = {
        name: count
        for name, count in sorted(report.counts.items())
        if not name.startswith("LLM ") and name not in _NOT_THE_DATASETS
    }
    return RunReport(
        counts=Counter(counts),
        dropped=Counter(dict(sorted(report.dropped.items()))),
        issues=[issue for issue in report.issues if issue.where not in _OF_THE_MACHINE],
    )
