"""The verbs by name."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from src.cli.app import App
from src.cli.verbs.checking import verify_pipeline
from src.cli.verbs.datasets import journal, list_stored, restore
from src.cli.verbs.exports import diff, export, trace, verify
from src.cli.verbs.files import convert, validate
from src.cli.verbs.jobs.actions import jobs
from src.cli.verbs.machine import config, model, models, tokenizers
from src.cli.verbs.packing import bench_loading, pack, unpack, verify_packed
from src.cli.verbs.quality.curation_verbs import CURATION_VERBS
from src.cli.verbs.quality.measuring import duplicates, qa, stats
from src.cli.verbs.result import Result
from src.cli.verbs.running import run
from src.cli.verbs.storing import checkpoint, pull, push, remote, store_schema
from src.cli.verbs.web_actions import web_actions

VERBS: dict[str, Callable[[App, argparse.Namespace], Result]] = {
    "run": run,
    "web-actions": web_actions,
    "list": list_stored,
    "stats": stats,
    "qa": qa,
    "duplicates": duplicates,
    "export": export,
    "verify": verify,
    "diff": diff,
    "trace": trace,
    "validate": validate,
    "convert": convert,
    "pack": pack,
    "unpack": unpack,
    "verify-packed": verify_packed,
    "bench-loading": bench_loading,
    "push": push,
    "pull": pull,
    "remote": remote,
    "checkpoint": checkpoint,
    "store-schema": store_schema,
    "verify-pipeline": verify_pipeline,
    "config": config,
    "model": model,
    "models": models,
    "tokenizers": tokenizers,
    "restore": restore,
    "journal": journal,
    "jobs": jobs,
    **CURATION_VERBS,
}
