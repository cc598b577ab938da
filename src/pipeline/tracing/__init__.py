"""From a sample back to its document, prompt, model and call, each link checked again."""

from __future__ import annotations

from src.pipeline.tracing.steps import Step, Trace
from src.pipeline.tracing.trace import trace

__all__ = ["Step", "Trace", "trace"]
