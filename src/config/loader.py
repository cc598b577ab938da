"""Read config.yaml into Settings, or say everything that is wrong with it in one message."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from src.config.environment import Environment
from src.config.settings import AgenticLLM, ModelSettings, Settings
from src.errors import ConfigError

MAX_CONFIG_BYTES = 1 << 20


KnownModels = Callable[[Mapping[str, list[ModelSettings]]], Mapping[str, Sequence[str]]]
"""Takes up the user's own models and gives the names of all models, by provider. Raises ConfigError."""


def load_settings(
    path: Path, models: KnownModels | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """The validated settings of `path` with `overrides` ("split.seed": 7) on top; defaults where the file is silent.

    `models` tells the model names each provider knows, the user's own among them. A missing file means all defaults.
    Raises ConfigError with every problem at once: wrong values, unknown keys with the nearest known
    one, repeated keys, a model the provider does not have.
    """
    values = read_yaml(path)
    for key, value in (overrides or {}).items():
        _set_key(values, key, value)
    return build_settings(values, models, source=path.name)


def build_settings(
    values: Mapping[str, Any], models: KnownModels | None = None, source: str = "config.yaml"
) -> Settings:
    """Settings from plain values. Raises ConfigError."""
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(_without_empty_sections(values))
    except ValidationError as error:
        problems = [_describe(detail) for detail in error.errors()]
    if models is not None:
        try:
            problems += _model_problems(values, models(settings.models if settings else {}))
        except ConfigError as error:
            problems += error.problems
    if problems or settings is None:
        raise ConfigError(problems, source)
    return settings


def with_environment(settings: Settings, environment: Environment) -> Settings:
    """The settings with AGENT_PROVIDER and AGENT_MODEL from the environment on top. Raises ConfigError."""
    changes: dict[str, str] = {}
    if environment.agent_provider:
        accepted = typing.get_args(AgenticLLM)
        if environment.agent_provider not in accepted:
            raise ConfigError(
                [f"AGENT_PROVIDER: '{environment.agent_provider}' is not one of {', '.join(accepted)}"], ".env"
            )
        # A model set for another provider does not fit this one.
        changes = {"agentic_llm": environment.agent_provider, "agentic_model": ""}
        if environment.agent_provider == settings.system.agentic_llm:
            changes["agentic_model"] = settings.system.agentic_model
    if environment.agent_model:
        changes["agentic_model"] = environment.agent_model
    if not changes:
        return settings
    return settings.model_copy(update={"system": settings.system.model_copy(update=changes)})


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; {} when it is missing or empty.

    Raises ConfigError for what is not YAML, not a mapping, too large, or repeats a key
    (which YAML readers otherwise answer by silently keeping the last one).
    """
    if not path.exists():
        return {}
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_CONFIG_BYTES:
            raise ConfigError([f"the file has {len(raw):,} bytes; at most {MAX_CONFIG_BYTES:,} are read"], path.name)
        values = yaml.load(raw.decode("utf-8-sig"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader subclass
    except OSError as error:
        raise ConfigError([f"cannot be read: {error.strerror}"], path.name) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"is not UTF-8 text (byte {error.start}); save it as UTF-8"], path.name) from error
    except yaml.YAMLError as error:
        raise ConfigError([f"is not valid YAML: {_one_line(error)}"], path.name) from error
    except RecursionError as error:
        raise ConfigError(["is nested too deeply"], path.name) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(["must hold 'key: value' lines"], path.name)
    return values


def shipped_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file that belongs to the program: read by libyaml where that is there, six times faster."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    values = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    assert isinstance(values, dict)
    return values


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses repeated keys and aliases (the road to exponential documents)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases (*name) are not accepted", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _one_line(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{error.problem} (line {mark.line + 1}, column {mark.column + 1})"
    return " ".join(str(error).split())


def _set_key(values: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, last = dotted.split(".")
    for section in sections:
        if not isinstance(values.get(section), dict):
            values[section] = {}
        values = values[section]
    values[last] = value


def _without_empty_sections(values: Mapping[str, Any]) -> dict[str, Any]:
    """`split:` with nothing below it reads as None; it means "all defaults"."""
    sections = {name for name, field in Settings.model_fields.items() if _is_section(field.annotation)}
    kept = {key: value for key, value in values.items() if not (value is None and key in sections)}
    agent = kept.get("agent")
    if isinstance(agent, dict):
        kept["agent"] = {key: value for key, value in agent.items() if value is not None}
    return kept


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _describe(detail: ErrorDetails) -> str:
    """One pydantic error as "key.path: what is wrong; what is accepted"."""
    path = ".".join(str(part) for part in detail["loc"]) or "config"
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{path}: unknown key{_nearest(path)}"
    if kind == "literal_error":
        return f"{path}: {given!r} is not accepted; use one of {context['expected'].replace(' or ', ', ')}"
    if kind == "string_pattern_mismatch":
        return f"{path}: {given!r} is not accepted; use letters, digits, '.', '_', '-', and a letter or digit first"
    if kind == "value_error":
        return f"{path}: {context['error']}"
    if kind in ("model_type", "model_attributes_type"):
        return f"{path}: must be a section with keys below it, not {given!r}"
    message = detail["msg"].replace("Input should be", "must be").replace("a valid ", "a ")
    return f"{path}: {given!r} is not accepted; it {message}"


def _nearest(path: str) -> str:
    *sections, key = path.split(".")
    model: Any = Settings
    for section in sections:
        field = model.model_fields.get(section)
        if field is None:  # the number of an entry, or the name of a provider
            continue
        model = ModelSettings if section == "models" else field.annotation
    known = list(model.model_fields)
    close = difflib.get_close_matches(key, known, n=2, cutoff=0.75)
    close = close or difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    names = " or ".join(f"'{name}'" for name in close)
    return f"; did you mean {names}?" if close else f"; known keys here: {', '.join(known)}"


def _model_problems(values: Mapping[str, Any], models: Mapping[str, Sequence[str]]) -> list[str]:
    provider = values.get("provider", Settings.model_fields["provider"].default)
    model = values.get("model", Settings.model_fields["model"].default)
    known = models.get(provider) if isinstance(provider, str) else None
    if known is None or not isinstance(model, str) or not model or model in known:
        return []
    close = difflib.get_close_matches(model, known, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return [f"model: {model!r} is not a model of {provider}{hint} (accepted: {', '.join(known)})"]
