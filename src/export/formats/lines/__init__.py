"""Formats of one text a sample: JSON Lines in every shape, and a JSON array."""
