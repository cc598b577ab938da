"""Duplicates in a dataset: found exactly, the best of them kept, datasets merged, and what leaks from elsewhere."""
