"""Rows without a browser, for what looks at their metadata alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from src.web_actions.actions.sample_text import write_sample_text
from src.web_actions.making.samples import StepRow, make_row, new_sample_of
from src.web_actions.session import Action, Session, Step


def row(
    session: str,
    number: int,
    *,
    site: str = "shop.test",
    goal: str = "",
    dom: str = "",
    time: str = "",
    **facts: Any,
) -> StepRow:
    """A row with its id; its DOM is its own unless given."""
    html = dom or f"<button id=b{number}>{session} {number}</button>"
    action = Action("click", f"#b{number}")
    whole = Session(session, site, str(facts.pop("workflow", "")), goal, None, time, "run.jsonl", ())
    made = make_row(whole, Step(number, html, action), action, write_sample_text(html, action), None, "ab" * 32)
    return replace(made, id=new_sample_of(made).id, **{"tokens": 10, **facts})
