"""The error of a step that cannot become a sample."""

from __future__ import annotations

from src.errors import BuilderError


class UnusableStepError(BuilderError):
    """A step cannot become a sample; the text is the reason."""
