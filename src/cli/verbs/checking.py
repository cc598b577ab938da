"""The verb `verify-pipeline`: documents to a verified export on the bundled samples, every stage checked."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from src.cli.app import ROOT, SAMPLES, App
from src.cli.verbs.result import DONE, FAILED, Result


def verify_pipeline(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.verify_pipeline import PipelineCheck

    with tempfile.TemporaryDirectory(prefix="ftdb-verify-", ignore_cleanup_errors=True) as name:
        check = PipelineCheck(arguments.input or SAMPLES, ROOT / "prompts", Path(name))
        left = len(check.checks())
        for result in check:
            left -= 1
            draw = app.screen.success if result.ok else app.screen.error
            draw(f"  {'ok    ' if result.ok else 'FAILED'}  {result.stage.ljust(14)} {result.seen}")
    ok = all(result.ok for result in check.results) and not left
    if left:
        app.screen.error(f"  {left} check(s) that build on it were not made.")
    elif ok:
        app.screen.success("The pipeline does what it should.")
    return DONE if ok else FAILED, {"ok": ok, "stages": [asdict(result) for result in check.results], "not_made": left}
