"""The section `web_actions` of config.yaml: what is made of recorded browser sessions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Literal

from pydantic import Field, field_validator, model_validator

from src.config.section import Section

# Of src/web_actions/session.py, written down again so that reading config.yaml does not load it; a test holds them
# together.
ActionKind = Literal["click", "type", "select", "hover", "press", "scroll", "navigate", "wait", "submit"]
SessionField = Literal["site", "workflow", "action", "success"]
STRATIFY_STEPS_BY: tuple[SessionField, ...] = ("site", "action")


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 date or time; UTC where it names no zone. Raises ValueError."""
    # Python 3.10 does not know the Z.
    parsed = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


class KeepSettings(Section):
    """What is kept; an empty one keeps everything. Sites stand for their subdomains, too; * stands for any characters.

    `since` and `until` are of the session's time (until: before it). Steps are those of the session as recorded, DOM
    lengths characters of a step's DOM as recorded.
    """

    sites: list[str] = Field(default_factory=list)
    workflows: list[str] = Field(default_factory=list)
    actions: list[ActionKind] = Field(default_factory=list)
    success: Literal["any", "yes", "no", "known"] = "any"
    since: str = ""
    until: str = ""
    min_steps: int = Field(1, ge=0)
    max_steps: int | None = Field(None, ge=1)
    min_dom: int = Field(0, ge=0)
    max_dom: int | None = Field(None, ge=1)

    @field_validator("since", "until")
    @classmethod
    def _is_time(cls, text: str) -> str:
        if text:
            try:
                moment(text)
            except ValueError:
                raise ValueError("must be a date or time like 2026-11-21 or 2026-11-21T18:00:00Z") from None
        return text


class LeaveOutSettings(Section):
    """What is left out although `only` would keep it."""

    sites: list[str] = Field(default_factory=list)
    workflows: list[str] = Field(default_factory=list)
    actions: list[ActionKind] = Field(default_factory=list)


class ImageSettings(Section):
    """What is done to screenshots. `crop` 0 keeps all of them; `augment` is so many further versions of each training
    picture; `url` is a storage they are uploaded to, "" keeps them beside the dataset.
    """

    include: bool = True
    max_side: int = Field(1280, ge=16, le=16_383)
    crop: int = Field(0, ge=0, le=16_383)
    pixel_ratio: float = Field(1.0, gt=0, le=10)
    quality: int = Field(85, ge=1, le=100)
    augment: int = Field(0, ge=0, le=100)
    url: str = ""

    @field_validator("url")
    @classmethod
    def _no_credentials(cls, url: str) -> str:
        if "@" in url.partition("://")[2].partition("/")[0] or "?" in url:
            raise ValueError("keys do not belong into an address; set AWS_* or GOOGLE_APPLICATION_CREDENTIALS in .env")
        return url


class WebActionSettings(Section):
    """What is made of recorded browser sessions. `dom_characters` is the most of a pruned DOM.

    `split_by` is what never falls into two splits. Shares and seed are those of the section `split`.
    """

    dom_characters: int = Field(8_000, ge=200, le=10_000_000)
    keep_duplicates: bool = False
    split: Literal["random", "stratified", "time"] = "random"
    split_by: Literal["session", "site"] = "session"
    stratify_by: list[SessionField] = Field(default_factory=lambda: [*STRATIFY_STEPS_BY], min_length=1)
    only: KeepSettings = KeepSettings()
    without: LeaveOutSettings = LeaveOutSettings()
    images: ImageSettings = ImageSettings()

    @model_validator(mode="after")
    def _keeps_something(self) -> WebActionSettings:
        if self.only.max_steps is not None and self.only.max_steps < self.only.min_steps:
            raise ValueError("only.max_steps is below only.min_steps")
        if self.only.max_dom is not None and self.only.max_dom < self.only.min_dom:
            raise ValueError("only.max_dom is below only.min_dom")
        return self
