"""Statistics of samples that come one after the other, in one pass: numbers are kept of each sample, no text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from src.dataset.fields import StoredSample
from src.dataset.statistics.columns import Column, Labels
from src.dataset.statistics.costs import TrainingPrice, training_cost
from src.dataset.statistics.coverage import SpanTally
from src.dataset.statistics.groups import groups_of, keyword_groups, parts_of
from src.dataset.statistics.keywords import Keywords
from src.dataset.statistics.outliers import Extremes
from src.dataset.statistics.results import Cost, Coverage, NotComputed, Statistics
from src.dataset.statistics.spreads import histogram, spread_of
from src.dataset.statistics.words.messages import CountTokens, LanguageOf, MessageTally
from src.records import Document, Role, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_SPLIT = "none"
# So many keywords are listed; what is said of the others together.
MOST_KEYWORDS = 10_000
_NO_TEXTS = NotComputed("the texts were not read for these statistics; `stats` reads them")
_NO_LANGUAGE = NotComputed("no language detector was given")
_NO_DUPLICATES = NotComputed("near-duplicates are looked for when asked for")
_NO_COST = NotComputed("no price was given")
_NO_DOCUMENTS = NotComputed("the source documents were not read for these statistics")


class StoredRow(StoredSample, Protocol):
    """A row of the database with its id."""

    @property
    def id(self) -> str: ...


class StatisticsTally:
    """What is known of each sample goes to temporary files: about 60 bytes, 16 more for each keyword.

    The names of sources, and the documents that samples come from, stay in memory.
    `count_tokens` counts the tokens of texts without framing, for those of each role; without it they are shared out
    by characters. `language_of` names the language of a text ("en"), "" where it cannot tell.
    """

    def __init__(self, count_tokens: CountTokens | None = None, language_of: LanguageOf | None = None) -> None:
        self._tokens, self._turns = Column(), Column()
        self._token_extremes, self._turn_extremes = Extremes(), Extremes()
        self._splits, self._sources, self._methods, self._keywords = Labels(), Labels(), Labels(), Keywords()
        self._spans = SpanTally()
        self._messages = MessageTally(count_tokens, language_of)
        self._tells_language = language_of is not None

    def add(
        self,
        tokens: int,
        turns: int,
        split: str,
        source: str,
        method: str,
        keywords: Iterable[str],
        sample_id: str = "",
    ) -> None:
        """Count what is known of a sample besides its texts and places. Without an id it is not named as an outlier."""
        self._tokens.append(tokens)
        self._turns.append(turns)
        if sample_id:
            self._token_extremes.add(sample_id, tokens)
            self._turn_extremes.add(sample_id, turns)
        self._splits.add(split or NO_SPLIT)
        self._sources.add(source)
        self._methods.add(method)
        self._keywords.add(keywords, tokens, turns)

    def add_sample(self, sample: Sample) -> None:
        """Count all of a sample."""
        origin = sample.origin
        turns, split = len(sample.turns), sample.split or ""
        self.add(sample.token_length, turns, split, origin.source_file, origin.method, sample.topic_keywords, sample.id)
        span = (origin.span.start, origin.span.end) if origin.span else None
        self._spans.add(origin.document_id, origin.source_file, span, origin.chunk_id)
        self._messages.add([(message.role, message.content) for message in sample.messages])

    def add_rows(
        self,
        rows: Sequence[StoredRow],
        messages: Sequence[Sequence[Mapping[str, str]]],
        origins: Sequence[Mapping[str, Any]],
    ) -> None:
        """Count all of some stored samples: rows, their messages as {"role", "content"}, their origins as stored."""
        for row, said, origin in zip(rows, messages, origins, strict=True):
            keywords = origin.get("keywords")
            if keywords is None:
                keywords = row.topic_keywords.split(",") if row.topic_keywords else ()
            texts = [(cast(Role, message["role"]), message["content"]) for message in said]
            turns = sum(role != "system" for role, _ in texts)
            source = origin.get("source_file", row.source_file) or ""
            self.add(row.token_length or 0, turns, row.split or "", source, origin.get("method", ""), keywords, row.id)
            span = tuple(origin["span"]) if origin.get("span") else None
            self._spans.add(origin.get("document_id", ""), source, span, origin.get("chunk_id", ""))
            self._messages.add(texts)

    def cost(self, price: TrainingPrice) -> Cost:
        """What training on the samples would cost; those of validation and test are left out."""
        names = self._splits.names.all()
        trained = [number for number, name in enumerate(names) if name in (NO_SPLIT, "train")]
        return training_cost(zip(self._tokens.pieces(), self._splits.pieces(), strict=True), trained, price)

    def coverage(self, documents: Iterable[Document], unreadable: Mapping[str, str]) -> Coverage:
        """How the samples cover these documents, which are gone through once, the parts of a file one after another.

        `unreadable` says of each source file that cannot be read any more why.
        """
        return self._spans.coverage(documents, unreadable)

    def statistics(
        self,
        token_exactness: str,
        *,
        cost: Cost | NotComputed = _NO_COST,
        coverage: Coverage | NotComputed = _NO_DOCUMENTS,
        near_duplicates: int | NotComputed = _NO_DUPLICATES,
    ) -> Statistics:
        """The statistics of all that was added."""
        import numpy as np

        by_length, by_turns = np.sort(self._tokens.all()), np.sort(self._turns.all())
        token_spread, turn_spread = spread_of(by_length), spread_of(by_turns)
        outliers = self._token_extremes.outliers(by_length, token_spread)
        fences = outliers.low, outliers.high
        with_texts = self._messages.samples > 0
        # Counts what is waiting, languages too
        roles = self._messages.roles(self._tokens) if with_texts else _NO_TEXTS
        kinds = {"split": self._splits, "source": self._sources, "method": self._methods}
        if self._tells_language and with_texts:
            kinds["language"] = self._messages.languages
        parts = {kind: parts_of(labels, self._tokens) for kind, labels in kinds.items()}
        groups = {
            kind: groups_of(labels, parts[kind], self._tokens, self._turns, fences) for kind, labels in kinds.items()
        }
        keywords, rarer, different = self._keywords.counted(MOST_KEYWORDS)
        groups["keyword"] = keyword_groups(self._keywords, keywords, different, fences)
        return Statistics(
            samples=len(by_length),
            total_tokens=int(by_length.sum()),
            token_exactness=token_exactness,
            tokens=token_spread,
            turns=_counts(by_turns),
            by_split=parts["split"],
            by_source=parts["source"],
            by_method=parts["method"],
            by_keyword=keywords,
            rarer_keywords=rarer,
            token_histogram=histogram(by_length),
            turn_spread=turn_spread,
            token_outliers=outliers,
            turn_outliers=self._turn_extremes.outliers(by_turns, turn_spread),
            groups=groups,
            languages=parts.get("language", _NO_LANGUAGE if with_texts else _NO_TEXTS),
            roles=roles,
            vocabulary=self._messages.vocabulary() if with_texts else _NO_TEXTS,
            duplicates=self._messages.duplicates() if with_texts else _NO_TEXTS,
            near_duplicates=near_duplicates,
            cost=cost,
            coverage=coverage,
        )


def compute_statistics(
    samples: Iterable[Sample],
    token_exactness: str,
    count_tokens: CountTokens | None = None,
    language_of: LanguageOf | None = None,
) -> Statistics:
    """The statistics of the samples, read once."""
    tally = StatisticsTally(count_tokens, language_of)
    for sample in samples:
        tally.add_sample(sample)
    return tally.statistics(token_exactness)


def _counts(ordered: NDArray[np.int32]) -> dict[int, int]:
    import numpy as np

    values, counts = np.unique(ordered, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
