"""What does not fit into memory: numbers and samples in temporary files."""
