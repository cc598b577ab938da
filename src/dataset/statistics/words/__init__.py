"""The words and messages of samples: how many, how varied, which most, which repeated."""
