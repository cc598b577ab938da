"""Figures about a web-action dataset: counts, lengths, outliers, pictures; as JSON and as a page."""
