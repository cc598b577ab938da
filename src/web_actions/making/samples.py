"""A step as a row of the dataset: its DOM/ACTION text, what is known of it, and the chat sample it makes."""

from __future__ import annotations

from dataclasses import dataclass

from src.records import Message, Origin, Sample, Split, make_sample
from src.web_actions.images.handling import KeptPicture
from src.web_actions.session import Action, Session, Step

_ACTION = "<ACTION>"
# What the chat sample tells the model to do; docs/web_actions.md explains the answer's grammar.
INSTRUCTION = (
    "You operate a web page. You are given a goal and the page's DOM, perhaps with a picture of it. Answer with the "
    "next action as <ACTION>...</ACTION>: its kind (click, type, select, hover, press, scroll, navigate, wait or "
    "submit), the CSS selector of the element, and the value where it takes one."
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of train.jsonl. `text` is <DOM>...</DOM>, perhaps <IMAGE>...</IMAGE>, <ACTION>...</ACTION>.

    `tokens` counts the chat sample. `box` is the target's in CSS pixels as recorded, that of `image` in the picture's.
    """

    id: str
    text: str
    tokens: int
    session: str
    site: str
    workflow: str
    goal: str
    success: bool | None
    time: str
    step: int
    action: Action
    image: KeptPicture | None
    source_file: str
    source_sha256: str
    screenshot: str
    box: tuple[float, float, float, float] | None


def make_row(
    session: Session, step: Step, action: Action, text: str, image: KeptPicture | None, sha256: str
) -> StepRow:
    """The row of a step with this text, its tokens not counted yet. `action` has the selector of the pruned DOM."""
    return StepRow(
        id="",
        text=text,
        tokens=0,
        session=session.id,
        site=session.site,
        workflow=session.workflow,
        goal=session.goal,
        success=session.success,
        time=step.time or session.time,
        step=step.number,
        action=action,
        image=image,
        source_file=session.source_file,
        source_sha256=sha256,
        screenshot=step.screenshot,
        box=step.box,
    )


def messages_of(goal: str, text: str) -> tuple[Message, ...]:
    """The chat: what to do, the goal with the DOM (and picture), the action."""
    at = text.rindex(_ACTION)
    asked = f"Goal: {goal}\n\n{text[:at]}" if goal else text[:at]
    return Message("system", INSTRUCTION), Message("user", asked), Message("assistant", text[at:])


def new_sample_of(row: StepRow) -> Sample:
    """The chat sample of a row that has no id yet; the sample has one."""
    return make_sample(messages_of(row.goal, row.text), _origin_of(row), _keywords_of(row))


def sample_of(row: StepRow, split: Split | None = None) -> Sample:
    """The chat sample of a row."""
    return Sample(row.id, messages_of(row.goal, row.text), _origin_of(row), _keywords_of(row), row.tokens, split)


def _origin_of(row: StepRow) -> Origin:
    """Its chunk is the session, so no splitter tears one apart."""
    return Origin(
        source_file=row.source_file,
        method="recorded",
        document_id=row.source_sha256,
        place=f"session {row.session}, step {row.step}",
        chunk_id=f"{row.source_sha256[:12]}:{row.session}",
    )


def _keywords_of(row: StepRow) -> tuple[str, ...]:
    return tuple(word for word in (row.site, row.workflow, row.action.kind) if word)
