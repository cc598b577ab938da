"""The figure made of an LLM's grades."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from src.config.qa_settings import Limits
from src.dataset.quality.judging.rubric import CRITERIA, LOW, Grades, Judge, JudgeTask, judge_task, read_grades
from src.dataset.quality.measuring.check import make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.report import Metric
from src.dataset.quality.variety.fixed_sample import FixedSample
from src.records import Sample


def judge_tasks(samples: Sequence[Sample], most: int, passage_of: Callable[[Sample], str | None]) -> list[JudgeTask]:
    """What would be asked of the judge: the same samples at every call, so that it can be priced before."""
    chosen: FixedSample[Sample] = FixedSample(most)
    for sample in samples:
        rank = chosen.wants(sample.id)
        if rank is not None:
            chosen.add(rank, sample)
    # The same for the same samples, so that the journal answers a second report; nobody who wrote a document knew it.
    fence = hashlib.sha256(
        "".join(sample.id for sample in chosen.items()).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]
    return [judge_task(sample, passage_of(sample), fence) for sample in chosen.items()]


def grade(
    samples: Sequence[Sample],
    most: int,
    passage_of: Callable[[Sample], str | None],
    judge: Judge | None,
    book: FlagBook,
    limits: Limits,
) -> Metric:
    """The mean grade; samples with a grade of 2 or 1 are flagged."""
    if not most:
        return not_computed("judge", "no samples are to be graded (qa.judge_samples: 0).")
    if judge is None:
        return not_computed("judge", "no LLM is set up to grade samples.")
    tasks = judge_tasks(samples, most, passage_of)
    answers = judge(tasks)
    graded = [(task, read_grades(text)) for task, text in zip(tasks, answers, strict=True) if text is not None]
    good = [(task, grades) for task, grades in graded if grades is not None]
    if not good:
        return not_computed("judge", f"the LLM gave no grades that can be read for {len(tasks)} samples.")
    for task, grades in good:
        _flag(task, grades, book)
    details: dict[str, object] = {name: round(sum(g.grades[name] for _, g in good) / len(good), 2) for name in CRITERIA}
    details["grades"] = dict(sorted(Counter(round(grades.mean) for _, grades in good).items()))
    missing = len(tasks) - len(good)
    note = f"{missing} of {len(tasks)} answers could not be used." if missing else ""
    mean = sum(grades.mean for _, grades in good) / len(good)
    return make_metric("judge", mean, limits, book.counts["judge"], len(good), note, details)


def _flag(task: JudgeTask, grades: Grades, book: FlagBook) -> None:
    low = [f"{name} {value}" for name, value in grades.grades.items() if value <= LOW]
    if low:
        book.flag_id(task.sample_id, "judge", "whole sample", f"{', '.join(low)}: {grades.reason}")
