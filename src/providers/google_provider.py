"""Google: Gemini on Vertex AI, supervised and preference tuning."""

from __future__ import annotations

from src.providers.base_provider import Provider


class GoogleProvider(Provider):
    name = "google"
    format_names = ("vertex-chat", "vertex-preference")
