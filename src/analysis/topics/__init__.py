"""What the texts of a dataset are about: keywords weighed over all of them, and groups with names."""
