"""Take personal data out of a text: masks, consistent fakes, and what a report may show of a value."""
