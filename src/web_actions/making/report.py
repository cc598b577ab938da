"""What a build gives back, and the files that describe the dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.records import RunReport, Split
from src.web_actions.images.handling import PictureTally
from src.web_actions.making.splitting import StepLeakage
from src.web_actions.statistics.tally import WebStatistics


@dataclass(frozen=True, slots=True)
class BuildReport:
    """A finished dataset. `report` counts what was read and left out; `dataset_id` is "" where it was not stored."""

    folder: Path
    name: str
    dataset_id: str
    splits: Mapping[Split, int]
    rejected: int
    report: RunReport
    statistics: WebStatistics
    leakage: StepLeakage
    pictures: PictureTally

    @property
    def samples(self) -> int:
        return sum(self.splits.values())

    def to_json(self) -> dict[str, Any]:
        """The same as plain values that json.dumps takes, without the statistics."""
        return {
            "name": self.name,
            "dataset_id": self.dataset_id,
            "samples": self.samples,
            "splits": dict(self.splits),
            "rejected": self.rejected,
            "counts": dict(self.report.counts),
            "left_out": dict(self.report.dropped),
            "issues": [str(issue) for issue in self.report.issues],
            "leakage": self.leakage.to_json(),
            "pictures": self.pictures.to_json(),
        }


def describe(built: BuildReport, folder: Path) -> None:
    """Write statistics.json, statistics.html and report.json into the folder."""
    from msgspec import json

    from src.web_actions.statistics.web_page import web_page

    html = web_page(built.statistics, built.pictures, built.leakage, built.report.dropped, built.name)
    (folder / "statistics.html").write_text(html, encoding="utf-8")
    for name, content in (("statistics", built.statistics.to_json()), ("report", built.to_json())):
        (folder / f"{name}.json").write_bytes(json.format(json.encode(content), indent=2) + b"\n")
