"""From recorded sessions to rows: filtered, pruned, with pictures, counted, without repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from src.errors import FormatError
from src.persistence.storage.pieces import in_order
from src.providers import find_provider
from src.providers.token_counter import counter_for
from src.providers.validation.row_checks import check_tokens
from src.records import RunReport
from src.web_actions.actions.grammar import write_action
from src.web_actions.actions.sample_text import write_sample_text
from src.web_actions.dom.pruning import PrunedDom
from src.web_actions.images.handling import ImageHandler, KeptPicture
from src.web_actions.images.loading import PictureError
from src.web_actions.making.filters import Filters
from src.web_actions.making.pruning import prune_steps
from src.web_actions.making.samples import StepRow, make_row, new_sample_of
from src.web_actions.session import Action, Rejected, Session, Step

# Rows whose tokens are counted together.
BATCH = 64
# Further ones of a kind are counted, not told one by one.
MOST_TOLD = 20
Reject = Callable[[Rejected], None]


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row, and how many characters its DOM had before and after it was pruned."""

    row: StepRow
    recorded: int
    pruned: int


@dataclass(frozen=True, slots=True)
class _Ready:
    """A step that is pruned; `action` has the selector of the pruned DOM, `picture` is the screenshot as recorded."""

    session: Session
    step: Step
    html: str
    action: Action
    picture: bytes | None


@dataclass(slots=True)
class RowMaker:
    """What becomes of each entry is told: `report` counts what is left out, `reject` is told what cannot be used."""

    filters: Filters
    report: RunReport
    reject: Reject
    provider: str
    model: str
    dom_characters: int
    keep_duplicates: bool = False
    images: ImageHandler | None = None
    sha256_of: Callable[[str], str] = lambda source_file: ""
    threads: int = 4

    def rows(self, entries: Iterable[Session | Rejected]) -> Iterator[MadeRow]:
        """The rows of all steps that become samples, in order, each with its id and tokens."""
        made = self._with_pictures(self._steps(entries))
        seen: set[int] = set()
        while batch := list(islice(made, BATCH)):
            for one in self._counted(batch):
                if self._is_new(one, seen):
                    yield one

    def _steps(self, entries: Iterable[Session | Rejected]) -> Iterator[_Ready]:
        for session, step, pruned in prune_steps(self._wanted(entries), self.dom_characters):
            ready = self._ready(session, step, pruned)
            if ready is not None:
                yield ready

    def _wanted(self, entries: Iterable[Session | Rejected]) -> Iterator[tuple[Session, Step]]:
        """The steps that the filters keep."""
        for entry in entries:
            if isinstance(entry, Rejected):
                self.reject(entry)
                continue
            steps = tuple(entry.steps)
            self.report.count("sessions read")
            self.report.count("steps read", len(steps))
            reason = self.filters.of_session(entry) or self.filters.of_length(len(steps))
            if reason:
                self.report.drop(f"steps of sessions left out by {reason}", len(steps))
                continue
            for step in steps:
                reason = self.filters.of_step(step)
                if reason:
                    self.report.drop(f"steps left out by {reason}")
                else:
                    yield replace(entry, steps=()), step

    def _ready(self, session: Session, step: Step, pruned: PrunedDom | str) -> _Ready | None:
        try:
            if isinstance(pruned, str):
                raise FormatError(pruned)
            action = pruned.action_of(step.action)
            write_action(action)
        except FormatError as error:
            self.reject(Rejected(session.source_file, None, where(session, step), str(error)))
            return None
        if pruned.masked:
            self.report.count("secrets masked", pruned.masked)
        return _Ready(session, step, pruned.html, action, self._picture(session, step))

    def _picture(self, session: Session, step: Step) -> bytes | None:
        if self.images is None or not step.screenshot:
            return None
        try:
            return self.images.find(step.screenshot, session.source_file)
        except PictureError as error:
            self._refuse_picture(session, step, str(error))
            return None

    def _with_pictures(self, steps: Iterator[_Ready]) -> Iterator[MadeRow]:
        if self.images is None:
            yield from (self._row(ready, None) for ready in steps)
            return
        with ThreadPoolExecutor(self.threads, thread_name_prefix="picture") as pool:
            for ready, kept in in_order(pool, self._keep, steps, 2 * self.threads):
                if isinstance(kept, str):
                    self._refuse_picture(ready.session, ready.step, kept)
                yield self._row(ready, None if isinstance(kept, str) else kept)

    def _keep(self, ready: _Ready) -> tuple[_Ready, KeptPicture | str | None]:
        """The stored picture, why it was refused, or None where there is none. Runs in a thread of its own."""
        if ready.picture is None or self.images is None:
            return ready, None
        plain = replace(ready, picture=None)
        try:
            picture, placed = self.images.prepare(ready.picture, ready.step.box, ready.step.action.point)
        except PictureError as error:
            return plain, str(error)
        kept = self.images.store(placed)
        self.images.count(picture, placed, kept)
        return plain, kept

    def _row(self, ready: _Ready, image: KeptPicture | None) -> MadeRow:
        text = text_of(ready.html, ready.action, image)
        sha256 = self.sha256_of(ready.session.source_file)
        row = make_row(ready.session, ready.step, ready.action, text, image, sha256)
        return MadeRow(row, len(ready.step.dom), len(ready.html))

    def _counted(self, batch: list[MadeRow]) -> Iterator[MadeRow]:
        """The rows with their id and tokens, without those that the provider would refuse."""
        judge = find_provider(self.provider)
        facts = judge.facts(self.model)
        counter = counter_for(self.provider, facts.id)
        samples = [new_sample_of(one.row) for one in batch]
        objections = {f.line: f.rule for f in judge.validate_dataset(samples, facts.id) if f.severity == "error"}
        for number, (one, sample, tokens) in enumerate(
            zip(batch, samples, counter.count_examples([sample.messages for sample in samples]), strict=True), 1
        ):
            rule = objections.get(number, "") or next(
                (f.rule for f in check_tokens(tokens, facts, counter) if f.severity == "error"), ""
            )
            if rule:
                self.report.drop(f"refused by {self.provider}: {rule}")
            else:
                yield replace(one, row=replace(one.row, id=sample.id, tokens=tokens))

    def _is_new(self, made: MadeRow, seen: set[int]) -> bool:
        """Whether nothing before said the same; ids are those of content and session."""
        from xxhash import xxh3_64_intdigest

        row = made.row
        said = row.id if self.keep_duplicates else f"{row.goal}\0{row.text}"
        known = len(seen)
        seen.add(xxh3_64_intdigest(said.encode("utf-8", "surrogatepass")))
        if len(seen) == known:
            self.report.drop("steps that say the same as an earlier one")
        return len(seen) > known

    def _refuse_picture(self, session: Session, step: Step, reason: str) -> None:
        assert self.images is not None
        self.images.tally.refused[reason] += 1
        self.report.count("pictures refused")
        if self.report.counts["pictures refused"] <= MOST_TOLD:
            self.report.warn(session.source_file, f"{where(session, step)}: its picture is not used: {reason}.")


def text_of(html: str, action: Action, image: KeptPicture | None) -> str:
    """The sample's text; where it names a picture, the pointer's place is the one in the picture."""
    if image is None:
        return write_sample_text(html, action)
    return write_sample_text(html, replace(action, point=image.point), image.uri)


def where(session: Session, step: Step) -> str:
    return f"session {session.id}, step {step.number}"
