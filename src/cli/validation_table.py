"""A validation report on the screen and as JSON."""

from __future__ import annotations

from typing import Any

from src.cli.app import App
from src.providers.validator import ValidationReport


def draw_report(app: App, report: ValidationReport) -> None:
    screen = app.screen
    screen.say(f"{report.path}: {report.rows:,} examples, {report.tokens:,} tokens ({report.exactness})")
    draw = {"error": screen.error, "warning": screen.warning, "note": screen.say}
    for finding in report.findings:
        where = f"line {finding.line}" if finding.line else "file"
        place = f" {finding.path}" if finding.path else ""
        draw[finding.severity](f"  {finding.severity} {where}{place}: {finding.message} [{finding.rule}]")
    for rule, count in report.rule_counts.items():
        shown = sum(finding.rule == rule for finding in report.findings)
        if count > shown:
            screen.say(f"  ... {count - shown:,} more of [{rule}], {count:,} in all")
    target = f"{report.provider} / {report.model}"
    if report.ok:
        screen.success(f"OK for {target}")
    else:
        errors = sum(finding.severity == "error" for finding in report.findings)
        screen.error(f"INVALID for {target}: {errors} error(s) shown above")


def report_as_json(report: ValidationReport) -> dict[str, Any]:
    return {
        "file": str(report.path),
        "provider": report.provider,
        "model": report.model,
        "ok": report.ok,
        "rows": report.rows,
        "tokens": report.tokens,
        "token_exactness": report.exactness,
        "rules": dict(report.rule_counts),
        "findings": [
            {"severity": f.severity, "line": f.line, "path": f.path, "rule": f.rule, "message": f.message}
            for f in report.findings
        ],
    }
