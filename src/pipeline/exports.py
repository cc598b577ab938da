"""A dataset of the database as files, with the settings it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from src.export.exporter import ExportResult, export_dataset
from src.export.manifest import Generation, build_manifest
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers import PROVIDERS
from src.providers.token_counter import counter_for
from src.records import Dataset, RunReport
from src.version import VERSION


def export_stored(
    dataset: Dataset,
    workspace: Workspace,
    config: Mapping[str, Any],
    report: RunReport | None = None,
    formats: Sequence[str] | None = None,
) -> ExportResult:
    """Write a dataset as files with its statistics and manifest. Raises ExportError.

    `config` is what clean_config gives.
    """
    output = config.get("output", {})
    chosen = formats or (["jsonl", "csv"] if output.get("include_csv", True) else ["jsonl"])
    counter = counter_for(dataset.provider, dataset.model)
    manifest = build_manifest(
        dataset,
        tool_version=VERSION,
        token_exactness=counter.exactness,
        generation=Generation(**(config.get("generation") or {"provider": "", "model": "", "is_local": False})),
        config={key: value for key, value in config.items() if key != "generation"},
        report=report,
    )
    return export_dataset(
        dataset,
        workspace.output_dir,
        partial(PROVIDERS[dataset.provider].format_example, model=dataset.model),
        formats=tuple(chosen),
        include_stats=bool(output.get("include_stats", True)),
        token_exactness=counter.exactness,
        manifest={**manifest, "tokenizer": counter.tokenizer, "counts": dict(report.counts) if report else {}},
    )


def clean_config(plan: RunPlan) -> dict[str, Any]:
    """The settings and the LLM of a run, as stored and exported: no key, no path and no address of this machine."""
    settings = plan.settings.model_dump(mode="json")
    settings["system"]["local_model_path"] = ""
    settings["system"]["base_urls"] = {}  # one may hold a password
    settings["ingestion"]["passwords"] = {}
    agent = plan.agent
    generation = Generation(agent.provider, agent.model, agent.is_local) if agent else Generation("", "", False)
    return {**settings, "generation": asdict(generation)}
