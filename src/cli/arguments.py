"""The command line: no arguments open the menu, a verb does the same work without it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from src.cli.verbs.quality.curation_arguments import add_curation_verbs
from src.cli.verbs.quality.measuring_arguments import add_measuring_verbs
from src.version import VERSION

_EPILOG = """\
exit codes: 0 done; 1 the work failed or the file is invalid; 2 wrong usage or configuration;
75 stopped at a limit (budget, long wait), what is done is kept, resume later; 130 interrupted
--json prints one JSON object on stdout and nothing else there; progress and messages go to stderr
"""
PROVIDERS = ("openai", "anthropic", "google", "mistral", "llama")
MODES = ("create", "identify", "hybrid", "free")

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


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
    _add_web_actions(verbs, stored)
    _add_datasets(verbs, stored)
    add_measuring_verbs(verbs, stored)
    add_curation_verbs(verbs, stored)
    _add_exports(verbs, common, stored)
    _add_files(verbs, common)
    _add_packing(verbs, common)
    _add_storing(verbs, common, stored)
    _add_machine(verbs, common)
    _add_journal(verbs, stored)
    _add_jobs(verbs, stored)
    return parser


def _add_datasets(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    verbs.add_parser("list", parents=[stored], help="stored datasets, the newest first")
    restore = verbs.add_parser("restore", parents=[stored], help="list database backups, or restore one")
    restore.add_argument("backup", nargs="?", default=None, metavar="BACKUP", help="its name, or 'latest'")


def _add_exports(verbs: Verbs, common: argparse.ArgumentParser, stored: argparse.ArgumentParser) -> None:
    export = verbs.add_parser("export", parents=[stored], help="write a stored dataset as files")
    export.add_argument("dataset", metavar="DATASET", help="name, id or the start of an id")
    export.add_argument(
        "--formats",
        default=None,
        metavar="LIST",
        help="of jsonl, json, csv, parquet, huggingface, tfrecord, pytorch, template and the row formats of "
        "`convert`, with commas; default: output.formats",
    )
    export.add_argument("--qa", action="store_true", help="make a QA report of it, too; its verdict is in the manifest")
    export.add_argument("--output", type=Path, default=Path("output_datasets"), metavar="DIR")
    export.add_argument("--organize-by", metavar="RULE", help="topic, complexity, method, source or an expression")
    export.add_argument("--organize-as", choices=("folders", "column"), help="default: folders")
    export.add_argument("--shard-rows", type=int, metavar="N", help="rows of a file of formats that come in shards")
    verify = verbs.add_parser("verify", parents=[common], help="is an export as it was written?")
    verify.add_argument("folder", type=Path, metavar="DIR", help="like output_datasets/support/v1.0.0")
    diff = verbs.add_parser("diff", parents=[common], help="what changed from one version of an export to another")
    diff.add_argument("old", type=Path, metavar="V1")
    diff.add_argument("new", type=Path, metavar="V2")
    trace = verbs.add_parser("trace", parents=[stored], help="where a sample comes from, checked link by link")
    trace.add_argument("sample", metavar="SAMPLE_ID", help="or the start of it")
    trace.add_argument("--export", type=Path, metavar="DIR", help="look in this export, without a database")
    trace.add_argument("--dataset", metavar="DATASET", help="default: the newest dataset that has it")
    trace.add_argument("--input", type=Path, metavar="DIR", help="where the documents are; default: input_files")


def _add_files(verbs: Verbs, common: argparse.ArgumentParser) -> None:
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


def _add_packing(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    pack = verbs.add_parser(
        "pack", parents=[common], help="JSONL to a compressed, indexed, checked dataset that loads fast"
    )
    pack.add_argument("file", type=Path, metavar="IN.jsonl", help="or the folder of an export")
    pack.add_argument("target", type=Path, nargs="?", metavar="OUT", help="default: beside IN")
    pack.add_argument("--compression", choices=("lz4", "zstd", "none"), help="default: lz4 (fast); zstd is smaller")
    pack.add_argument("--level", type=int, metavar="N", help="zstd: 1 to 19, default 3; lz4: 0 to 12, default 0")
    pack.add_argument("--shards", type=int, metavar="N", help="so many files, in a folder")
    pack.add_argument("--shard-size", metavar="BYTES", help="files of so much JSONL, like 256M, in a folder")
    pack.add_argument("--frame-records", type=int, metavar="N", help="unpacked together; default: 64")
    pack.add_argument("--skip-invalid", action="store_true", help="leave malformed lines out, in OUT.rejects.jsonl")
    pack.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    pack.add_argument("--validate", action="store_true", help="read it back, compare it with IN, and report")
    pack.add_argument("--provider", choices=PROVIDERS, help="with --validate: check the rows against its rules")
    pack.add_argument("--model", metavar="ID", help="with --provider; default: its first")
    pack.add_argument(
        "--tokenizer", metavar="ID", help="write token ids and loss masks instead: llama3, o200k_base, mistral-v3, ..."
    )
    pack.add_argument("--train-on", choices=("assistant", "last", "all"), help="with --tokenizer; default: assistant")
    pack.add_argument("--max-tokens", type=int, metavar="N", help="with --tokenizer: longer examples are left out")
    pack.add_argument("--truncate", action="store_true", default=None, help="with --max-tokens: cut them instead")
    pack.add_argument("--format", metavar="NAME", help="with --tokenizer: the row format; default: what rows look like")
    unpack = verbs.add_parser("unpack", parents=[common], help="a packed dataset back to the same JSONL")
    unpack.add_argument("path", type=Path, metavar="PACKED", help="a packed file or a folder of shards")
    unpack.add_argument("target", type=Path, metavar="OUT.jsonl")
    unpack.add_argument("--overwrite", action="store_true", help="replace OUT.jsonl if it exists")
    verify = verbs.add_parser(
        "verify-packed", parents=[common], help="is a packed dataset whole? a report of every check"
    )
    verify.add_argument("path", type=Path, metavar="PACKED", help="a packed file, a folder of shards or a token file")
    verify.add_argument("--provider", choices=PROVIDERS, help="check the rows against its rules, too")
    verify.add_argument("--model", metavar="ID", help="with --provider; default: its first")
    bench = verbs.add_parser(
        "bench-loading", parents=[common], help="how fast a dataset loads here, beside plain JSONL"
    )
    bench.add_argument("--dataset", type=Path, required=True, metavar="PATH", help="a packed dataset or a JSONL file")
    bench.add_argument("--batch-size", type=int, default=8, metavar="N", help="default: 8")
    bench.add_argument("--records", type=int, default=200_000, metavar="N", help="at most so many; default: 200000")


def _add_machine(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    models = verbs.add_parser("models", parents=[common], help="models that can be fine-tuned: limits, dates, sources")
    models.add_argument("--provider", default=None, choices=PROVIDERS)
    pipeline = verbs.add_parser(
        "verify-pipeline",
        parents=[common],
        help="documents to a verified export on the bundled samples",
    )
    pipeline.add_argument("--input", type=Path, metavar="DIR", help="other documents")
    verbs.add_parser("config", parents=[common], help="print the effective settings, secrets masked")
    model = verbs.add_parser("model", parents=[common], help="fetch the embedded model")
    model.add_argument("name", nargs="?", default=None, metavar="NAME")
    verbs.add_parser("tokenizers", parents=[common], help="fetch what exact token counts need (57 MB, once)")


def _add_storing(
    verbs: Verbs,
    common: argparse.ArgumentParser,
    stored: argparse.ArgumentParser,
) -> None:
    push = verbs.add_parser("push", parents=[common], help="publish an export: a folder, s3:// or gs://")
    push.add_argument("folder", type=Path, metavar="DIR", help="like output_datasets/support/v1.0.0")
    push.add_argument("url", nargs="?", metavar="URL", help="default: storage.url")
    pull = verbs.add_parser("pull", parents=[common], help="fetch a published export and verify it")
    pull.add_argument("source", metavar="URL", help="as `remote` gives it, or NAME or NAME/vX.Y.Z in storage.url")
    pull.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="default: output_datasets/NAME/vX.Y.Z")
    remote = verbs.add_parser("remote", parents=[common], help="list the exports in a storage")
    remote.add_argument("url", nargs="?", metavar="URL", help="default: storage.url")
    remote.add_argument("--clean", action="store_true", help="remove what killed uploads left")
    remote.add_argument(
        "--older-than", type=float, default=24.0, metavar="HOURS", help="only if nothing was added since; default: 24"
    )
    kept = verbs.add_parser(
        "checkpoint", parents=[stored], help="keep a copy of the database and the journal in a storage"
    )
    kept.add_argument("url", nargs="?", metavar="URL", help="default: storage.url")
    kept.add_argument("--list", action="store_true", help="only list the copies")
    kept.add_argument("--fetch", metavar="COPY", help="fetch one instead, to --to")
    kept.add_argument("--to", type=Path, default=Path("fetched.db"), metavar="FILE", help="a new file")
    verbs.add_parser("store-schema", parents=[common], help="print the SQL that a Supabase project needs")


def _add_journal(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
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


def _add_jobs(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    jobs = verbs.add_parser("jobs", parents=[stored], help="other verbs in the background: add, pause, resume, ...")
    actions = jobs.add_subparsers(dest="action", metavar="ACTION")
    again = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    again.add_argument("--config", type=Path, metavar="F")
    again.add_argument("--db", type=Path, metavar="FILE")
    again.add_argument("--json", action="store_true")
    actions.add_parser("list", parents=[again], help="every job: state, how far, time left (the default)")
    add = actions.add_parser("add", parents=[again], help="run a verb in the background: jobs add run --size 500")
    add.add_argument("--priority", type=int, default=0, metavar="N", help="higher ones first; default: 0")
    add.add_argument("--title", metavar="TEXT", help="what the list calls it")
    add.add_argument("--later", action="store_true", help="only queue it")
    add.add_argument("job_verb", metavar="VERB", help="run, export, pack, qa, ...")
    add.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="its arguments")
    for name, text in (
        ("pause", "finish what is under way and wait until resumed"),
        ("resume", "let a paused, failed or cancelled job go on"),
        ("cancel", "stop a job for good; what it paid for stays in the journal"),
    ):
        action = actions.add_parser(name, parents=[again], help=text)
        action.add_argument("job", metavar="JOB", help="its id, the start of it, or 'latest'")
        action.add_argument("--later", action="store_true", help=argparse.SUPPRESS)
    log = actions.add_parser("log", parents=[again], help="what a job said")
    log.add_argument("job", metavar="JOB", help="its id, the start of it, or 'latest'")
    log.add_argument("--all", action="store_true", help="from its beginning")
    clear = actions.add_parser("clear", parents=[again], help="forget jobs that are over, with their logs")
    clear.add_argument("--older-than", type=float, default=0.0, metavar="DAYS", help="default: 0")
    run = actions.add_parser("run", parents=[again], help="work on the jobs here until none waits")
    run.add_argument("--background", action="store_true", help="by a process that stays when this one ends")
    run.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    work = actions.add_parser("work", parents=[again])  # one job; what `run` starts
    work.add_argument("--folder", type=Path, help=argparse.SUPPRESS)


def _add_run(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
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
    run.add_argument(
        "--locked", type=Path, metavar="FILE", help="make again what this config_lock.json (or export) describes"
    )
    run.add_argument("--concurrency", type=int, metavar="N", help="LLM calls at the same time")
    run.add_argument("--budget-usd", type=float, metavar="USD", help="a hard stop; the run can be resumed")
    run.add_argument("--budget-tokens", type=int, metavar="N", help="the same, input and output together")
    run.add_argument("--confirm-above", type=float, metavar="USD", help="with --yes: start if it may cost that much")
    run.add_argument("--yes", action="store_true", help="start without asking; fetch the embedded model if needed")


def _add_web_actions(verbs: Verbs, stored: argparse.ArgumentParser) -> None:
    web = verbs.add_parser(
        "web-actions", parents=[stored], help="recorded browser sessions to DOM/ACTION samples with pictures"
    )
    web.add_argument("input", metavar="INPUT", help="a folder or file of recordings, s3://bucket/prefix or gs://...")
    web.add_argument("--folder", type=Path, metavar="DIR", help="default: NAME.web-actions in the output folder")
    web.add_argument("--output", type=Path, default=Path("output_datasets"), metavar="DIR")
    web.add_argument("--name", metavar="NAME", help="the dataset's name; default: output_name")
    web.add_argument("--provider", choices=PROVIDERS, help="the provider to train with")
    web.add_argument("--model", metavar="ID", help="the model to train")
    web.add_argument("--sites", metavar="LIST", help="only these, their subdomains among them: shop.com,*.gov.uk")
    web.add_argument("--not-sites", metavar="LIST", help="all but these")
    web.add_argument("--workflows", metavar="LIST", help="only workflows of these types")
    web.add_argument("--not-workflows", metavar="LIST", help="all but these")
    web.add_argument("--actions", metavar="LIST", help="only click,type,select,hover,press,scroll,navigate,wait,submit")
    web.add_argument("--not-actions", metavar="LIST", help="all but these")
    web.add_argument("--success", choices=("any", "yes", "no", "known"), help="of sessions; default: any")
    web.add_argument("--since", metavar="TIME", help="sessions from this day or time on: 2026-11-21")
    web.add_argument("--until", metavar="TIME", help="and before this one")
    web.add_argument("--min-steps", type=int, metavar="N", help="of a session")
    web.add_argument("--max-steps", type=int, metavar="N")
    web.add_argument("--dom-characters", type=int, metavar="N", help="a DOM is pruned to so many; default: 8000")
    web.add_argument("--no-images", action="store_true", help="leave the screenshots out")
    web.add_argument("--max-side", type=int, metavar="PX", help="of a picture; larger ones are made smaller")
    web.add_argument("--crop", type=int, metavar="PX", help="so many pixels around the target; 0: all")
    web.add_argument("--augment", type=int, metavar="N", help="so many further versions of each training picture")
    web.add_argument("--images-url", metavar="URL", help="upload the pictures: a folder, s3:// or gs://")
    web.add_argument("--train-split", type=float, metavar="SHARE", help="default: split.ratio")
    web.add_argument("--test-split", type=float, metavar="SHARE", help="validation gets what train and test leave")
    web.add_argument("--split", choices=("random", "stratified", "time"), help="default: random")
    web.add_argument("--split-by", choices=("session", "site"), help="what never falls into two splits")
    web.add_argument("--seed", type=int, metavar="S")
    web.add_argument("--formats", metavar="LIST", help="export the stored dataset at once: jsonl,parquet,...")
    web.add_argument("--overwrite", action="store_true", help="replace a dataset made before in DIR")
