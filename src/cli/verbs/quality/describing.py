"""Verbs on what texts hold: redact (personal data), topics, entities."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from src.analysis.pii.findings import KINDS
from src.cli.app import App
from src.cli.display import ProgressBars
from src.cli.tables.sample_table import plain
from src.cli.verbs.quality.choosing import agree, sources_of, user_name, workspace_for
from src.cli.verbs.result import DONE, Result
from src.errors import UsageError
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.progress import Progress
from src.pipeline.stages.redacting import RedactionTally, count_personal_data, redact_stored
from src.pipeline.stages.topics import StoredTopics, apply_topics, keyword_of, topics_of_stored

_TERMS, _NAMES, _RELATIONS = 6, 6, 15
_SAMPLES_A_STEP = 100
_PHRASES = {"mask": "masked", "replace": "replaced by fakes", "drop": "dropped with its sample"}


def redact(app: App, arguments: argparse.Namespace) -> Result:
    policies = {str(kind): str(policy) for kind, policy in app.settings().qa.pii.policies.items()}
    for policy in _PHRASES:
        policies.update(dict.fromkeys(read_kinds(getattr(arguments, policy), f"--{policy}"), policy))
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        tally = redact_with(app, store, stored, policies, yes=arguments.yes)
    return DONE, {
        "dataset": stored.name,
        "policies": {kind: policy for kind, policy in policies.items() if policy != "report"},
        "looked_at": tally.looked_at,
        "changed": tally.changed,
        "dropped": tally.dropped,
        "merged": tally.merged,
        "replaced": dict(tally.replaced),
        "changes": [change.number for change in tally.changes],
    }


def redact_with(
    app: App, store: Store, stored: StoredDataset, policies: Mapping[str, str], *, yes: bool = False
) -> RedactionTally:
    """Say what was found, ask, and redact. Raises UsageError."""
    active = {kind: policy for kind, policy in policies.items() if policy != "report"}
    settings = app.settings()
    if active and not yes:
        with ProgressBars() as bars:
            counts, affected = count_personal_data(store, stored.id, active, settings.qa.pii, _step(bars, stored))
        if not counts:
            app.screen.success(f"{stored.name} has none of this: {', '.join(active)}.")
            return RedactionTally(stored.total_samples)
        app.screen.say(f"\nFound in {affected:,} of {stored.total_samples:,} samples of {stored.name}:")
        app.screen.table(
            ("kind", "found", "will be"),
            [(kind, count, _PHRASES[active[kind]]) for kind, count in counts.most_common()],
        )
        agree(app, "Go on? `undo` takes it back.", yes)
    with ProgressBars() as bars:
        tally = redact_stored(
            store,
            stored.id,
            policies,
            settings.qa.pii,
            user_name(),
            seed=settings.split.seed,
            progress=_step(bars, stored),
        )
    _draw_redaction(app, stored, tally)
    return tally


def _step(bars: ProgressBars, stored: StoredDataset) -> Any:
    def tell(done: int) -> None:
        if done % _SAMPLES_A_STEP == 0 or done == stored.total_samples:
            bars(Progress("redaction", done, stored.total_samples))

    return tell


def _draw_redaction(app: App, stored: StoredDataset, tally: RedactionTally) -> None:
    app.screen.success(
        f"\n{stored.name}: {tally.changed:,} samples changed, {tally.dropped:,} dropped, "
        f"{tally.looked_at - tally.changed - tally.dropped - tally.merged:,} as they were."
    )
    for kind, count in tally.replaced.most_common():
        app.screen.say(f"  {kind.ljust(12)} {count:>7,}")
    if tally.merged:
        app.screen.say(f"  {tally.merged:,} more were the same as another sample then, and were dropped, too.")
    if tally.changes:
        numbers = " ".join(str(change.number) for change in tally.changes)
        app.screen.say(
            f"`undo {stored.name} {numbers}` takes it back: the database keeps what was there, exports do not."
        )


def read_kinds(text: str | None, where: str) -> list[str]:
    """Kinds of personal data with commas between them, or "all". Raises UsageError."""
    words = [word.strip().upper().replace("-", "_") for word in (text or "").split(",") if word.strip()]
    if words == ["ALL"]:
        return list(KINDS)
    unknown = [word for word in words if word not in KINDS]
    if unknown:
        raise UsageError(f"{where}: '{unknown[0]}' is no kind of personal data; use {', '.join(KINDS)}, or all.")
    return words


def topics(app: App, arguments: argparse.Namespace) -> Result:
    if arguments.topics is not None and not 1 <= arguments.topics <= 1000:
        raise UsageError(f"--topics: {arguments.topics} groups cannot be made; give 1 to 1000.")
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        found = topics_of_stored(store, stored.id, arguments.topics, app.settings().split.seed)
        draw_topics(app, stored, found)
        numbers = write_topics(app, store, stored, found) if arguments.apply else []
    if not arguments.apply and found.found.topics:
        app.screen.say("\n--apply writes them as the first keyword of each sample, to split, filter and organise by.")
    return DONE, {
        "dataset": stored.name,
        "cohesion": found.found.cohesion,
        "without_topic": _without_topic(found),
        "topics": [{**asdict(topic), "keyword": keyword_of(topic)} for topic in found.found.topics],
        "changes": numbers,
    }


def draw_topics(app: App, stored: StoredDataset, found: StoredTopics) -> None:
    """The topics with their sizes and words."""
    app.screen.say()
    app.screen.title(f"{stored.name}: {len(found.found.topics)} topics in {stored.total_samples:,} samples")
    app.screen.table(
        ("topic", "samples", "share %", "words"),
        [
            (plain(keyword_of(one)), one.texts, round(100 * one.share, 1), plain(", ".join(one.terms[:_TERMS])))
            for one in found.found.topics
        ],
    )
    if _without_topic(found):
        app.screen.say(f"  {_without_topic(found):,} samples belong to none.")
    app.screen.say(f"  cohesion {found.found.cohesion:.2f} (near 0 the groups mean nothing, near 1 they are sharp)")


def write_topics(app: App, store: Store, stored: StoredDataset, found: StoredTopics) -> list[int]:
    """Make them the first keywords; the numbers of the changes."""
    made = apply_topics(store, stored.id, found, user_name())
    if made:
        numbers = " ".join(str(change.number) for change in made)
        app.screen.success(
            f"\nWritten as the first keyword of {sum(change.samples for change in made):,} samples; "
            f"`undo {stored.name} {numbers}` takes it back."
        )
    else:
        app.screen.say("\nNothing is new; nothing was changed.")
    return [change.number for change in made]


def _without_topic(found: StoredTopics) -> int:
    return len(found.ids) - sum(topic.texts for topic in found.found.topics)


def entities(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.stages.entities import entities_of

    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        workspace = workspace_for(app, store, stored, arguments.input)
        sources = sources_of(app, stored, workspace, store.stored_samples(stored.id))
        tally = entities_of(sources)
    for name, why in sources.unreadable.items():
        app.screen.warning(f"  {plain(name)}: {why}")
    if not tally.documents:
        raise UsageError(f"no document of '{stored.name}' is at hand; give --input where they are.")
    app.screen.say()
    app.screen.title(f"{stored.name}: {len(tally.documents):,} documents speak of")
    app.screen.table(
        ("kind", "found", "different", "most often"),
        [
            (kind, counts.total(), len(counts), plain(", ".join(f"{v} ({n})" for v, n in counts.most_common(_NAMES))))
            for kind, counts in tally.kinds.items()
        ],
    )
    if tally.relations:
        app.screen.say("\nRelations:")
        app.screen.table(
            ("subject", "predicate", "object", "times"),
            [(plain(s), plain(p), plain(o), n) for (s, p, o), n in tally.relations.most_common(_RELATIONS)],
        )
    if tally.together:
        app.screen.say("\nNamed together in a sentence:")
        pairs = tally.together.most_common(_RELATIONS)
        app.screen.table(("one", "other", "sentences"), [(plain(a), plain(b), n) for (a, b), n in pairs])
    return DONE, {"dataset": stored.name, **tally.to_json(), "unreadable": dict(sources.unreadable)}
