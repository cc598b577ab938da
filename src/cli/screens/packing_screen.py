"""Menu 4, packed datasets: pack an export or a JSONL file, unpack, verify, measure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from src.cli.app import App
from src.cli.prompts import Back, Option
from src.cli.tables.packing_table import PackingOptions, draw_speeds, pack_and_draw, verify_and_draw
from src.cli.tables.token_table import TokenOptions, pack_tokens_and_draw
from src.export.packing.packing_plan import plan_packings

_EXPORTS_SHOWN = 20
_CODECS = (
    Option("lz4", "lz4", "about 0.6 of the size, loads fastest of the compressed"),
    Option("zstd", "zstd", "about 0.4 of the size"),
    Option("none", "none", "plain JSONL with an index beside it"),
    Option("tokens", "tokens", "token ids and loss masks instead of text, for one family of models"),
)

_FAMILIES = {
    "llama3": "Llama 3, 3.1, 3.3; the chat template of Llama 3.1",
    "gemma3": "Gemma 3 (after `make tokenizers`)",
    "mistral-v3": "Mistral 7B v0.3, Mixtral",
    "mistral-tekken": "Mistral Nemo",
    "o200k_base": "GPT-4o's vocabulary, ChatML",
    "cl100k_base": "GPT-3.5's vocabulary, ChatML",
}


def pack(app: App) -> None:
    """Ask what to pack and how, and pack it."""
    source = choose_source(app)
    kind = app.asker.choose("Pack as", _CODECS, "lz4")
    tokenizer = _choose_tokenizer(app) if kind == "tokens" else ""
    plan = plan_packings(source, None, kind, sharded=False)
    taken = [one.target for one in plan if one.target.exists()]
    overwrite = bool(taken) and app.asker.yes_no(f"{taken[0]} exists. Replace it?", default=False)
    if taken and not overwrite:
        raise Back
    for one in plan:
        if tokenizer:
            options = TokenOptions(tokenizer, overwrite=overwrite, validate=True)
            pack_tokens_and_draw(app, one.source, one.target, options)
        else:
            pack_and_draw(app, one.source, one.target, PackingOptions(kind, overwrite=overwrite, validate=True))


def unpack(app: App) -> None:
    """Ask for a packed dataset and write its JSONL."""
    from src.cli.display import ByteBar
    from src.export.packing.unpacking import unpack as unpack_file

    packed = _path(app, "Which packed file or folder of shards?")
    target = _new_path(app, packed.with_name(f"{packed.name.split('.')[0]}.unpacked.jsonl"))
    done = unpack_file(packed, target, on_progress=ByteBar("unpack"))
    app.screen.success(f"Unpacked {done.records:,} records, {done.bytes:,} bytes, to {done.path}")


def verify(app: App) -> None:
    """Ask for a packed dataset and show every check."""
    verify_and_draw(app, _path(app, "Which packed file, folder of shards or token file?"), None, None)


def measure(app: App) -> None:
    """Ask for a dataset and show how fast it loads here."""
    from src.export.packing.reading.loading_speed import measure_loading

    dataset = _path(app, "Which packed dataset or JSONL file?")
    batch = app.asker.number("Batch size", 8, 1, 100_000)
    draw_speeds(app, measure_loading(dataset, batch, 200_000, app.screen.say))


ACTIONS: dict[str, Callable[[App], None]] = {"pack": pack, "unpack": unpack, "verify": verify, "measure": measure}


def _choose_tokenizer(app: App) -> str:
    from src.export.packing.tokens.token_encoders import ENCODERS

    options = [Option(name, name, _FAMILIES.get(name, "")) for name in ENCODERS]
    return app.asker.choose("Token ids of which tokenizer?", options, "llama3")


def choose_source(app: App) -> Path:
    """An export that holds JSONL, or a file the user names."""
    found = sorted(app.output_dir.glob("*/v*/train.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    options: list[Option[Path | None]] = [
        Option(path.parent, str(path.parent.relative_to(app.output_dir)), "every split")
        for path in found[:_EXPORTS_SHOWN]
    ]
    if not options:
        return _path(app, "Which JSONL file?")
    options.append(Option(None, "another", "a JSONL file or a folder; you are asked which"))
    chosen = app.asker.choose("Pack what?", options, options[0].value)
    return chosen or _path(app, "Which JSONL file, or folder of them?")


def _path(app: App, question: str) -> Path:
    def read(text: str) -> Path:
        path = Path(text).expanduser()
        if not path.exists():
            raise ValueError(f"There is no {path}. Name one that exists, or b to go back.")
        return path

    return app.asker.until_valid(question, "", read, "Name a file, or b to go back.")


def _new_path(app: App, usual: Path) -> Path:
    def read(text: str) -> Path:
        path = Path(text).expanduser()
        if path.exists():
            raise ValueError(f"{path} exists already. Name another one, or b to go back.")
        return path

    return app.asker.until_valid("Write to", str(usual), read)
