"""Do the figures of a manifest fit each other and the files?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from src.export.manifests.files import Fingerprint
from src.export.manifests.schema import MANIFEST_NAME, FormatRecord, Manifest


class Finding(NamedTuple):
    """A figure that does not fit, and the file that tells it."""

    path: str
    message: str


def verify_counts(manifest: Manifest, prints: Mapping[str, Fingerprint]) -> Iterator[Finding]:
    """Where the manifest's figures disagree with each other or with the lines in the files."""
    samples = manifest.samples
    for name, counts in (("by_split", samples.by_split), ("by_source", samples.by_source)):
        if sum(counts.values()) != samples.total:
            yield _miscounted(f"samples.{name} adds up to {sum(counts.values())}, not {samples.total}")
    if manifest.quality.kept != samples.total:
        yield _miscounted(f"quality.kept is {manifest.quality.kept}, not {samples.total}")
    for name, form in manifest.formats.items():
        yield from _verify_format(name, form, manifest)
    for name, entry in manifest.files.items():
        if entry.format is not None and entry.format not in manifest.formats:
            yield _miscounted(f"{name} is of format {entry.format}, which formats does not list")
        if entry.role == "lineage" and entry.rows != samples.total:
            yield _miscounted(f"{name} has {entry.rows} rows, not {samples.total}")
        if name.endswith(".jsonl") and entry.rows is not None and name in prints and prints[name].lines != entry.rows:
            yield Finding(name, f"has {prints[name].lines} lines, not {entry.rows}")


def _verify_format(name: str, form: FormatRecord, manifest: Manifest) -> Iterator[Finding]:
    if (rows := sum(form.rows.values()) + sum(form.left_out.values())) != manifest.samples.total:
        yield _miscounted(f"format {name} tells of {rows} samples, not {manifest.samples.total}")
    found: Counter[str] = Counter()
    uncounted: set[str] = set()
    for entry in manifest.files.values():
        if entry.format == name and entry.role == "data" and entry.split:
            found[entry.split] += entry.rows or 0
            uncounted |= {entry.split} if entry.rows is None else set()
    for split, expected in form.rows.items():
        if split not in uncounted and found[split] != expected:
            yield _miscounted(f"the {split} files of format {name} have {found[split]} rows, not {expected}")


def _miscounted(message: str) -> Finding:
    return Finding(MANIFEST_NAME, message)
