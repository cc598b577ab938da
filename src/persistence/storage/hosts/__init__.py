"""One file per kind of storage, and how each one's failures are told."""
