"""Token files on the screen: what was packed, what a verification found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.display import ByteBar
from src.cli.tables.check_table import draw_checks, draw_verdict

if TYPE_CHECKING:
    from src.export.packing.tokens.templates.rendering import TrainOn
    from src.export.packing.tokens.token_packer import PackedTokens


@dataclass(frozen=True, slots=True)
class TokenOptions:
    """How a JSONL file becomes token ids."""

    tokenizer: str
    train_on: TrainOn = "assistant"
    max_tokens: int | None = None
    truncate: bool = False
    row_format: str | None = None
    skip_invalid: bool = False
    overwrite: bool = False
    validate: bool = False


def pack_tokens_and_draw(app: App, source: Path, target: Path, options: TokenOptions) -> dict[str, Any]:
    """Write one file's examples as token ids and loss masks, and say what became of them; the same as an object."""
    from src.export.packing.tokens.token_packer import pack_tokens

    packed = pack_tokens(
        source,
        target,
        tokenizer=options.tokenizer,
        train_on=options.train_on,
        max_tokens=options.max_tokens,
        truncate=options.truncate,
        format=options.row_format,
        skip_invalid=options.skip_invalid,
        overwrite=options.overwrite,
        on_progress=ByteBar(f"tokenise {source.name}"),
    )
    screen = app.screen
    share = f" ({packed.trained_tokens / packed.tokens:.0%} trained on)" if packed.tokens else ""
    screen.success(f"\nPacked {packed.records:,} examples, {packed.tokens:,} tokens{share}, to {packed.path}")
    for left_out in packed.left_out:
        lines = ", ".join(map(str, left_out.lines)) + (", ..." if left_out.count > len(left_out.lines) else "")
        screen.warning(f"  {left_out.count:,} example(s) left out: {left_out.reason} (line {lines})")
    if packed.truncated:
        screen.warning(f"  {packed.truncated:,} example(s) lost their ends to --max-tokens")
    if packed.rejected:
        screen.warning(f"  {packed.rejected:,} line(s) hold no example and were left out: {packed.rejects_path}")
    answer: dict[str, Any] = {"ok": True, **_tokens_as_json(packed)}
    if options.validate:
        answer["validation"] = verify_tokens_and_draw(app, packed.path)
        answer["ok"] = answer["validation"]["ok"]
    return answer


def _tokens_as_json(packed: PackedTokens) -> dict[str, Any]:
    return {
        "path": str(packed.path),
        "records": packed.records,
        "tokens": packed.tokens,
        "trained_tokens": packed.trained_tokens,
        "truncated": packed.truncated,
        "left_out": [asdict(left_out) for left_out in packed.left_out],
        "rejected": packed.rejected,
        "rejects": str(packed.rejects_path) if packed.rejects_path else None,
    }


def verify_tokens_and_draw(app: App, path: Path) -> dict[str, Any]:
    """Verify every record batch of a token file and show the checks."""
    from src.export.packing.tokens.verifying import verify_tokens

    checks = [(one.check, "ok" if one.ok else "failed", one.text) for one in verify_tokens(path)]
    whole = all(state == "ok" for _, state, _ in checks)
    draw_checks(app, checks)
    draw_verdict(app, path, whole)
    told = [{"name": name, "state": state, "text": text} for name, state, text in checks]
    return {"path": str(path), "ok": whole, "checks": told}


def is_token_file(path: Path) -> bool:
    """Whether it begins as Arrow files do."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(6) == b"ARROW1"
