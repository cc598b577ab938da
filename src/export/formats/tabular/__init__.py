"""Formats with columns: CSV, Parquet, a Hugging Face dataset."""
