"""A token file read back: records, batches in both orders, padded ones, several processes."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from src.errors import PackError, UsageError
from src.export.packing.tokens.token_dataset import TokenDataset
from tests.export.packing.tokens.token_files import chat, packed

ROWS = [chat(f"Question {place}?", f"answer {place} " * (place % 7 + 1), "More?", "Yes.") for place in range(2500)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> TokenDataset:
    return TokenDataset(packed(tmp_path_factory.mktemp("tokens"), ROWS))


def as_lists(examples: Any) -> list[tuple[list[int], list[int]]]:
    return [(ids.tolist(), mask.tolist()) for ids, mask in examples]


def test_records_are_views_of_the_file_from_both_ends(dataset: TokenDataset) -> None:
    records = as_lists(dataset)
    assert len(dataset) == len(records) == 2500
    for place in (0, 1023, 1024, 2499, -1, -2500):
        assert as_lists([dataset[place]]) == [records[place]]
    assert as_lists(dataset.__getitems__([3, np.int64(2048), -1])) == [records[3], records[2048], records[-1]]
    assert not dataset[0].input_ids.flags.writeable and not dataset[0].input_ids.flags.owndata
    for beyond in (2500, -2501):
        with pytest.raises(IndexError, match="of 2500"):
            dataset[beyond]


@pytest.mark.parametrize("size", [1, 8, 10, 1000, 1500, 2500, 9999])
def test_batches_hold_every_record_once_and_in_order(dataset: TokenDataset, size: int) -> None:
    batches = list(dataset.batches(size))
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert [record for batch in batches for record in as_lists(batch)] == as_lists(dataset)
    for batch in batches[:2] + batches[-2:]:
        ids, mask, offsets = batch.input_ids.tolist(), batch.loss_mask.tolist(), batch.offsets.tolist()
        pieces = [(ids[start:end], mask[start:end]) for start, end in pairwise(offsets)]
        assert pieces == as_lists(batch) and offsets[0] == 0 and offsets[-1] == len(ids)
        with pytest.raises(IndexError):
            batch[len(batch)]


def test_seed_and_epoch_alone_decide_the_order(dataset: TokenDataset) -> None:
    def order(**how: int) -> list[tuple[list[int], list[int]]]:
        return [record for batch in dataset.batches(10, **how) for record in as_lists(batch)]

    once = order(seed=7, epoch=1)
    assert once == order(seed=7, epoch=1)
    assert sorted(once) == sorted(order(seed=7, epoch=2)) == sorted(as_lists(dataset))
    assert len({str(one) for one in (once, order(seed=7, epoch=2), order(seed=8, epoch=1), as_lists(dataset))}) == 4


def test_the_order_of_a_seed_never_changes() -> None:
    """Written down 2026-11-21: a run that is resumed on another machine must find the same order."""
    from src.export.packing.tokens.batching import shuffled_order

    assert shuffled_order(10, seed=1, epoch=0).tolist() == [9, 8, 7, 4, 2, 0, 3, 6, 5, 1]


@pytest.mark.parametrize(("size", "seed", "most"), [(8, None, None), (10, None, 30), (7, 3, None), (2500, 3, 1)])
def test_padded_batches_hold_each_record_filled_up(
    dataset: TokenDataset, size: int, seed: int | None, most: int | None
) -> None:
    for batch, padded in zip(
        dataset.batches(size, seed=seed),
        dataset.padded_batches(size, pad_id=9, max_length=most, seed=seed),
        strict=True,
    ):
        width = max(min(len(record.input_ids), most or 10**9) for record in batch)
        expected: dict[str, list[list[int]]] = {"input_ids": [], "attention_mask": [], "labels": []}
        for ids, mask in as_lists(batch):
            ids, mask = ids[:most], mask[:most]
            empty = width - len(ids)
            expected["input_ids"].append(ids + [9] * empty)
            expected["attention_mask"].append([1] * len(ids) + [0] * empty)
            expected["labels"].append(
                [number if learnt else -100 for number, learnt in zip(ids, mask, strict=True)] + [-100] * empty
            )
        assert {name: array.tolist() for name, array in padded.items()} == expected
        assert {array.dtype for array in padded.values()} == {np.dtype(np.int64)}


def test_batches_that_are_kept_keep_what_they_hold(dataset: TokenDataset) -> None:
    """Memory is used again only for batches that are gone: neither dicts, nor arrays, nor views of them are left."""
    once = [{name: array.tolist() for name, array in batch.items()} for batch in dataset.padded_batches(8)]
    dicts = list(dataset.padded_batches(8))
    views = [batch["labels"].T[1:] for batch in dataset.padded_batches(8)]
    every_third = [batch for place, batch in enumerate(dataset.padded_batches(8)) if place % 3 == 0]
    assert [{name: array.tolist() for name, array in batch.items()} for batch in dicts] == once
    assert [view.tolist() for view in views] == [np.array(batch["labels"]).T[1:].tolist() for batch in once]
    assert [{name: array.tolist() for name, array in batch.items()} for batch in every_third] == once[::3]


def test_a_batch_is_filled_up_with_the_tokenizers_own_id(tmp_path: Path) -> None:
    dataset = TokenDataset(packed(tmp_path, [chat("Hi", "Ho"), chat("Hi", "Ho and more")], "llama3"))
    padded = next(dataset.padded_batches(2))
    assert padded["input_ids"][0, -1] == 128_004
    collated = dataset.collate([dataset[0], dataset[1]])
    assert all((collated[name] == padded[name]).all() for name in padded)


def test_a_batch_of_nothing_is_refused(dataset: TokenDataset) -> None:
    for wrong in (lambda: dataset.batches(0), lambda: dataset.padded_batches(8, max_length=0)):
        with pytest.raises(UsageError, match="at least one"):
            next(iter(wrong()))


def test_a_dataset_goes_to_another_process_and_notices_another_file(dataset: TokenDataset, tmp_path: Path) -> None:
    assert as_lists(pickle.loads(pickle.dumps(dataset))) == as_lists(dataset)
    path = packed(tmp_path, ROWS[:10])
    sent = pickle.dumps(TokenDataset(path))
    packed(tmp_path, ROWS[:11], overwrite=True)
    with pytest.raises(PackError, match="not the file any more"):
        pickle.loads(sent)


def test_importing_and_opening_load_neither_numpy_nor_pyarrow(dataset: TokenDataset) -> None:
    code = (
        "import sys; from src.export.packing.tokens.token_dataset import TokenDataset;"
        f"assert len(TokenDataset({str(dataset.path)!r})) == 2500;"
        "print([name for name in ('numpy', 'pyarrow', 'tiktoken', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("workers", [0, 2])
def test_torchs_data_loader_gives_every_record_once(dataset: TokenDataset, workers: int) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed; no part of this program needs it")
    from torch.utils.data import DataLoader

    loader = DataLoader(dataset, batch_size=50, shuffle=True, num_workers=workers, collate_fn=dataset.collate)
    found = []
    for batch in loader:
        tensors = {name: torch.as_tensor(array) for name, array in batch.items()}
        assert tensors["labels"].shape == tensors["input_ids"].shape and tensors["labels"].dtype == torch.int64
        found += [
            ids[seen == 1].tolist() for ids, seen in zip(tensors["input_ids"], tensors["attention_mask"], strict=True)
        ]
    assert sorted(found) == sorted(record.input_ids.tolist() for record in dataset)
