"""What our own validator says to a file: the same call that `validate` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify_formats.files import Row
from src.providers import PROVIDERS
from src.providers.formats.findings import Finding
from src.providers.formats.registry import FORMATS
from src.providers.validation.validator import validate_file
from src.records import Severity


@dataclass(frozen=True)
class Judge:
    """A provider and one of its models that are trained with a format."""

    provider: str
    model: str


def judges() -> Mapping[str, Judge]:
    """For each format the first model that takes it; formats that no model takes have none."""
    found: dict[str, Judge] = {}
    for name, provider in PROVIDERS.items():
        for model in provider.get_models():
            for form in provider.facts(model).formats:
                found.setdefault(form, Judge(name, model))
    return found


def file_findings(path: Path, form: str, severity: Severity = "error") -> list[Finding]:
    """What our validator finds in a file of that format; a format that no model takes is held to a model of Llama."""
    judge = judges().get(form) or Judge("llama", PROVIDERS["llama"].get_models()[0])
    report = validate_file(path, judge.provider, judge.model, form=form)
    return [finding for finding in report.findings if finding.severity == severity]


def row_findings(row: Row, form: str, severity: Severity = "error") -> list[Finding]:
    return [finding for finding in FORMATS[form].check(row) if finding.severity == severity]
