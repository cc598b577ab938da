"""Which sessions and steps become samples: kept by what `only` names, left out by what `without` names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from src.config.web_action_settings import KeepSettings, LeaveOutSettings, moment
from src.web_actions.session import Session, Step


class Filters:
    """Says why something is left out, in words that are counted; "" for what is kept."""

    def __init__(self, only: KeepSettings, without: LeaveOutSettings) -> None:
        self._only = only
        self._without = without
        self._since = moment(only.since) if only.since else None
        self._until = moment(only.until) if only.until else None

    def of_session(self, session: Session) -> str:
        """Judged by everything but its steps."""
        only, without = self._only, self._without
        if only.sites and not is_site(session.site, only.sites):
            return "site: not one of only.sites"
        if is_site(session.site, without.sites):
            return "site: one of without.sites"
        if only.workflows and not is_named(session.workflow, only.workflows):
            return "workflow: not one of only.workflows"
        if is_named(session.workflow, without.workflows):
            return "workflow: one of without.workflows"
        return self._of_success(session.success) or self._of_time(session.time)

    def of_length(self, steps: int) -> str:
        """Judged by how many steps the session has."""
        if steps < self._only.min_steps:
            return "length: fewer steps than only.min_steps"
        if self._only.max_steps is not None and steps > self._only.max_steps:
            return "length: more steps than only.max_steps"
        return ""

    def of_step(self, step: Step) -> str:
        only, kind = self._only, step.action.kind
        if only.actions and kind not in only.actions:
            return "action: not one of only.actions"
        if kind in self._without.actions:
            return "action: one of without.actions"
        if len(step.dom) < only.min_dom:
            return "length: a DOM shorter than only.min_dom"
        if only.max_dom is not None and len(step.dom) > only.max_dom:
            return "length: a DOM longer than only.max_dom"
        return ""

    def _of_success(self, success: bool | None) -> str:
        wanted = self._only.success
        if wanted == "any" or (wanted == "known" and success is not None):
            return ""
        if success is None:
            return "success: not known"
        return "" if success == (wanted == "yes") else "success: not as only.success wants it"

    def _of_time(self, time: str) -> str:
        if self._since is None and self._until is None:
            return ""
        at = seconds(time)
        if at is None:
            return "time: not known"
        if self._since is not None and at < self._since:
            return "time: before only.since"
        return "time: not before only.until" if self._until is not None and at >= self._until else ""


def seconds(time: str) -> float | None:
    """Seconds since 1970 of a recording's time; None where it has none that can be read."""
    try:
        return moment(time) if time else None
    except (ValueError, OverflowError):
        return None


def host_of(site: str) -> str:
    """A site's host in small letters, whether it is given as a name, a host or an address."""
    host = site.strip().partition("://")[2] or site.strip()
    return host.partition("/")[0].rpartition("@")[2].partition(":")[0].lower().removeprefix("www.")


def is_site(site: str, names: Sequence[str]) -> bool:
    """Whether the site is one of these, or a subdomain of one."""
    host = host_of(site)
    return any(_is_host(host, host_of(name)) for name in names)


def _is_host(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}") or ("*" in name and fnmatchcase(host, name))


def is_named(text: str, names: Sequence[str]) -> bool:
    """Whether the text is one of these, whatever the case; * stands for any characters."""
    folded = text.strip().casefold()
    return any(fnmatchcase(folded, name.strip().casefold()) for name in names)
