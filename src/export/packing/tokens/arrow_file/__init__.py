"""The Arrow IPC file that holds the tokens: written by pyarrow, read by a strict reader that runs no foreign code."""
