"""How actions and samples are written as text, and read back: the grammar of docs/web_actions.md."""
