"""What is written beside tensors so that they can be read without us: dataset.py and README.md."""

from __future__ import annotations

from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import TURN_FIELDS, field_names

# Runs where this program is not installed: it needs torch and safetensors alone.
DATASET_PY = '''"""The samples of this folder as a torch Dataset. Needs torch and safetensors.

python dataset.py           shows the first batch of the training samples, split at blanks
"""

import bisect
import json
from pathlib import Path

import torch
from safetensors import safe_open
from torch.utils.data import DataLoader, Dataset

FOLDER = Path(__file__).resolve().parent


class Samples(Dataset):
    """The samples of a split ("train", "validation" or "test") as dicts: id, messages, token_length and so on.

    Texts stay in the files until they are asked for. `token_length` holds the lengths of all samples.
    """

    def __init__(self, split="train", folder=FOLDER):
        self.paths = sorted(Path(folder).glob(f"{split}-?????-of-?????.safetensors"))
        if not self.paths:
            raise FileNotFoundError(f"{folder} holds no shards of the split {split!r}")
        self.offsets, lengths, self.ends = [], [], []
        for path in self.paths:
            with safe_open(path, framework="pt") as file:
                self.offsets.append(file.get_tensor("offsets"))
                lengths.append(file.get_tensor("token_length"))
            self.ends.append((self.ends[-1] if self.ends else 0) + len(lengths[-1]))
        self.token_length = torch.cat(lengths)
        self.files = {}

    def __len__(self):
        return self.ends[-1]

    def __getitem__(self, index):
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        shard = bisect.bisect_right(self.ends, index)
        row = index - (self.ends[shard - 1] if shard else 0)
        begin, end = self.offsets[shard][row].item(), self.offsets[shard][row + 1].item()
        return json.loads(self._texts(shard)[begin:end].numpy().tobytes())

    def _texts(self, shard):
        if shard not in self.files:
            self.files[shard] = safe_open(self.paths[shard], framework="pt")
        return self.files[shard].get_slice("samples")

    def __getstate__(self):
        # Each worker of a DataLoader opens the files itself.
        return {**self.__dict__, "files": {}}


def collate_with(encode, pad_id=0, ignore=-100):
    """A collate function. `encode` makes (token ids, 1 for tokens to be learnt) of a sample's messages.

    The labels of padding, and of tokens that are not to be learnt, are `ignore`.
    """

    def collate(samples):
        rows = [encode(sample["messages"]) for sample in samples]
        longest = max(len(ids) for ids, _ in rows)
        input_ids = torch.full((len(rows), longest), pad_id, dtype=torch.long)
        labels = torch.full((len(rows), longest), ignore, dtype=torch.long)
        attention_mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for row, (ids, learnt) in enumerate(rows):
            ids, learnt = torch.tensor(ids), torch.tensor(learnt, dtype=torch.bool)
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
            labels[row, : len(ids)][learnt] = ids[learnt]
        return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}

    return collate


def encode_with_chat_template(tokenizer):
    """`encode` for a tokenizer of transformers: its chat template, the assistant's tokens to be learnt.

    Templates without {% generation %} cannot tell whose tokens are whose; all of them are learnt then.
    """

    def encode(messages):
        made = tokenizer.apply_chat_template(
            messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
        )
        ids, learnt = list(made["input_ids"]), list(made.get("assistant_masks", []))
        return ids, learnt if any(learnt) else [1] * len(ids)

    return encode


def encode_words(messages, vocabulary={}):  # noqa: B006
    """`encode` for trying this file without a tokenizer: each new word gets the next number."""
    ids, learnt = [], []
    for message in messages:
        for word in message["content"].split():
            ids.append(vocabulary.setdefault(word, len(vocabulary) + 1))
            learnt.append(int(message["role"] == "assistant"))
    return ids, learnt


if __name__ == "__main__":
    # With transformers: encode_with_chat_template(AutoTokenizer.from_pretrained("your/model"))
    loader = DataLoader(Samples("train"), batch_size=4, shuffle=True, collate_fn=collate_with(encode_words))
    batch = next(iter(loader))
    print({name: tuple(tensor.shape) for name, tensor in batch.items()})
'''


def pytorch_readme(job: ExportJob) -> str:
    return f"""# {job.name} for PyTorch

```python
from torch.utils.data import DataLoader
from transformers import AutoTokenizer

from dataset import Samples, collate_with, encode_with_chat_template

tokenizer = AutoTokenizer.from_pretrained("your/model")
collate = collate_with(encode_with_chat_template(tokenizer), pad_id=tokenizer.pad_token_id or 0)
loader = DataLoader(Samples("train"), batch_size=8, shuffle=True, num_workers=2, collate_fn=collate)
```

`python dataset.py` tries it with words in place of tokens.

Each `.safetensors` file holds `samples` (uint8, the UTF-8 of each sample's JSON, one after the other), `offsets`
(int64, sample i is `samples[offsets[i]:offsets[i + 1]]`) and `token_length` (int32, as {job.provider} counts tokens).
A sample has the keys {", ".join(field_names(job))}.
Loading runs no code of the files: they are no pickles.
"""


def tfrecord_readme(job: ExportJob) -> str:
    several = {"topic_keywords": "string", "span": "int64"}
    lines = []
    for name in sorted((*TURN_FIELDS, *field_names(job))):
        kind = several.get(name) or ("int64" if name == "token_length" else "string")
        maker = f"tf.io.RaggedFeature(tf.{kind})" if name in several else f"tf.io.FixedLenFeature([], tf.{kind})"
        lines.append(f'    "{name}": {maker},')
    return f"""# {job.name} for TensorFlow

```python
import tensorflow as tf

features = {{
{chr(10).join(lines)}
}}
files = sorted(tf.io.gfile.glob("train-*.tfrecord"))
samples = tf.data.TFRecordDataset(files).map(lambda one: tf.io.parse_single_example(one, features))
```

`messages` (the whole conversation) and `turn_spans` are JSON. `system`, `user` and `assistant` are filled where the
sample is one question with one answer. `span` has no values where the sample has no place in its document.
"""
