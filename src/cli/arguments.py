"""The command line: no arguments open the menu, a verb does the same work without it."""

from __future__ import annotations

import argparse
from pathlib import Path

from src.version import VERSION

_EPILOG = """\
exit codes: 0 done; 1 the work failed or the file is invalid; 2 wrong usage or configuration;
75 stopped at a limit (budget, long wait), what is done is kept, resume later; 130 interrupted
--json prints one JSON object on stdout and nothing else there; progress and messages go to stderr
"""
PROVIDERS = ("openai", "anthropic", "google", "mistral", "llama")
MODES = ("create", "identify", "hybrid", "free")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m src.main",
        description="Fine-Tuning Dataset Builder: documents in, a validated, split, provider-ready dataset out.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs (none: the menu)")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="F", help="default: config.yaml")
    common.add_argument("--json", action="store_true", help="one JSON object on stdout")
    stored = argparse.ArgumentParser(add_help=False, parents=[common])
    stored.add_argument(
        "--db", type=Path, default=Path("memory/dataset_builder.db"), metavar="FILE", help="the SQLite database"
    )
    _add_run(verbs, stored)
    verbs.add_parser("list", parents=[stored], help="stored datasets, the newest first")
    stats = verbs.add_parser("stats", parents=[stored], help="statistics of a stored dataset")
    stats.add_argument("dataset", metavar="DATASET", help="name, id or the start of an id")
    export = verbs.add_parser("export", parents=[stored], help="write a stored dataset as files")
    export.add_argument("dataset", metavar="DATASET", help="name, id or the start of an id")
    export.add_argument("--formats", default=None, metavar="LIST", help="of jsonl,csv; default: as config.yaml says")
    export.add_argument("--output", type=Path, default=Path("output_datasets"), metavar="DIR")
    validate = verbs.add_parser("validate", parents=[common], help="check a JSONL file against a provider's rules")
    validate.add_argument("file", type=Path, metavar="FILE")
    validate.add_argument("--provider", required=True, choices=PROVIDERS)
    validate.add_argument("--model", default=None, metavar="ID", help="default: the provider's first")
    validate.add_argument(
        "--format", default="", metavar="NAME", help="the row format; default: what each row looks like"
    )
    validate.add_argument(
        "--validation-file", type=Path, metavar="FILE", help="check it, too, and what both files hold"
    )
    validate.add_argument(
        "--fix",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="OUT",
        help="write a repaired copy (default: FILE.fixed.jsonl) and a list of the changes, and check the copy",
    )
    validate.add_argument(
        "--count-online",
        nargs="?",
        const="",
        metavar="MODEL",
        help="anthropic: count tokens by its free endpoint (sends the examples there; needs ANTHROPIC_API_KEY)",
    )
    convert = verbs.add_parser("convert", parents=[common], help="a training file of one provider as one of another")
    convert.add_argument("file", type=Path, metavar="IN")
    convert.add_argument("target", type=Path, metavar="OUT")
    convert.add_argument("--from", dest="source_format", required=True, metavar="NAME", help="a provider or a format")
    convert.add_argument("--to", dest="target_format", required=True, metavar="NAME", help="a provider or a format")
    convert.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    models = verbs.add_parser("models", parents=[common], help="models that can be fine-tuned: limits, dates, sources")
    models.add_argument("--provider", default=None, choices=PROVIDERS)
    verbs.add_parser("config", parents=[common], help="print the effective settings, secrets masked")
    model = verbs.add_parser("model", parents=[common], help="fetch the embedded model")
    model.add_argument("name", nargs="?", default=None, metavar="NAME")
    verbs.add_parser("tokenizers", parents=[common], help="fetch what exact token counts need (57 MB, once)")
    restore = verbs.add_parser("restore", parents=[stored], help="list database backups, or restore one")
    restore.add_argument("backup", nargs="?", default=None, metavar="BACKUP", help="its name, or 'latest'")
    _add_journal(verbs, stored)
    return parser


def _add_journal(verbs: argparse._SubParsersAction[argparse.ArgumentParser], stored: argparse.ArgumentParser) -> None:
    journal = verbs.add_parser("journal", parents=[stored], help="the answers kept, and unfinished runs")
    actions = journal.add_subparsers(dest="action", metavar="ACTION")
    # Options may stand after the action, too; there, no default may overwrite what stands before it.
    again = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    again.add_argument("--config", type=Path, metavar="F")
    again.add_argument("--db", type=Path, metavar="FILE")
    again.add_argument("--json", action="store_true")
    prune = actions.add_parser(
        "prune", parents=[again], help="delete old answers; the same calls would be paid for again"
    )
    prune.add_argument("--older-than", type=float, default=30.0, metavar="DAYS", help="default: 30; 0: all")
    forget = actions.add_parser("forget", parents=[again], help="do not offer an unfinished run any more")
    forget.add_argument("run", metavar="RUN", help="its id, or 'latest'")


def _add_run(verbs: argparse._SubParsersAction[argparse.ArgumentParser], stored: argparse.ArgumentParser) -> None:
    run = verbs.add_parser("run", parents=[stored], help="documents to an exported dataset, in one go")
    run.add_argument("--input", type=Path, metavar="DIR", help="default: input_files")
    run.add_argument("--output", type=Path, default=Path("output_datasets"), metavar="DIR")
    run.add_argument("--mode", choices=MODES)
    run.add_argument("--provider", choices=PROVIDERS, help="the provider to train with")
    run.add_argument("--model", metavar="ID", help="the model to train")
    run.add_argument("--size", type=int, metavar="N", help="samples wanted")
    run.add_argument("--seed", type=int, metavar="S")
    run.add_argument("--name", metavar="NAME", help="the dataset's name")
    run.add_argument("--instructions", default="", metavar="TEXT", help="free mode: instead of prompt.txt")
    run.add_argument("--llm-stage", action="store_true", help="identify: let an LLM mark lines in text without labels")
    run.add_argument(
        "--resume", nargs="?", const="latest", metavar="RUN", help="go on with an unfinished run (default: the newest)"
    )
    run.add_argument("--concurrency", type=int, metavar="N", help="LLM calls at the same time")
    run.add_argument("--budget-usd", type=float, metavar="USD", help="a hard stop; the run can be resumed")
    run.add_argument("--budget-tokens", type=int, metavar="N", help="the same, input and output together")
    run.add_argument("--confirm-above", type=float, metavar="USD", help="with --yes: start if it may cost that much")
    run.add_argument("--yes", action="store_true", help="start without asking; fetch the embedded model if needed")
