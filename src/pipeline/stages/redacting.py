"""Personal data of a stored dataset: masked, replaced by consistent fakes, or the samples with them dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from src.analysis.pii.finder import find_pii
from src.analysis.pii.findings import KINDS
from src.analysis.pii.redaction.redactor import redact_text
from src.analysis.pii.scan import LOCALES
from src.config.qa_settings import PiiSettings
from src.dataset.curation.editing import edit_sample
from src.dataset.curation.id_list import IdList
from src.errors import UsageError
from src.persistence.edits.changing import change_samples, samples_by_id
from src.persistence.edits.records import Edit, Note, StoredChange
from src.persistence.stores.store import Store
from src.pipeline.stages.curation import Rules, rules_of
from src.records import Message, Sample

_AT_ONCE = 5_000


@dataclass(slots=True)
class RedactionTally:
    """What a redaction did: samples changed, dropped by policy, and dropped since they became the same as another
    (`merged`); how often each kind was replaced."""

    looked_at: int = 0
    changed: int = 0
    dropped: int = 0
    merged: int = 0
    replaced: Counter[str] = field(default_factory=Counter)
    changes: list[StoredChange] = field(default_factory=list)


def redact_stored(
    store: Store,
    ref: str,
    policies: Mapping[str, str],
    settings: PiiSettings,
    who: str,
    *,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> RedactionTally:
    """Do with each kind of personal data what `policies` say: mask, replace, drop (the whole sample), or report.

    The same value becomes the same fake throughout the dataset. What was there stays in the database's history, so that
    it can be undone: export what is to leave the house, never the database. Raises UsageError.
    """
    active = {kind: policy for kind, policy in policies.items() if policy != "report"}
    if not active:
        raise UsageError("no kind of personal data has a policy other than 'report'; give --mask, --replace or --drop.")
    stored = store.find_dataset(ref)
    redactor = _Redactor(active, settings, rules_of(stored), seed)
    found = IdList()
    tally = RedactionTally()
    for sample in store.stored_samples(stored.id):
        tally.looked_at += 1
        if redactor.touches(sample):
            found.append(sample.id)
        progress(tally.looked_at)
    why = "personal data: " + ", ".join(f"{kind} {policy}" for kind, policy in sorted(active.items()))
    remaining = iter(found)
    while some := list(islice(remaining, _AT_ONCE)):
        edits = _edits(store, stored.id, some, redactor, tally)
        if edits:
            tally.changes.append(change_samples(store, stored.id, edits, Note("edit", who, why)))
    return tally


def count_personal_data(
    store: Store,
    ref: str,
    kinds: Collection[str],
    settings: PiiSettings,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Counter[str], int]:
    """How often each of the kinds was found in a dataset, and in how many samples; nothing is changed."""
    counts, affected = Counter[str](), 0
    wanted = [kind for kind in KINDS if kind in kinds]
    for done, sample in enumerate(store.stored_samples(ref), 1):
        found = Counter(
            one.kind
            for message in sample.messages
            for one in find_pii(
                message.content, locales=settings.locales or LOCALES, use_nlp=settings.nlp, kinds=wanted
            )
        )
        counts.update(found)
        affected += bool(found)
        progress(done)
    return counts, affected


@dataclass(frozen=True, slots=True)
class _Redactor:
    policies: Mapping[str, str]
    settings: PiiSettings
    rules: Rules
    seed: int

    def touches(self, sample: Sample) -> bool:
        kinds = [kind for kind in KINDS if kind in self.policies]
        locales, nlp = self.settings.locales or LOCALES, self.settings.nlp
        return any(find_pii(m.content, locales=locales, use_nlp=nlp, kinds=kinds) for m in sample.messages)

    def redacted(self, sample: Sample) -> tuple[Sample | None, Counter[str]]:
        """The sample without the data, None when it is to be dropped, and how often each kind was replaced."""
        messages, replaced = [], Counter[str]()
        for message in sample.messages:
            result = redact_text(
                message.content,
                self.policies,
                self.seed,
                locales=self.settings.locales or LOCALES,
                use_nlp=self.settings.nlp,
            )
            if result.drop:
                return None, Counter()
            messages.append(Message(message.role, result.text))
            replaced.update(result.replaced)
        if tuple(messages) == sample.messages:
            return sample, Counter()
        return edit_sample(sample, messages, self.rules.count_tokens), replaced


def _edits(store: Store, ref: str, ids: Sequence[str], redactor: _Redactor, tally: RedactionTally) -> list[Edit]:
    """What becomes of these samples. One that is the same as another once redacted is dropped."""
    edits: list[Edit] = []
    made: dict[str, Sample | None] = {}
    for sample_id, sample in samples_by_id(store, ref, ids).items():
        made[sample_id], replaced = redactor.redacted(sample)
        tally.replaced.update(replaced)
    new_ids = [redacted.id for old, redacted in made.items() if redacted is not None and redacted.id != old]
    taken = set(samples_by_id(store, ref, new_ids))
    for old, redacted in made.items():
        if redacted is None:
            tally.dropped += 1
            edits.append(Edit(old, None))
        elif redacted.id == old:
            continue  # what was found overlaps what may stay
        elif redacted.id in taken:
            tally.merged += 1
            edits.append(Edit(old, None))
        else:
            taken.add(redacted.id)
            tally.changed += 1
            edits.append(Edit(old, redacted))
    return edits
