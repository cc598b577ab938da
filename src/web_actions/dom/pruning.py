"""Cut a recorded page down to a budget around the acted-on element: prune_dom()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from src.web_actions.dom.attributes import Attributes
from src.web_actions.dom.cut import Cut, head_of, parse
from src.web_actions.dom.hostile import refuse_hostile
from src.web_actions.dom.rendering import Node, Writer
from src.web_actions.dom.secrets import mask_address, mask_of_field, mask_value
from src.web_actions.dom.selectors import find_all, positional_path, selectors_of
from src.web_actions.dom.unusable import UnusableStepError
from src.web_actions.session import Action

DEFAULT_BUDGET = 8_000  # characters; about 2,500 tokens of HTML


@dataclass(frozen=True, slots=True)
class PrunedDom:
    """`html` fits the budget; `selector` matches exactly the acted-on element, in it and in the recorded DOM.

    `value` is the action's with secrets masked; `masked` counts what was masked, in the DOM and in the value.
    """

    html: str
    selector: str
    value: str
    masked: int

    def action_of(self, action: Action) -> Action:
        """The action as it belongs to this DOM."""
        return replace(action, selector=self.selector, value=self.value)


def prune_dom(
    dom: str, action: Action, budget: int = DEFAULT_BUDGET, count: Callable[[str], int] | None = None
) -> PrunedDom:
    """The page with scripts, styles, tracking and invisible elements gone, at most `budget` long.

    The target, its ancestors and what lies nearest to it are kept. The budget is in characters, or in what `count`
    counts. The selector is the recorded one where it still holds, else one made from the target's attributes or place.
    Raises UnusableStepError when the recorded selector does not match exactly one element, when no selector holds in
    the pruned page, or when target and ancestors alone are longer than the budget.
    """
    refuse_hostile(dom)
    page = _Page(dom, action)
    if count is None:
        return page.pruned(budget)
    room = budget * 4
    for _ in range(6):
        pruned = page.pruned(room)
        length = count(pruned.html)
        if length <= budget:
            return pruned
        room = min(room - 1, len(pruned.html)) * budget * 19 // (length * 20)
    raise UnusableStepError(f"its DOM cannot be cut to {budget:,} tokens with its target kept")


class _Page:
    """A parsed page and the element that was acted on."""

    def __init__(self, dom: str, action: Action) -> None:
        self.action = action
        self.tree = parse(dom)
        self.target: Node = self._find_target(action.selector) if action.selector else None

    def _find_target(self, selector: str) -> Node:
        found = find_all(self.tree, selector)
        if len(found) != 1:
            matches = "nothing" if not found else f"{len(found)} elements"
            raise UnusableStepError(f"its selector {selector[:120]!r} matches {matches} of its DOM")
        return found[0]

    def pruned(self, room: int) -> PrunedDom:
        if self.target is None:
            return self._without_target(room)
        attributes = Attributes(self.action.selector)
        option = self.action.value if self.action.kind == "select" else ""
        cut = Cut(self.tree, self.target, attributes, room, None, option)
        selector = self._selector_for(cut)
        if not selector:
            selector, anchor = positional_path(self.tree, self.target)
            attributes = Attributes(selector)
            cut = Cut(self.tree, self.target, attributes, room, anchor, option)
            if not cut.matches(selector) or not self.is_target(selector):
                raise UnusableStepError("no selector matches its target, and nothing else, in the pruned DOM")
        value = self._masked_value()
        return PrunedDom(cut.html, selector, value, attributes.masked + (value != self.action.value))

    def _selector_for(self, cut: Cut) -> str:
        recorded = self.action.selector
        if cut.matches(recorded):
            return recorded
        for selector in selectors_of(self.target):
            if cut.matches(selector) and self.is_target(selector):
                return selector
        return ""

    def is_target(self, selector: str) -> bool:
        """Whether the selector matches the target, and nothing else, in the recorded DOM."""
        found = find_all(self.tree, selector)
        return len(found) == 1 and found[0].mem_id == self.target.mem_id

    def _without_target(self, room: int) -> PrunedDom:
        attributes = Attributes()
        head, body = head_of(self.tree, room // 4), self.tree.body
        writer = Writer(attributes, room - len(head) - len("<html><body></body></html>"))
        inner = writer.inside(writer.left, body) if body is not None else ""
        html = f"<html>{head}<body>{inner}</body></html>"
        if len(html) > room:
            raise UnusableStepError(f"its DOM cannot be cut to {room:,} characters")
        value = self._masked_value()
        return PrunedDom(html, "", value, attributes.masked + (value != self.action.value))

    def _masked_value(self) -> str:
        action = self.action
        if action.kind == "navigate":
            return mask_address(action.value)
        if action.kind not in ("type", "press") or not action.value:
            return action.value
        if self.target is not None and (action.kind == "type" or len(action.value) == 1):
            mask = mask_of_field(self.target.tag, self.target.attributes)
            if mask:
                return mask
        return mask_value(action.value)
