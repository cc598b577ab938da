"""A Jinja2 environment in which a template can do nothing but make text, and not without end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from src.errors import ExportError

if TYPE_CHECKING:
    from jinja2 import Environment, Template

# More than any training example may have; a template that makes more is a mistake or an attack.
MOST_CHARACTERS = 4_000_000
_PLACE = "<template>"
# Pieces of a text that are made before its length is looked at.
_PIECES = 64


@lru_cache(maxsize=8)
def compiled(source: str, name: str) -> Template:
    """The template. Raises ExportError that names the line of a mistake."""
    from jinja2 import TemplateSyntaxError

    try:
        template = _environment().from_string(source)
    except TemplateSyntaxError as error:
        raise ExportError(f"{name}, line {error.lineno}: {error.message}.") from error
    # Jinja keeps them in a chain of mappings, which takes long to go through for each sample.
    template.globals = dict(template.globals)
    return template


def rendered(template: Template, values: Mapping[str, Any], name: str) -> str:
    """The text the template makes of the values. Raises ExportError that names the line of the template."""
    from jinja2 import TemplateError

    try:
        return "".join(_pieces(template, values, name))
    # What a template can run into is as wide as Python: a key that is missing, a sum of text and number.
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise ExportError(f"{name}, line {_line_of(error)}: {str(error).rstrip('.')}.") from error


def _pieces(template: Template, values: Mapping[str, Any], name: str) -> list[str]:
    """What Template.generate() gives, which copies the values twice and hands every piece on by itself."""
    context = template.new_context({**template.globals, **values}, shared=True)
    pieces: list[str] = []
    length = 0
    try:
        coming = iter(template.root_render_func(context))
        while some := list(islice(coming, _PIECES)):
            length += sum(map(len, some))
            if length > MOST_CHARACTERS:
                raise ExportError(f"{name}: makes more than {MOST_CHARACTERS:,} characters of one sample.")
            pieces += some
    except ExportError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it is raised again
        template.environment.handle_exception()  # raises the same with the template's lines
    return pieces


def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """Refuses the operators and methods that make gigabytes of a few characters."""

        intercepted_binops = frozenset(("*", "**", "%"))

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if not (_is_small(left) and _is_small(right)) or (operator == "**" and abs(right) > _MOST_POWER):
                raise SecurityError(f"the operator {operator} is for small numbers")
            return super().call_binop(context, operator, left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            # The same as Jinja gives: it asks for a method first, and a dict that has none costs an exception.
            if type(obj) is dict and attribute in obj and attribute not in _METHODS_OF_DICTS:
                return obj[attribute]
            return super().getattr(obj, attribute)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return attr not in _WIDENING and super().is_safe_attribute(obj, attr, value)

    environment = Bounded(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    for name in ("center", "format", "indent", "wordwrap", "urlize", "random", "pprint"):
        environment.filters.pop(name, None)
    environment.globals.pop("lipsum", None)
    environment.filters["tojson"] = environment.filters["json"] = _to_json
    return environment


_MOST_POWER = 64
_METHODS_OF_DICTS = frozenset(dir(dict))
_WIDENING = ("center", "ljust", "rjust", "zfill", "expandtabs", "format", "format_map", "translate")


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1_000_000


def _to_json(value: Any, indent: int | None = None) -> str:
    """JSON as it is, where Jinja's own filter escapes it for HTML."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=None if indent is None else min(indent, 8))


def _line_of(error: BaseException) -> int:
    """The line of the template in which the error arose."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _PLACE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
