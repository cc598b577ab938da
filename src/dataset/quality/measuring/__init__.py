"""What every check is made of: how it looks at a sample, flags it, and gives its figures."""
