"""Changes to single samples of stored datasets: recorded with both versions, undone byte for byte; the review queue."""
