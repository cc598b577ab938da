"""Find numbers that states give to people: US social security numbers and those of other countries."""
