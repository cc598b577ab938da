"""How different the samples are from each other, and where they come from."""
