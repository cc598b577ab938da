"""Lines to finished files: what is a record, which frame it goes to, where the files end up."""
