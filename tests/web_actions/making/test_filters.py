from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from src.config.web_action_settings import ActionKind, KeepSettings, LeaveOutSettings
from src.web_actions.making.filters import Filters, host_of, is_named, is_site, seconds
from src.web_actions.session import ACTION_KINDS, Action, Session, Step


def session(**facts: Any) -> Session:
    usual = {"site": "shop.example.com", "workflow": "checkout", "success": True, "time": "2026-05-01T10:00:00Z"}
    return Session(**{"id": "s", "goal": "", "source_file": "a.jsonl", "steps": (), **usual, **facts})


def reason(only: dict[str, Any], without: dict[str, Any] | None = None, **facts: Any) -> str:
    return Filters(KeepSettings(**only), LeaveOutSettings(**(without or {}))).of_session(session(**facts))


def test_without_filters_everything_is_kept() -> None:
    filters = Filters(KeepSettings(), LeaveOutSettings())
    assert filters.of_session(session(success=None, time="", site="", workflow="")) == ""
    assert filters.of_length(1) == "" and filters.of_step(Step(1, "<p>", Action("wait"))) == ""


def test_the_kinds_of_actions_in_the_settings_are_those_of_the_grammar() -> None:
    assert set(get_args(ActionKind)) == set(ACTION_KINDS)


@pytest.mark.parametrize(
    ("site", "names", "fits"),
    [
        ("shop.example.com", ["example.com"], True),
        ("https://www.Example.com/cart?x=1", ["example.com"], True),
        ("example.com:8080", ["https://example.com"], True),
        ("badexample.com", ["example.com"], False),
        ("example.com.evil.net", ["example.com"], False),
        ("tax.gov.uk", ["*.gov.uk"], True),
        ("newegg", ["Newegg"], True),
        ("", ["example.com"], False),
        ("example.com", [], False),
    ],
)
def test_a_site_stands_for_its_subdomains_and_for_no_other_host(site: str, names: list[str], fits: bool) -> None:
    assert is_site(site, names) is fits


def test_hosts_are_found_in_addresses() -> None:
    assert host_of("https://user:pw@WWW.Shop.test:8443/a/b") == "shop.test"


def test_workflows_are_compared_whatever_the_case() -> None:
    assert is_named(" Check Out ", ["check out"]) and is_named("check-in", ["check*"])
    assert not is_named("checkout", ["check"])


def test_inclusive_and_exclusive_filters_say_why() -> None:
    assert reason({"sites": ["example.com"], "workflows": ["checkout"]}) == ""
    assert reason({"sites": ["other.com"]}).startswith("site")
    assert reason({}, {"sites": ["example.com"]}).startswith("site")
    assert reason({"sites": ["example.com"]}, {"sites": ["shop.example.com"]}).startswith("site")
    assert reason({"workflows": ["search"]}).startswith("workflow")
    assert reason({}, {"workflows": ["CHECKOUT"]}).startswith("workflow")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [("any", {True, False, None}), ("yes", {True}), ("no", {False}), ("known", {True, False})],
)
def test_success_is_wanted_unwanted_or_known(wanted: str, kept: set[bool | None]) -> None:
    assert {one for one in (True, False, None) if not reason({"success": wanted}, success=one)} == kept


def test_times_lie_between_since_and_until_in_any_zone() -> None:
    assert reason({"since": "2026-05-01", "until": "2026-05-02"}) == ""
    assert reason({"since": "2026-05-01T12:00:00+02:00"}) == ""
    assert reason({"since": "2026-05-01T10:00:01Z"}) == "time: before only.since"
    assert reason({"until": "2026-05-01T10:00:00Z"}) == "time: not before only.until"
    assert reason({"since": "2026-05-01"}, time="") == "time: not known"
    assert reason({"since": "2026-05-01"}, time="yesterday") == "time: not known"
    assert seconds("1970-01-01T00:01:00Z") == 60


def test_sessions_and_doms_are_judged_by_their_length() -> None:
    filters = Filters(KeepSettings(min_steps=2, max_steps=3, min_dom=5, max_dom=9), LeaveOutSettings())
    assert [bool(filters.of_length(steps)) for steps in (1, 2, 3, 4)] == [True, False, False, True]
    doms = [bool(filters.of_step(Step(1, "x" * size, Action("wait")))) for size in (4, 5, 9, 10)]
    assert doms == [True, False, False, True]


def test_actions_are_kept_or_left_out() -> None:
    click, wait = Step(1, "<p>", Action("click", "p")), Step(2, "<p>", Action("wait"))
    only = Filters(KeepSettings(actions=["click"]), LeaveOutSettings())
    without = Filters(KeepSettings(), LeaveOutSettings(actions=["click"]))
    assert (only.of_step(click), bool(only.of_step(wait))) == ("", True)
    assert (bool(without.of_step(click)), without.of_step(wait)) == (True, "")


@pytest.mark.parametrize("wrong", [{"since": "soon"}, {"actions": ["jump"]}, {"success": "maybe"}, {"min_steps": -1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KeepSettings(**wrong)
