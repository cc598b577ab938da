"""The pretokenised form of a dataset: token ids and loss masks in an Arrow IPC file, ready to train on.

Write with token_packer.pack_tokens, read with token_dataset.TokenDataset, check with verifying.verify_tokens.
"""
