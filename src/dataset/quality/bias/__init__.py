"""Who is spoken of, and how: counts of words, not opinions."""
