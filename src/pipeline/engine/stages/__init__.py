"""The stages whose work is shared: what a part of it is, and how the parts become a whole."""
