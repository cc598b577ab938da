"""The user's own format: a Jinja2 template."""
