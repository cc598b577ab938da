"""The section `qa` of config.yaml: what the QA report measures and from where on a figure warns or fails."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from src.config.section import Section

# Of src/analysis/pii, written down again so that reading config.yaml does not load it; a test holds them together.
PiiKind = Literal[
    "EMAIL", "PHONE", "CARD", "IBAN", "SSN", "NATIONAL_ID", "IP", "MAC", "API_KEY", "NAME", "ADDRESS",
]  # fmt: skip
PiiPolicy = Literal["report", "mask", "replace", "drop"]
PiiLocale = Literal[
    "us", "gb", "de", "at", "ch", "fr", "be", "es", "it", "nl", "pt", "br", "in", "pl", "se", "no", "dk", "fi",
    "au", "ie",
]  # fmt: skip
# Every figure of the report. src/dataset/quality/measuring/catalog.py says what each means.
MetricName = Literal[
    "token_length", "short_answers", "language", "mixed_languages", "readability", "encoding", "refusals",
    "boilerplate", "truncated", "leftovers", "unanswered", "groundedness", "new_figures", "new_names", "verbatim",
    "coherence", "diversity", "openings", "exact_duplicates", "near_duplicates", "source_share", "topic_share", "judge",
    "toxicity", "crisis", "injection", "secrets", "personal_data", "identifiers",
    "gender_balance", "group_tone", "swapped_groups", "representation", "split_overlap", "benchmark_overlap",
]  # fmt: skip


class Limits(Section):
    """From where on a figure warns and fails; empty: never. Above them, for figures that should be high below them."""

    warn: float | None = None
    fail: float | None = None


class ThresholdSettings(Section):
    """The limits of each figure, in its unit: % of the samples (or of what is looked at) where nothing else is said.

    The values are those of ../shared/facts/reliability-security-quality.md section 6, and of the planted datasets of
    tests/dataset/quality where it has none.
    """

    token_length: Limits = Limits(warn=80, fail=100)
    short_answers: Limits = Limits(warn=5, fail=20)
    language: Limits = Limits(warn=2, fail=10)
    mixed_languages: Limits = Limits(warn=2, fail=10)
    encoding: Limits = Limits(warn=0.1, fail=1)
    refusals: Limits = Limits(warn=0.5, fail=2)
    boilerplate: Limits = Limits(warn=0.5, fail=2)
    truncated: Limits = Limits(warn=0.5, fail=2)
    leftovers: Limits = Limits(warn=0.5, fail=2)
    unanswered: Limits = Limits(warn=10, fail=30)
    groundedness: Limits = Limits(warn=0.6, fail=0.35)
    new_figures: Limits = Limits(warn=5, fail=15)
    verbatim: Limits = Limits(fail=0)
    coherence: Limits = Limits(warn=25, fail=60)
    distinct_2: Limits = Limits(warn=0.3, fail=0.1)
    self_bleu: Limits = Limits(warn=40)
    compression: Limits = Limits(warn=4)
    openings: Limits = Limits(warn=15, fail=40)
    exact_duplicates: Limits = Limits(warn=0, fail=1)
    near_duplicates: Limits = Limits(warn=3, fail=10)
    source_share: Limits = Limits(warn=50)
    topic_share: Limits = Limits(warn=50)
    judge: Limits = Limits(warn=3.5, fail=2.5)
    toxicity: Limits = Limits(warn=0.5)
    crisis: Limits = Limits(warn=0)
    injection: Limits = Limits(warn=0)
    secrets: Limits = Limits(fail=0)
    personal_data: Limits = Limits(warn=0)
    identifiers: Limits = Limits(fail=0)
    gender_balance: Limits = Limits(warn=3)
    group_tone: Limits = Limits(warn=2)
    swapped_groups: Limits = Limits(warn=20)
    split_overlap: Limits = Limits(warn=0, fail=0)
    benchmark_overlap: Limits = Limits(warn=0, fail=1)


class PiiSettings(Section):
    """What happens with personal data, by its kind; a kind not named is reported.

    `locales` are the countries whose telephone numbers, national ids and addresses are looked for; empty: all. With
    `nlp` the extra [qa-nlp] looks for names.
    """

    policies: dict[PiiKind, PiiPolicy] = Field(default_factory=dict)
    locales: list[PiiLocale] = Field(default_factory=list)
    nlp: bool = False


class ScoreSettings(Section):
    """The score of a sample: 1, less the weight of each figure that flags it. `weights` change the built-in ones."""

    least: float = Field(0.5, ge=0, le=1)
    weights: dict[MetricName, float] = Field(default_factory=dict)

    @field_validator("weights")
    @classmethod
    def _are_shares(cls, weights: dict[MetricName, float]) -> dict[MetricName, float]:
        wrong = [name for name, weight in weights.items() if not 0 <= weight <= 1]
        if wrong:
            raise ValueError(f"the weight of {wrong[0]} must lie between 0 and 1")
        return weights


class QASettings(Section):
    """The QA report. `language` is an ISO 639 code, "auto" for the most frequent one, "any" to accept all.

    `skip` names figures that are not measured. `judge_samples` is how many samples an LLM grades, 0 for none; it is
    asked and paid for as in a run. `listed` is how many flagged samples a figure lists; all are counted.
    """

    language: str = Field("auto", pattern=r"^(auto|any|[a-z]{2,3})$")
    skip: list[MetricName] = Field(default_factory=list)
    listed: int = Field(100, ge=1, le=100_000)
    judge_samples: int = Field(0, ge=0, le=10_000)
    pii: PiiSettings = PiiSettings()
    score: ScoreSettings = ScoreSettings()
    thresholds: ThresholdSettings = ThresholdSettings()
