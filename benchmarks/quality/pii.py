"""How well personal data and keys are found and taken out, beside the bars."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.pii_scoring import Score, Text, score
from benchmarks.quality.pii_texts import labelled_texts
from benchmarks.quality.pii_third_party import NOT_JUDGED, WHERE_FROM, third_party_texts
from benchmarks.quality.pii_traps import clean_texts
from src.analysis.pii import PIIFinding, find_pii, names_model, phone_library, redact, redact_text

TEXTS = 1500
SPEED = 100_000  # characters a second
CLEAN = 0.01
# kind -> (precision, recall), from issue 8
BARS: dict[str, tuple[float, float]] = {
    "EMAIL": (0.99, 0.99),
    "PHONE": (0.90, 0.85),
    "CARD": (0.99, 0.95),
    "SSN": (0.99, 0.99),
    "IBAN": (0.99, 0.99),
    "IP": (0.99, 0.99),
    "API_KEY": (0.99, 0.98),
    "NAME": (0.70, 0.40),
    "ADDRESS": (0.85, 0.50),
    "NATIONAL_ID": (0.99, 0.95),
}
NAME_WITH_MODEL = (0.75, 0.70)
# The prototype's figures in shared/facts, section 4: on its own set (S2), on presidio-research's (S1)
_FACTS = {
    "EMAIL": "1/1  1/1",
    "PHONE": ".91/1  .92/.86",
    "CARD": ".99/1  1/.83",
    "SSN": "1/1  1/1",
    "IBAN": "1/1  1/.95",
    "IP": "1/1  1/1",
    "API_KEY": "1/1  -",
    "NAME": ".64/.89  .75/.41",
    "ADDRESS": "1/.57  .92/.14",
    "NATIONAL_ID": "-  -",
}
_FACTS_MODEL = ".62/.91  .79/.58"
_ROW = "  {:<12} {:>9} {:>9} {:>7} {:>7} {:>7}   {:<14} {:<18} {}"


@dataclass
class Bench:
    seed: int
    verbose: bool
    missed: int = 0

    def run(self, third_party: Path) -> bool:
        """Print every table; whether every bar is met."""
        print("Personal data and keys (hit: same kind and half of both covered; an address: any part)")
        own = [*labelled_texts(self.seed, TEXTS), *clean_texts(self.seed, TEXTS)]
        others = third_party_texts(third_party)
        self._sets(own, others)
        self._without_phone_library(own, others)
        self._speed(own)
        self._redaction(own, others or [])
        return not self.missed

    def _sets(self, own: list[Text], others: list[Text] | None) -> None:
        self._table(f"generated, seed {self.seed}, {len(own)} texts, rules", score(own, find_pii), dict(BARS))
        if others is None:
            print(f"\n  presidio-research: not here ({WHERE_FROM} as build/synth_dataset_v2.json)")
        else:
            self._table(
                f"presidio-research, {len(others)} texts, rules", score(others, find_pii, NOT_JUDGED), dict(BARS)
            )
        if names_model() is None:
            print("\n  names by language model: not here (pip install -r requirements-qa-nlp.txt)")
            return
        bars = {"NAME": NAME_WITH_MODEL}
        self._table("generated, rules and language model", score(own, _with_model), bars)
        if others is not None:
            self._table("presidio-research, rules and language model", score(others, _with_model, NOT_JUDGED), bars)

    def _table(self, title: str, result: Score, bars: dict[str, tuple[float, float]]) -> None:
        print(
            f"\n  {title}\n"
            + _ROW.format("kind", "precision", "recall", "right", "wrong", "missed", "bar P/R", "facts S2  S1", "")
        )
        for kind, bar in bars.items():
            precision, recall = result.precision(kind), result.recall(kind)
            if recall is None:
                continue
            facts = _FACTS_MODEL if bar == NAME_WITH_MODEL else _FACTS.get(kind, "")
            verdict = self._judged(precision is not None and precision >= bar[0] and recall >= bar[1])
            figures = (
                f"{precision or 0:.3f}",
                f"{recall:.3f}",
                result.right[kind],
                result.wrong[kind],
                result.missed[kind],
            )
            print(_ROW.format(kind, *figures, f"{bar[0]:.2f}/{bar[1]:.2f}", facts, verdict))
        share = result.clean_flagged / max(1, result.clean)
        print(
            f"  clean texts flagged: {result.clean_flagged} of {result.clean} ({share:.2%}), bar {CLEAN:.0%}  "
            f"{self._judged(share <= CLEAN)}"
        )
        if self.verbose:
            for how, kind, value, text in result.examples[:200]:
                print(f"    {how} {kind}: {value!r} in {text[:120]!r}")

    def _without_phone_library(self, own: list[Text], others: list[Text] | None) -> None:
        """Both figures for telephone numbers: with phonenumbers and by rules alone."""
        if phone_library() is None:
            print(
                "\n  phonenumbers: not here, so the figures above are those of the rules alone (pip install -r "
                "requirements-qa.txt)"
            )
            return
        print("\n  PHONE without phonenumbers")
        with _hidden_library():
            for name, texts in (("generated", own), ("presidio-research", others)):
                result = score(texts, _phones, NOT_JUDGED) if texts else None
                if result is not None:
                    print(
                        f"    {name}: precision {result.precision('PHONE') or 0:.3f}, recall "
                        f"{result.recall('PHONE') or 0:.3f}"
                    )

    def _speed(self, own: list[Text]) -> None:
        joined = ["\n\n".join(one.text for one in own[start : start + 25]) for start in range(0, len(own), 25)]
        for name, texts in (("one at a time", [one.text for one in own]), ("chats of 25 texts", joined)):
            begun = time.process_time()
            for text in texts:
                find_pii(text)
            rate = sum(map(len, texts)) / (time.process_time() - begun)
            print(
                (
                    f"\n  speed, {name}: {rate:,.0f} characters a CPU second, bar {SPEED:,}  "
                    f"{self._judged(rate >= SPEED)}"
                ),
                end="",
            )
        print()

    def _redaction(self, own: list[Text], others: list[Text]) -> None:
        for policy in ("mask", "replace"):
            once = again = 0
            for one in (*own[:TEXTS], *others):
                once += len(find_pii(redact(one.text, find_pii(one.text), policy, self.seed).text))
                again += len(find_pii(redact_text(one.text, policy, self.seed).text))
            print(
                f"  redaction by {policy}: found again after one pass {once}, after redact_text {again}, bar 0  "
                f"{self._judged(again == 0)}"
            )

    def _judged(self, met: bool) -> str:
        self.missed += not met
        return "ok" if met else "MISSED"


def _with_model(text: str) -> list[PIIFinding]:
    return find_pii(text, use_nlp=True)


def _phones(text: str) -> list[PIIFinding]:
    return find_pii(text, kinds=("PHONE",))


@contextmanager
def _hidden_library() -> Iterator[None]:
    """As if phonenumbers were not installed."""
    hidden = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "phonenumbers"}
    forget: Callable[[], None] = phone_library.cache_clear
    sys.modules["phonenumbers"] = None  # type: ignore[assignment]
    forget()
    try:
        yield
    finally:
        sys.modules.update(hidden)
        forget()
