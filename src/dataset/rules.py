"""A user's rule on a sample's metadata, such as `'long' if token_length > 500 else topic`: checked, then run.

A rule is parsed by Python's own parser, and only what is listed here is accepted; nothing is ever evaluated by Python.
Types are checked before the first sample is seen, so a rule that is accepted works for every sample.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from src.dataset.fields import Fields
from src.errors import UsageError

Kind = Literal["number", "text", "list of texts", "list of numbers", "yes or no"]
LONGEST_RULE, MOST_PARTS, DEEPEST, LARGEST_NUMBER = 500, 120, 20, 10**12

NAMES: Mapping[str, Kind] = {
    "token_length": "number",
    "turns": "number",
    "method": "text",
    "source_file": "text",
    "folder": "text",
    "topic": "text",
    "keywords": "list of texts",
    "complexity": "text",
    "split": "text",
    "model": "text",
}
# Other words for the same, as menus and config.yaml say them.
ALIASES = {"source": "source_file"}


def _quotient(one: Any, other: Any) -> Any:
    # A rule must work for every sample; what has no quotient counts as 0.
    return one / other if other else 0


def _whole_quotient(one: Any, other: Any) -> Any:
    return one // other if other else 0


def _remainder(one: Any, other: Any) -> Any:
    return one % other if other else 0


_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
    ast.FloorDiv: _whole_quotient,
    ast.Mod: _remainder,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
_METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be run: `run(fields)` gives a value of its kind."""

    kind: Kind
    run: Callable[[Fields], Any]


def parse_rule(text: str, more: Mapping[str, Kind] = MappingProxyType({})) -> Rule:
    """The rule. Raises UsageError, with the column, for what is no rule or mixes kinds of values.

    `more` are names besides NAMES that it may speak of, found in Fields.more; `run` raises NotKnownError for a sample
    that has no value of that name.
    """
    if len(text) > LONGEST_RULE:
        raise UsageError(f"the rule has {len(text):,} characters; at most {LONGEST_RULE} are accepted.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None)
        where = f" (column {column})" if column else ""
        reason = error.msg if isinstance(error, SyntaxError) else "it cannot be read"
        raise UsageError(
            f"the rule {text!r} is not understood{where}: {reason}. Write something like topic, token_length > 500 or "
            "'long' if token_length > 500 else 'short'."
        ) from error
    if sum(1 for _ in ast.walk(tree)) > MOST_PARTS:
        raise UsageError(f"the rule is too long: it has more than {MOST_PARTS} parts.")
    return _Compiler(text.strip(), more).compile(tree.body, 0)


class NotKnownError(LookupError):
    """A sample has no value of this name, so a rule that speaks of it says nothing about the sample."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _value_of(name: str) -> Callable[[Fields], Any]:
    def value(fields: Fields) -> Any:
        found = fields.more.get(name)
        if found is None:
            raise NotKnownError(name)
        return found

    return value


class _Compiler:
    """Turns a parsed rule into functions, kind by kind."""

    def __init__(self, text: str, more: Mapping[str, Kind]) -> None:
        self._text = text
        self._more = more

    def compile(self, node: ast.expr, depth: int) -> Rule:
        if depth > DEEPEST:
            raise self._refused(node, "is nested too deeply")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.IfExp():
                return self._choice(node, depth + 1)
            case ast.BoolOp():
                return self._logic(node, depth + 1)
            case ast.UnaryOp():
                return self._sign(node, depth + 1)
            case ast.BinOp():
                return self._arithmetic(node, depth + 1)
            case ast.Compare():
                return self._comparison(node, depth + 1)
            case ast.Call():
                return self._method(node, depth + 1)
            case ast.Tuple() | ast.List() | ast.Set():
                return self._listing(node, depth + 1)
        raise self._refused(
            node, "is not accepted; a rule has names, texts, numbers, comparisons, and, or, not, in, if-else"
        )

    def _constant(self, node: ast.Constant) -> Rule:
        value = node.value
        if isinstance(value, bool):
            return Rule("yes or no", lambda _: value)
        if isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER:
            return Rule("number", lambda _: value)
        if isinstance(value, str):
            return Rule("text", lambda _: value)
        raise self._refused(node, "is not accepted; use a text in quotes or a number")

    def _name(self, node: ast.Name) -> Rule:
        name = ALIASES.get(node.id, node.id)
        if name in self._more:
            return Rule(self._more[name], _value_of(name))
        if name not in NAMES:
            raise self._refused(node, f"is not known; use one of {', '.join([*NAMES, *self._more])}")
        return Rule(NAMES[name], operator.attrgetter(name))

    def _choice(self, node: ast.IfExp, depth: int) -> Rule:
        test = self._of_kind(node.test, "yes or no", depth)
        first, second = self.compile(node.body, depth), self.compile(node.orelse, depth)
        if first.kind != second.kind:
            raise self._refused(node, f"gives a {first.kind} or a {second.kind}; both must be of one kind")
        return Rule(first.kind, lambda fields: first.run(fields) if test.run(fields) else second.run(fields))

    def _logic(self, node: ast.BoolOp, depth: int) -> Rule:
        parts = [self._of_kind(value, "yes or no", depth) for value in node.values]
        together = all if isinstance(node.op, ast.And) else any
        return Rule("yes or no", lambda fields: together(part.run(fields) for part in parts))

    def _sign(self, node: ast.UnaryOp, depth: int) -> Rule:
        if isinstance(node.op, ast.Not):
            part = self._of_kind(node.operand, "yes or no", depth)
            return Rule("yes or no", lambda fields: not part.run(fields))
        if isinstance(node.op, ast.USub):
            number = self._of_kind(node.operand, "number", depth)
            return Rule("number", lambda fields: -number.run(fields))
        raise self._refused(node, "is not accepted")

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Rule:
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise self._refused(node, "is not accepted; numbers take + - * / // %")
        one, other = self.compile(node.left, depth), self.compile(node.right, depth)
        texts = isinstance(node.op, ast.Add) and one.kind == other.kind == "text"
        if not texts and (one.kind, other.kind) != ("number", "number"):
            raise self._refused(node, f"takes numbers, not a {one.kind} and a {other.kind}")
        return Rule(one.kind, lambda fields: operation(one.run(fields), other.run(fields)))

    def _comparison(self, node: ast.Compare, depth: int) -> Rule:
        sides = [self.compile(side, depth) for side in (node.left, *node.comparators)]
        for operation, one, other in zip(node.ops, sides, sides[1:], strict=False):
            self._check_comparable(node, operation, one, other)
        checks = [_COMPARISONS[type(operation)] for operation in node.ops]

        def run(fields: Fields) -> bool:
            values = [side.run(fields) for side in sides]
            return all(check(one, other) for check, one, other in zip(checks, values, values[1:], strict=False))

        return Rule("yes or no", run)

    def _check_comparable(self, node: ast.Compare, operation: ast.cmpop, one: Rule, other: Rule) -> None:
        if type(operation) not in _COMPARISONS:
            raise self._refused(node, "is not accepted; compare with == != < <= > >= in")
        if isinstance(operation, ast.In | ast.NotIn):
            if (one.kind, other.kind) not in (
                ("text", "text"), ("text", "list of texts"), ("number", "list of numbers"),
            ):  # fmt: skip
                raise self._refused(node, f"cannot look for a {one.kind} in a {other.kind}")
        elif one.kind != other.kind:
            raise self._refused(node, f"compares a {one.kind} with a {other.kind}")
        elif not isinstance(operation, ast.Eq | ast.NotEq) and one.kind not in ("number", "text"):
            raise self._refused(node, f"cannot say which {one.kind} is larger")

    def _method(self, node: ast.Call, depth: int) -> Rule:
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in (*_METHODS, "lower"):
            raise self._refused(
                node, "is not accepted; texts have .startswith(), .endswith(), .contains() and .lower()"
            )
        text = self.compile(node.func.value, depth)
        if node.func.attr == "lower" and text.kind == "text" and not node.args and not node.keywords:
            return Rule("text", lambda fields: text.run(fields).lower())
        if len(node.args) != 1 or node.keywords or node.func.attr == "lower":
            raise self._refused(node, "takes one text, as in source_file.endswith('.pdf')")
        part = self._of_kind(node.args[0], "text", depth)
        if text.kind != "text" and (text.kind, node.func.attr) != ("list of texts", "contains"):
            raise self._refused(node, f"is for texts, not for a {text.kind}")
        method = _METHODS[node.func.attr]
        return Rule("yes or no", lambda fields: method(text.run(fields), part.run(fields)))

    def _listing(self, node: ast.Tuple | ast.List | ast.Set, depth: int) -> Rule:
        parts: Sequence[Rule] = [self.compile(element, depth) for element in node.elts]
        kinds = {part.kind for part in parts}
        if kinds == {"text"}:
            return Rule("list of texts", lambda fields: [part.run(fields) for part in parts])
        if kinds == {"number"}:
            return Rule("list of numbers", lambda fields: [part.run(fields) for part in parts])
        raise self._refused(node, "must hold texts alone or numbers alone")

    def _of_kind(self, node: ast.expr, kind: Kind, depth: int) -> Rule:
        rule = self.compile(node, depth)
        if rule.kind != kind:
            raise self._refused(node, f"is a {rule.kind} where a {kind} is wanted")
        return rule

    def _refused(self, node: ast.expr, why: str) -> UsageError:
        column = len(self._text.encode()[: node.col_offset].decode("utf-8", "replace")) + 1
        part = ast.get_source_segment(self._text, node) or ast.unparse(node)
        return UsageError(f"the rule is not accepted at column {column}: {part!r} {why}.")
