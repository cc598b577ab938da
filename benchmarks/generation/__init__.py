"""How fast, how careful and how thrifty the LLM layer is, measured on the program as a user runs it."""
