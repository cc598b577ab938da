"""Stored datasets merged into a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import overload

from src.config.settings import SplitSettings
from src.dataset.curation.editing import CountTokens
from src.dataset.duplicates.merging import OnDuplicates, OnIdClash, merge
from src.errors import UsageError
from src.persistence.stores.store import Store
from src.pipeline.stages.curation import rules_of
from src.pipeline.stages.filtering import derived_config
from src.pipeline.stages.splitting import settings_split, split_stage
from src.records import Dataset, RunReport, Sample


def merge_stored(
    store: Store,
    refs: Sequence[str],
    name: str,
    *,
    on_id_clash: OnIdClash = "keep_first",
    duplicates: OnDuplicates = "keep",
    split: SplitSettings | None = None,
) -> tuple[str, RunReport]:
    """Store all samples of the datasets as a new one; its id, and a report that counts every loss by its reason.

    Provider and model are those of the first; where another has others, tokens are counted anew. With `split`, the
    samples are divided anew, else each keeps its split. Raises UsageError.
    """
    datasets = [store.find_dataset(ref) for ref in refs]
    if len({one.id for one in datasets}) < len(datasets):
        raise UsageError("the same dataset is named twice; give each once, by its id where two have one name.")
    merged = merge([store.load_dataset(one.id) for one in datasets], on_id_clash=on_id_clash, duplicates=duplicates)
    first, report = datasets[0], merged.report
    samples: Sequence[Sample] = merged.samples
    if len({(one.provider, one.model) for one in datasets}) > 1:
        samples = _Recounted(samples, rules_of(first).count_tokens)
        report.issues = [issue for issue in report.issues if issue.where != "tokens"]
        report.note("tokens", f"counted anew, for {first.provider} / {first.model}.")
    dataset = Dataset(name, first.provider, first.model, first.mode, samples)
    config = derived_config(datasets, name)
    if split is not None:
        dataset, config["leakage"] = _divided(dataset, split, report)
    return store.save_dataset(dataset, config, report), report


def _divided(dataset: Dataset, settings: SplitSettings, report: RunReport) -> tuple[Dataset, object]:
    plan = settings_split(settings.model_copy(update={"enabled": True}))
    assert plan is not None
    if plan.strategy == "time":
        raise UsageError("merged datasets cannot be divided by time; set split.strategy to another, or leave it out.")
    report.issues = [issue for issue in report.issues if issue.where != "split"]
    divided, leakage = split_stage(dataset.with_samples(list(dataset.samples)), plan, report, {}, {})
    return divided, leakage.to_json()


class _Recounted(Sequence[Sample]):
    """The samples with their tokens counted anew, when they are used."""

    def __init__(self, samples: Sequence[Sample], count_tokens: CountTokens) -> None:
        self._samples = samples
        self._count_tokens = count_tokens

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[Sample]:
        return map(self._counted, self._samples)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        if isinstance(index, int):
            return self._counted(self._samples[index])
        return [self._counted(sample) for sample in self._samples[index]]

    def _counted(self, sample: Sample) -> Sample:
        return replace(sample, token_length=self._count_tokens(sample.messages))
