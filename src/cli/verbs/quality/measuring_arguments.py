"""The arguments of the verbs that measure a stored dataset: stats, qa, duplicates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

_DATASET = "name, id or the start of an id"
_INPUT = "where the documents are; default: input_files"


def add_measuring_verbs(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    stats = verbs.add_parser("stats", parents=[stored], help="statistics of a stored dataset")
    stats.add_argument("dataset", metavar="DATASET", help=_DATASET)
    stats.add_argument("--html", type=Path, metavar="FILE", help="write one page with plots, too; it opens offline")
    stats.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)
    stats.add_argument(
        "--quick", action="store_true", help="neither read the documents again nor look for near-duplicates"
    )
    _add_qa(verbs, stored)
    _add_duplicates(verbs, stored)


def _add_qa(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    qa = verbs.add_parser(
        "qa", parents=[stored], help="quality, safety, privacy, bias, contamination; 1 when one fails"
    )
    qa.add_argument("dataset", metavar="DATASET", help=_DATASET)
    qa.add_argument(
        "--report", type=Path, metavar="DIR", help="for qa_report.json and .html; default: output_datasets/NAME/qa"
    )
    qa.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)
    qa.add_argument("--against", type=Path, metavar="FILE", help="a benchmark that must not be in the dataset")
    qa.add_argument("--judge", type=int, metavar="N", help="let the LLM grade N samples; default: qa.judge_samples")
    qa.add_argument("--flags", metavar="FIGURE", help="list what this figure flags, like personal_data")
    qa.add_argument("--all", action="store_true", help="show the figures that are in order, too")
    qa.add_argument("--yes", action="store_true", help="ask nothing; needed where grading costs much")


def _add_duplicates(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    found = verbs.add_parser("duplicates", parents=[stored], help="find exact and near-duplicates, keep the best ones")
    found.add_argument("dataset", metavar="DATASET", help=_DATASET)
    found.add_argument("--what", choices=("conversation", "user", "assistant"), help="compared; default: conversation")
    found.add_argument("--threshold", type=float, metavar="X", help="shared 3-word shingles (Jaccard); default: 0.7")
    found.add_argument("--exact", action="store_true", help="exact ones alone")
    found.add_argument("--semantic", choices=("fast", "accurate"), help="flag what says the same in other words, too")
    found.add_argument("--drop", action="store_true", help="delete all but the best of each; `undo` takes it back")
    found.add_argument("--spare-numbers", action="store_true", help="with --drop: keep those whose numbers differ")
