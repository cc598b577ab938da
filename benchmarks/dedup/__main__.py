"""Near-duplicates found, beside their bars and the peers: `make bench-dedup`. Exits 1 when a bar is missed.

python -m benchmarks.dedup [--texts N] [--no-peers] [--million]    (8 minutes; more when environments are made)

Figures are CPU seconds, user and system, all threads, without imports and reading, and the most memory a process held
with the interpreter and the texts; medians of n runs in turns. Truth comes from comparing every two texts that share a
shingle (truth.py). Recall is that of "has an earlier text that is so similar", by how similar the most similar one is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.dedup.running import OURS, ROOT, SKETCH_BULK, Contender, contenders, measure
from benchmarks.dedup.texts import TEXTS, make_texts
from benchmarks.dedup.truth import BINS, Truth, find_truth
from benchmarks.generation.figures import Figure, say_where, show

_BAR_CPU, _BAR_MEMORY, _BAR_RATIO = 4.0, 400.0, 3.0
_MILLION, _MILLION_MEMORY = 1_000_000, 500.0


def main() -> int:
    chosen = _arguments()
    say_where()
    texts = make_texts(chosen.texts)
    truth = find_truth(texts)
    copies = _copies(texts)
    print(
        f"{len(texts):,} texts, {sum(map(len, texts)) / len(texts):.0f} characters on average; "
        f"{len(truth.earlier):,} pairs of Jaccard similarity >= 0.7, {len(copies):,} exact copies\n",
        flush=True,
    )
    these = [one for one in contenders() if not chosen.no_peers or not one.requirements]
    with tempfile.TemporaryDirectory(prefix="bench-dedup-") as name:
        source = Path(name) / "texts.json"
        source.write_text(json.dumps(texts), encoding="utf-8")
        measure(these, source, Path(name))
        print("\n".join(_table(these, truth)), "\n", flush=True)
        met = show("Near-duplicates", _figures(these, truth, copies, len(texts)))
        if chosen.million:
            met &= show("A million samples from SQLite", _million(Path(name)))
    print("all bars are met" if met else "a bar is MISSED")
    return 0 if met else 1


def _copies(texts: Sequence[str]) -> set[int]:
    """Texts that an earlier one equals but for case and white space."""
    first: dict[str, int] = {}
    return {n for n, text in enumerate(texts) if first.setdefault(" ".join(text.casefold().split()), n) != n}


def _table(these: Sequence[Contender], truth: Truth) -> list[str]:
    best = truth.best()
    head = "CPU s | docs/s | RSS MB | " + " | ".join(f"J {low}-{high:.1f}".replace("-1.0", "-1") for low, high in BINS)
    lines = [f"{'':<42} {head} | precision | n"]
    for one in these:
        if one.trouble:
            lines.append(f"{one.name:<42} not measured: {one.trouble}")
            continue
        flagged = np.zeros(truth.texts, bool)
        flagged[one.flagged] = True
        recalls = [float(flagged[(best >= low) & (best < high)].mean()) for low, high in BINS]
        cells = [f"{one.seconds:.2f}", f"{truth.texts / one.seconds:,.0f}", f"{one.megabytes:.0f}"]
        cells += [f"{recall:.4f}" for recall in recalls]
        cells += [f"{float((best[flagged] > 0).mean()):.4f}", str(len(one.cpu))]
        lines.append(f"{one.name:<42} " + " | ".join(cells))
    return lines


def _figures(these: Sequence[Contender], truth: Truth, copies: set[int], count: int) -> list[Figure]:
    by_name = {one.name: one for one in these}
    ours = by_name[OURS]
    if ours.trouble:
        return [Figure("ours could be measured", 1, 0, exactly=True, note=ours.trouble)]
    right = set(zip(truth.earlier.tolist(), truth.later.tolist(), strict=True))
    found = set(ours.pairs or ())
    share = count / TEXTS
    figures = [
        Figure("pairs of J >= 0.7 that are missing", len(right - found), 0, exactly=True, note=f"of {len(right):,}"),
        Figure("pairs listed that are below 0.7", len(found - right), 0, exactly=True, note=f"of {len(found):,}"),
        Figure(
            "exact copies not flagged", len(copies - set(ours.flagged)), 0, exactly=True, note=f"of {len(copies):,}"
        ),
        Figure("CPU", ours.seconds, _BAR_CPU * share, "s"),
        Figure("memory, with interpreter and texts", ours.megabytes, _BAR_MEMORY, "MB"),
    ]
    peer = by_name.get(SKETCH_BULK)
    if peer is not None and not peer.trouble:
        ratio = peer.seconds / ours.seconds
        bar = peer.seconds / _BAR_RATIO
        figures.append(
            Figure(f"CPU, {_BAR_RATIO:.0f} x faster than datasketch", ours.seconds, bar, "s", note=f"{ratio:.1f} x")
        )
    elif peer is not None:
        figures.append(Figure("datasketch could be measured", 1, 0, exactly=True, note=peer.trouble))
    return figures


def _million(folder: Path) -> list[Figure]:
    command = [sys.executable, "-m", "benchmarks.dedup.million", str(folder / "million.db"), str(_MILLION)]
    subprocess.run(command, cwd=ROOT, check=True)
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    note = f"{found['cpu']:.0f} s CPU besides {found['reading']:.0f} s for reading the rows; {found['exact']:,} exact, "
    note += f"{found['near']:,} near; {found['rss_before_mb']:.0f} MB before"
    return [Figure("memory", found["rss_mb"], _MILLION_MEMORY, "MB", note=note)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dedup", description=__doc__)
    parser.add_argument("--texts", type=int, default=TEXTS, help=f"{TEXTS:,}; fewer for a quick look")
    parser.add_argument("--no-peers", action="store_true", help="only what needs no environment of its own")
    parser.add_argument(
        "--million", action="store_true", help="also 1,000,000 samples streamed from SQLite (5 minutes)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
