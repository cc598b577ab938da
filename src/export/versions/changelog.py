"""CHANGELOG.md of an export: what each version changed, the newest first, from the samples themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from src.export.manifests.files import CHANGELOG_NAME
from src.export.versions.difference import Change, Difference, samples
from src.export.versions.planning import VersionPlan
from src.records import SPLITS

_HEADING = "## v"
# A line for each of a hundred thousand versions; what is longer was not written by us.
_MOST_BYTES = 1 << 26


def changelog_text(name: str, plan: VersionPlan, created_at: str, folder: Path) -> str:
    """The changelog of a version to be; its parent's entries, from `folder`, follow its own."""
    earlier = _earlier(folder / plan.parent / CHANGELOG_NAME, plan.parent) if plan.parent else ""
    own = "\n".join(_entry(plan, created_at))
    return f"# Changelog of {name}\n\n{own}\n" + (f"\n{earlier}" if earlier else "")


def _entry(plan: VersionPlan, created_at: str) -> Iterator[str]:
    yield f"## {plan.version} ({created_at})"
    yield ""
    yield "First version." if plan.parent is None else f"{plan.change.capitalize()} version after {plan.parent}."
    if plan.parent:
        yield ""
        yield from (f"- {reason}" for reason in plan.reasons)
    if plan.note:
        yield f"- {_on_one_line(plan.note)}"
    if plan.difference:
        yield ""
        yield from difference_lines(plan.difference)


def difference_lines(difference: Difference) -> Iterator[str]:
    """A difference as a Markdown table of counts and lists of examples."""
    kinds = {"added": difference.added, "removed": difference.removed, "changed": difference.changed}
    yield f"|  | {' | '.join(SPLITS)} | total |"
    yield "|---" * (len(SPLITS) + 2) + "|"
    for kind, change in kinds.items():
        counts = " | ".join(str(change.by_split.get(split, 0)) for split in SPLITS)
        yield f"| {kind} | {counts} | {change.total} |"
    yield ""
    if difference.moved:
        yield f"{difference.moved} of the changed only went to another split."
        yield ""
    yield f"Unchanged: {samples(difference.unchanged)}."
    yield ""
    for kind, change in kinds.items():
        if change.total:
            yield f"- {kind}: {_examples(change)}"


def _examples(change: Change) -> str:
    more = change.total - len(change.examples)
    return ", ".join(map(_on_one_line, change.examples)) + (f" and {more} more" if more else "")


def _earlier(path: Path, parent: str) -> str:
    """The entries of the parent's changelog, or a line that says that there is none."""
    missing = f"Of {parent} and earlier versions there is no changelog.\n"
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            return missing
        text = path.read_text("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return missing
    start = 0 if text.startswith(_HEADING) else text.find("\n" + _HEADING) + 1
    return text[start:] if text.startswith(_HEADING, start) else missing


def _on_one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
