"""The chat templates by tokenizer."""

from __future__ import annotations

from src.export.packing.tokens.templates.chatml import ChatML
from src.export.packing.tokens.templates.gemma import Gemma
from src.export.packing.tokens.templates.llama import Llama
from src.export.packing.tokens.templates.mistral import Mistral
from src.export.packing.tokens.templates.rendering import Template
from src.export.packing.tokens.token_encoders import TokenEncoder


def template_for(encoder: TokenEncoder) -> Template:
    """The template that goes with a tokenizer."""
    if encoder.name.startswith("mistral"):
        return Mistral(encoder)
    if encoder.name == "llama3":
        return Llama(encoder)
    return Gemma(encoder) if encoder.name == "gemma3" else ChatML(encoder)
