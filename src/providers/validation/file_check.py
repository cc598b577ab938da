"""Put together what was found in the ranges of a file, and check what concerns the file as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from src.errors import UsageError
from src.providers import find_provider
from src.providers.formats.findings import Finding, problem
from src.providers.formats.registry import FORMATS
from src.providers.models.model_facts import ModelFacts
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.tokenizers.frames.framed import least_exact
from src.providers.validation import json_lines
from src.providers.validation.file_rules import (
    LIFECYCLE_RULE,
    Totals,
    check_name_and_size,
    check_pair,
    check_totals,
    file_rule_source,
    foreign_kind,
)
from src.providers.validation.repetitions import MOST_LINES, Digests
from src.providers.validation.report import ValidationReport, in_order
from src.providers.validation.reserved_texts import FOREIGN_RULE, OWN_RULE, mark_source
from src.providers.validation.row_checks import CheckTask, Share
from src.providers.validation.tally import KEPT_EXAMPLES, Group, Tally
from src.providers.validation.workers.worker_pool import check_ranges
from src.records import Split

# Called with the bytes checked so far and those of the file.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class FileCheck:
    """One pass over a file: run() it, compare() it with a training file if there is one, then take its report().

    `counter` counts tokens instead of the model's own one.
    """

    task: CheckTask
    split: Split
    counter: TokenCounter | None = None
    size: int = 0
    whole: Share = field(default_factory=Share)
    tally: Tally = field(default_factory=Tally)
    digests: Digests = field(default_factory=Digests)

    @property
    def facts(self) -> ModelFacts:
        return find_provider(self.task.provider).facts(self.task.model)

    @property
    def totals(self) -> Totals:
        whole = self.whole
        return Totals(self.size, whole.rows, whole.tokens, whole.with_media, whole.formats)

    def run(self, progress: Progress) -> None:
        """Raises UsageError when the file cannot be read."""
        path = self.task.path
        try:
            if path.exists() and not path.is_file():
                raise UsageError(f"{path} is not a file; name a JSONL file.")
            self.size = path.stat().st_size
            self._check_file()
            if self._is_json_lines():
                self._check_rows(progress)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}; name a JSONL file you may read.") from error

    def compare(self, training: FileCheck) -> None:
        """Object to what this file, for validation, has in common with the training file."""
        for finding in check_pair(training.totals, self.totals, self.facts):
            self.tally.note(finding)
        pairs = self.digests.overlap(training.digests, KEPT_EXAMPLES)
        name = training.task.path.name
        found = [
            replace(_in_both(f"holds the same example as line {there:,} of {name}"), line=line)
            for line, there in pairs.first
        ]
        self._note_pairs(found, pairs.count)

    def report(self) -> ValidationReport:
        whole = self.whole
        counter = self.counter or counter_for(self.task.provider, self.task.model)
        for group in self.tally.groups.values():
            group.source = self._source_of(group)
        return ValidationReport(
            path=self.task.path,
            provider=self.task.provider,
            model=self.task.model,
            split=self.split,
            bytes=self.size,
            lines=whole.lines,
            rows=whole.rows,
            formats={form: count for form, (count, _) in whole.formats.items()},
            counted=whole.counted,
            tokens=whole.tokens,
            exactness=least_exact(counter.exactness, whole.exactness),
            longest=whole.longest,
            groups=in_order(list(self.tally.groups.values())),
        )

    def _check_file(self) -> None:
        for finding in check_name_and_size(self.task.path, self.size, self.facts, self.split):
            self.tally.note(finding)
        closed = find_provider(self.task.provider).lifecycle_warning(self.task.model)
        if closed:
            # Other hosts read the same files, so this is no error.
            self.tally.note(problem("", LIFECYCLE_RULE, closed, "warning"))

    def _is_json_lines(self) -> bool:
        finding = foreign_kind(self.task.path)
        if finding is not None:
            self.tally.note(finding)
        return finding is None

    def _check_rows(self, progress: Progress) -> None:
        for done, share in check_ranges(self.task, self.size, self.counter):
            self._add(share)
            progress(done, self.size)
        pairs = self.digests.repeats(KEPT_EXAMPLES)
        found = [replace(_repeated(first), line=line) for line, first in pairs.first]
        self._note_pairs(found, pairs.count)
        if not self.digests.complete:
            text = f"repeated examples were looked for in the first {MOST_LINES:,} lines only."
            self.tally.note(problem("", "repetitions_partly_checked", text, "note"))
        for finding in check_totals(self.totals, self.facts, self.split):
            self.tally.note(finding)

    def _add(self, share: Share) -> None:
        """Add what was found in the next lines of the file."""
        whole = self.whole
        for group in share.groups:
            self.tally.add(group, whole.lines)
        for form, (count, first) in share.formats.items():
            before, earlier = whole.formats.get(form, (0, whole.lines + first))
            whole.formats[form] = (before + count, earlier)
        tokens, line = share.longest
        if tokens > whole.longest[0]:
            whole.longest = (tokens, whole.lines + line)
        self.digests.add(share.digests)
        whole.lines += share.lines
        whole.rows += share.rows
        whole.counted += share.counted
        whole.tokens += share.tokens
        whole.exactness = least_exact(whole.exactness, share.exactness)
        whole.with_media += share.with_media

    def _note_pairs(self, found: Sequence[Finding], count: int) -> None:
        """Findings of one rule of which only the first are at hand."""
        if found:
            first = found[0]
            self.tally.add(Group(first.severity, first.rule, "", "", count, list(found)))

    def _source_of(self, group: Group) -> str:
        rule = group.rule
        if rule in (OWN_RULE, FOREIGN_RULE):
            return mark_source(rule, self.task.provider)
        own = file_rule_source(rule, self.facts, self.split, json_lines.SOURCE)
        return FORMATS[group.form].source_of(rule) if group.form and not own else own


def _repeated(first: int) -> Finding:
    text = f"holds the same example as line {first:,}; remove one of them, or it counts twice."
    return problem("", "repeated_line", text, "warning")


def _in_both(what: str) -> Finding:
    text = f"{what}: the loss on it says nothing; remove one of them."
    return problem("", "in_both_files", text, "warning")
