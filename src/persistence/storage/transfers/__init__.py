"""Exports and single files on their way to a storage and back."""
