"""The arguments of the verbs that change a stored dataset: curate, edit, review, repair, merge, redact, ..."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

_DATASET = "name, id or the start of an id"
_SAMPLE = "its id, or the start of it"
_INPUT = "where the documents are; default: input_files"
_FILE = 'JSON: [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]'
_WHY = "kept with the change"


def add_curation_verbs(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    _add_curate(verbs, stored)
    _add_samples(verbs, stored)
    _add_review(verbs, stored)
    _add_repair(verbs, stored)
    _add_merge(verbs, stored)
    _add_contents(verbs, stored)


def _add_curate(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    curate = _verb(verbs, stored, "curate", "what rules and quality keep and leave out; drop it, or store the rest")
    _add_rules(curate, "leave out what this figure of `qa` flags, like refusals")
    curate.add_argument("--min-score", type=float, metavar="X", help="leave out quality scores below X (0 to 1)")
    curate.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)
    what = curate.add_mutually_exclusive_group()
    what.add_argument("--drop", action="store_true", help="delete what is left out; `undo` takes it back")
    what.add_argument("--as", dest="name", metavar="NAME", help="store what stays as a new dataset")
    curate.add_argument("--yes", action="store_true", help="with --drop: do not ask")


def _add_rules(verb: argparse.ArgumentParser, flagged: str) -> None:
    verb.add_argument(
        "--include", action="append", default=[], metavar="RULE", help='only what fits: "token_length > 50"'
    )
    verb.add_argument(
        "--exclude", action="append", default=[], metavar="RULE", help="not what fits: \"source_file == 'old.txt'\""
    )
    verb.add_argument("--flagged", action="append", default=[], metavar="FIGURE", help=flagged)


def _add_samples(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    sample = _verb(verbs, stored, "sample", "show a sample, its origin and its history")
    sample.add_argument("id", metavar="ID", help=_SAMPLE)
    sample.add_argument("--passage", action="store_true", help="beside the text it was made from")
    sample.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)
    edit = _verb(verbs, stored, "edit", "change a sample; both versions are kept")
    edit.add_argument("id", metavar="ID", help=_SAMPLE)
    edit.add_argument("--messages", type=Path, metavar="FILE", help=_FILE)
    edit.add_argument("--turn", type=int, metavar="N", help="only this message, counted from 1")
    edit.add_argument("--text", metavar="TEXT", help="with --turn: what it says now")
    edit.add_argument("--why", default="", metavar="TEXT", help=_WHY)
    add = _verb(verbs, stored, "add", "add a sample of your own")
    add.add_argument("--messages", type=Path, required=True, metavar="FILE", help=_FILE)
    add.add_argument("--split", choices=("train", "validation", "test"), help="default: train, in a split dataset")
    add.add_argument("--why", default="", metavar="TEXT", help=_WHY)
    delete = _verb(verbs, stored, "delete", "delete samples; `undo` brings them back")
    delete.add_argument("ids", nargs="+", metavar="ID", help=_SAMPLE)
    delete.add_argument("--why", default="", metavar="TEXT", help=_WHY)
    _verb(verbs, stored, "changes", "what was changed in a dataset, by whom and why")
    undo = _verb(verbs, stored, "undo", "take back changes: samples are what they were, byte for byte")
    undo.add_argument("changes", nargs="*", type=int, metavar="CHANGE", help="by number; default: the newest")
    undo.add_argument("--all", action="store_true", help="all that hold")


def _add_review(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    review = _verb(verbs, stored, "review", "the queue of samples that a person should look at (menu 3: one by one)")
    review.add_argument("--add", nargs="+", default=[], metavar="ID", help="put these into the queue")
    review.add_argument(
        "--add-flagged", action="append", default=[], metavar="FIGURE", help="and what this figure of `qa` flags"
    )
    review.add_argument("--sample", type=int, metavar="N", help="and N at random of those that were never in it")
    review.add_argument("--list", action="store_true", help="what waits")
    review.add_argument("--accept", nargs="+", default=[], metavar="ID", help="these are good")
    review.add_argument("--reject", nargs="+", default=[], metavar="ID", help="delete these; `undo` brings them back")
    review.add_argument("--reopen", nargs="+", default=[], metavar="ID", help="take the acceptance of these back")
    review.add_argument("--note", default="", metavar="TEXT", help="kept with what is added or decided")
    review.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)


def _add_repair(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    repair = _verb(verbs, stored, "repair", "let an LLM change samples by one instruction; both versions are kept")
    repair.add_argument("--instruction", required=True, metavar="TEXT", help="what to change in each chosen sample")
    _add_rules(repair, "only what this figure of `qa` flags, like truncated")
    repair.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)
    repair.add_argument("--budget-usd", type=float, metavar="USD", help="a hard stop; the same command goes on")
    repair.add_argument("--budget-tokens", type=int, metavar="N", help="the same, input and output together")
    repair.add_argument("--confirm-above", type=float, metavar="USD", help="with --yes: start if it may cost that much")
    repair.add_argument("--yes", action="store_true", help="start without asking")


def _add_merge(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    merge = verbs.add_parser("merge", parents=[stored], help="several datasets as a new one, each loss counted")
    merge.add_argument("name", metavar="NEWNAME", help="of the new dataset")
    merge.add_argument("datasets", nargs="+", metavar="DATASET", help=_DATASET)
    merge.add_argument(
        "--on-id-clash",
        choices=("keep_first", "rename", "refuse"),
        default="keep_first",
        help="another sample has the same id; default: keep_first",
    )
    merge.add_argument(
        "--duplicates", choices=("keep", "drop_exact", "drop_near"), default="keep", help="default: keep"
    )
    merge.add_argument("--split", action="store_true", help="divide all of it anew, as config.yaml says")


def _add_contents(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    redact = _verb(verbs, stored, "redact", "mask or replace personal data, or drop its samples; a rescan finds none")
    for policy, text in (
        ("mask", "[EMAIL] instead"),
        ("replace", "a fake instead, the same one for the same value"),
        ("drop", "delete samples that have one"),
    ):
        redact.add_argument(f"--{policy}", metavar="KINDS", help=f"{text}: EMAIL,PHONE,... or all")
    redact.add_argument("--yes", action="store_true", help="do not count and ask first")
    topics = _verb(verbs, stored, "topics", "group the samples by what they are about")
    topics.add_argument(
        "--topics", type=int, metavar="N", help="so many groups are tried; default: by size, 24 at most"
    )
    topics.add_argument("--apply", action="store_true", help="write each sample's topic as its first keyword")
    entities = _verb(verbs, stored, "entities", "who and what the documents speak of, and what joins them")
    entities.add_argument("--input", type=Path, metavar="DIR", help=_INPUT)


def _verb(verbs: Verbs, stored: argparse.ArgumentParser, name: str, text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, parents=[stored], help=text)
    verb.add_argument("dataset", metavar="DATASET", help=_DATASET)
    return verb
