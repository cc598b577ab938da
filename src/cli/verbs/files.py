"""Verbs on training files: validate, convert."""

from __future__ import annotations

import argparse

from src.cli.app import App
from src.cli.verbs.jobs.steps import may_overwrite
from src.cli.verbs.result import DONE, FAILED, Result


def validate(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.validation_table import check_files

    app.take_up_own_models()
    answer = check_files(app, arguments)
    return DONE if answer["ok"] else FAILED, answer


def convert(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.conversion_table import conversion_as_json, draw_conversion, formats_named
    from src.providers.formats.convert import convert_file

    source, target = formats_named(arguments.source_format), formats_named(arguments.target_format)
    overwrite = may_overwrite(app, arguments.target, arguments.overwrite)
    report = convert_file(arguments.file, arguments.target, source, target, overwrite)
    draw_conversion(app, report)
    return DONE if report.written == report.read else FAILED, conversion_as_json(report)
