"""Statistics for people: lines for a terminal, a page for a browser."""
