"""The user's own models, from `models` in config.yaml, added to a provider's or laid over them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from src.config.settings import ModelSettings
from src.errors import ConfigError
from src.providers.formats.registry import FORMATS
from src.providers.models.model_facts import Lifecycle, ModelFacts
from src.providers.tokenizers import TOKENIZERS

# The key of the source "your config.yaml".
OWN = "config"
_UNKNOWN = Lifecycle("open", None, None, "", ())


def with_added(models: tuple[ModelFacts, ...], added: Sequence[ModelSettings]) -> tuple[ModelFacts, ...]:
    """The models, those the user names changed in their place, new ones at the end. Raises ConfigError."""
    known = list(models)
    for own in added:
        own_facts = _facts(own, known, models[0])
        places = [place for place, facts in enumerate(known) if _is_named(facts, own.id)]
        if places:
            known[places[0]] = own_facts
        else:
            known.append(own_facts)
    return tuple(known)


def _is_named(facts: ModelFacts, name: str) -> bool:
    return name == facts.id or name in facts.aliases


def _facts(own: ModelSettings, known: Sequence[ModelFacts], first: ModelFacts) -> ModelFacts:
    """The facts of one own model: of the one it changes or is like, else with every number unknown."""
    base = next((facts for facts in known if _is_named(facts, own.id)), None)
    if base is None and own.like:
        base = next((facts for facts in known if _is_named(facts, own.like)), None)
        if base is None:
            names = [name for facts in known for name in (*facts.aliases, facts.id)]
            raise ConfigError([_problem(own, "like", own.like, names)])
        base = replace(base, id=own.id, aliases=(), display_name=own.id)
    base = base or _nothing_known(own, first)
    given = {key: value for key, value in own.model_dump(exclude={"id", "like", "status"}).items() if value is not None}
    _check(own, given)
    if "formats" in given:
        given["formats"] = tuple(given["formats"])
    if own.status is not None:
        given["lifecycle"] = replace(base.lifecycle, status=own.status, note=base.lifecycle.note or "says config.yaml")
    return replace(base, **given, sources={**base.sources, **dict.fromkeys(given, OWN)})


def _nothing_known(own: ModelSettings, first: ModelFacts) -> ModelFacts:
    """A model of which nothing is published: its numbers are not taken over from others."""
    if own.tokenizer is None:
        problem = f"models: '{own.id}' is new: say which model it is `like`, or name its `tokenizer`"
        raise ConfigError([f"{problem} ({', '.join(TOKENIZERS)})"])
    unknown: dict[str, Any] = {field.name: None for field in fields(ModelFacts)}
    unknown |= {"provider": first.provider, "id": own.id, "aliases": (), "display_name": own.id}
    unknown |= {"formats": first.formats, "longer_examples": "unpublished", "tokenizer": own.tokenizer}
    return ModelFacts(**{**unknown, "lifecycle": _UNKNOWN, "validation_note": "", "note": "", "sources": {}})


def _check(own: ModelSettings, given: dict[str, Any]) -> None:
    if "tokenizer" in given and given["tokenizer"] not in TOKENIZERS:
        raise ConfigError([_problem(own, "tokenizer", given["tokenizer"], list(TOKENIZERS))])
    for name in given.get("formats", ()):
        if name not in FORMATS:
            raise ConfigError([_problem(own, "formats", name, list(FORMATS))])


def _problem(own: ModelSettings, key: str, value: str, accepted: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, accepted, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"models: {own.id}: {key}: '{value}' is not known{hint} (accepted: {', '.join(accepted)})"
