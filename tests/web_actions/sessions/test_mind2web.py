"""Tasks of Mind2Web, as its files have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from src.web_actions.dom.pruning import prune_dom
from src.web_actions.session import Action, Rejected, Session
from src.web_actions.sessions.reading import read_sessions

PAGE = (
    '<html backend_node_id="208"> <body backend_node_id="500"> <ul backend_node_id="600">'
    '<li backend_node_id="1250" class="tab"> <text backend_node_id="1251">CAR</text></li>'
    '<li backend_node_id="1252"> <text backend_node_id="1253">TRAIN</text></li></ul>'
    '<input backend_node_id="1300" name="pickup" aria_label="City or airport" input_value="">'
    '<select backend_node_id="1400" name="time"><option backend_node_id="1401" value="10:00" option_selected="true">'
    "10 00 AM</option></select> </body></html>"
)


def candidate(number: int, tag: str, **more: Any) -> dict[str, Any]:
    attributes = {"backend_node_id": str(number), "bounding_box_rect": "283.1,220.3,93.59,33", "is_clickable": "true"}
    return {"tag": tag, "attributes": json.dumps(attributes), "backend_node_id": str(number), **more}


def action(op: str, number: int, tag: str, value: str = "", original: str = "") -> dict[str, Any]:
    return {
        "action_uid": f"uid-{number}", "raw_html": "<html></html>", "cleaned_html": PAGE,
        "operation": {"original_op": original or op, "value": value, "op": op},
        "pos_candidates": [
            candidate(500, "body", is_original_target=False, is_top_level_target=True),
            candidate(number, tag, is_original_target=True, is_top_level_target=False),
        ],
        "neg_candidates": [],
    }  # fmt: skip


def task(*actions: Any) -> dict[str, Any]:
    return {
        "annotation_id": "401c4e6f", "website": "united", "domain": "Travel", "subdomain": "Airlines",
        "confirmed_task": "rent a car", "action_reprs": [], "actions": list(actions),
    }  # fmt: skip


def read(folder: Path, *tasks: Any) -> list[Session | Rejected]:
    (folder / "train_0.json").write_text(json.dumps(tasks), "utf-8")
    return list(read_sessions(str(folder)))


def test_a_task_becomes_a_session_with_natural_selectors(tmp_path: Path) -> None:
    steps = (
        action("CLICK", 1250, "li"), action("TYPE", 1300, "input", "Brooklyn"),
        action("CLICK", 1252, "li", original="HOVER"), action("SELECT", 1400, "select", "10 00 AM"),
        action("CLICK", 1300, "input", original="ENTER"),
    )  # fmt: skip
    (session,) = read(tmp_path, task(*steps))
    assert isinstance(session, Session)
    assert (session.id, session.site, session.workflow) == ("401c4e6f", "united", "Travel/Airlines")
    assert (session.goal, session.success) == ("rent a car", None)
    assert next(iter(session.steps)).box == (283.1, 220.3, 93.59, 33.0)
    pruned = [prune_dom(step.dom, step.action) for step in session.steps]
    assert [one.action_of(step.action) for one, step in zip(pruned, session.steps, strict=True)] == [
        Action("click", "li.tab"), Action("type", 'input[name="pickup"]', "Brooklyn"),
        Action("hover", "html > body > ul > li:nth-of-type(2)"),
        Action("select", 'select[name="time"]', "10 00 AM"), Action("press", 'input[name="pickup"]', "Enter"),
    ]  # fmt: skip
    assert not any("backend" in one.html for one in pruned)


def test_a_target_that_the_cleaning_lost_is_found_in_the_raw_page(tmp_path: Path) -> None:
    lost = action("CLICK", 9999, "a")
    lost["raw_html"] = '<body><a data_pw_testid_buckeye="uid-9999" href="/x">x</a><a href="/y">y</a></body>'
    lost["pos_candidates"] = []
    (session,) = read(tmp_path, task(lost))
    assert isinstance(session, Session)
    step = next(iter(session.steps))
    assert prune_dom(step.dom, step.action).selector == 'a[href="/x"]'


def test_what_cannot_be_used_is_rejected_by_its_number(tmp_path: Path) -> None:
    gone = {**action("CLICK", 7777, "a"), "pos_candidates": []}
    found = read(tmp_path, task(gone, action("CLICK", 1250, "li"), {}, action("DRAG", 1250, "li")), task())
    assert [(one.where, one.line) for one in found if isinstance(one, Rejected)] == [
        ("task 401c4e6f, action 1", 1), ("task 401c4e6f, action 3", 1), ("task 401c4e6f, action 4", 1),
        ("task 401c4e6f", 1),
    ]  # fmt: skip
