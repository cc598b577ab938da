"""With PyTorch: the Dataset class that lies beside the tensors, through a DataLoader with two workers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import safetensors
import torch
from rows_hash import run
from torch.utils.data import DataLoader


def read(folder: Path, form: str, split: str) -> Any:
    spec = importlib.util.spec_from_file_location("dataset", folder / form / "dataset.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    samples = module.Samples(split)
    loader = DataLoader(samples, batch_size=16, num_workers=2, collate_fn=list)
    rows = [row for batch in loader for row in batch]
    assert samples.token_length.tolist() == [row["token_length"] for row in rows]
    assert samples[-1] == rows[-1]
    collate = module.collate_with(module.encode_words)
    for batch in DataLoader(samples, batch_size=8, shuffle=True, collate_fn=collate):
        assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
        learnt = batch["labels"] != -100
        assert torch.equal(batch["labels"][learnt], batch["input_ids"][learnt])
    return rows


run(read, {"torch": torch.__version__, "safetensors": safetensors.__version__})
