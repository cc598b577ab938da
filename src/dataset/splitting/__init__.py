"""Divide a dataset into splits that do not leak."""
