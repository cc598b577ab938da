"""A whole page: one file, no scripts, nothing loaded from anywhere; a browser that reads its policy enforces that."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from src.dataset.pages.texts import shown

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a heading; `parts` come from the builders beside this file."""

    title: str
    parts: Sequence[Markup]
    intro: str = ""


def page(title: str, sections: Sequence[Section], subtitle: str = "") -> str:
    """The HTML. It can be written as UTF-8 whatever the texts are; the same sections give the same bytes."""
    style = _style()
    return _template().render(
        title=shown(title),
        subtitle=shown(subtitle),
        sections=[
            (f"section-{place}", shown(section.title), shown(section.intro), Markup("\n").join(section.parts))
            for place, section in enumerate(sections, 1)
        ],
        style=Markup(style),  # noqa: S704  # our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


@cache
def _style() -> str:
    """The style sheet, with the line ends that a browser sees: its hash stands in the page's policy."""
    return (_FOLDER / "page.css").read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.from_string((_FOLDER / "page.html.jinja").read_text(encoding="utf-8"))
