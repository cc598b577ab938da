"""Redact a text: replace what was found, by a policy for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from src.analysis.pii.finder import find_pii
from src.analysis.pii.findings import KINDS, Kind, PIIFinding
from src.analysis.pii.redaction.fakes import fake_for
from src.analysis.pii.redaction.json_text import json_strings, widened_to_number
from src.analysis.pii.redaction.policies import Policy, policies
from src.analysis.pii.scan import LOCALES

_ROUNDS = 4


@dataclass(frozen=True)
class Moved:
    """`text[start:end]` of the given text became `text[new_start:new_end]` of the redacted one."""

    kind: Kind
    start: int
    end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class Redacted:
    """`replaced` counts by kind; `drop` says that a kind whose policy is "drop" was found, so the sample should go."""

    text: str
    replaced: dict[Kind, int] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    drop: bool = False


def redact(text: str, findings: Iterable[PIIFinding], policy: Policy | Mapping[str, str], seed: int = 0) -> Redacted:
    """`text` with every finding masked or replaced as `policy` says for its kind; "report" leaves it.

    Findings may overlap: what they cover together is replaced once, as the kind that is replaced and widest. JSON stays
    JSON: a number outside quotes gets quotes around what stands for it.
    """
    chosen = policies(policy)
    findings = list(findings)
    drop = any(chosen[finding.kind] == "drop" for finding in findings)
    strings = json_strings(text)
    pieces, moved, place, length = [], [], 0, 0
    for one in _covered([finding for finding in findings if chosen[finding.kind] in ("mask", "replace")]):
        start, end = (one.start, one.end) if strings is None else widened_to_number(text, one.start, one.end, strings)
        new = f"[{one.kind}]" if chosen[one.kind] == "mask" else fake_for(one.kind, text[start:end], seed)
        new = f'"{new}"' if (start, end) != (one.start, one.end) or _bare(one, strings) else new
        length += max(0, start - place)
        pieces += [text[place:start], new]
        moved.append(Moved(one.kind, start, end, length, length + len(new)))
        place, length = end, length + len(new)
    return Redacted("".join([*pieces, text[place:]]), dict(Counter(one.kind for one in moved)), tuple(moved), drop)


def redact_text(
    text: str,
    policy: Policy | Mapping[str, str],
    seed: int = 0,
    *,
    locales: Iterable[str] = LOCALES,
    use_nlp: bool = False,
) -> Redacted:
    """Find and redact until a search finds nothing more of the kinds that are masked or replaced.

    A second search can find what the first did not: a neighbour that no longer overlaps, or a name that the language
    model sees only now. What the third search still finds is masked, whatever the policy says. `moved` and `replaced`
    tell of the first pass and count the later ones.
    """
    chosen: dict[str, str] = dict(policies(policy).items())
    wanted = [kind for kind in KINDS if chosen[kind] in ("mask", "replace")]
    result = redact(text, find_pii(text, locales=locales, use_nlp=use_nlp), chosen, seed)
    for turn in range(_ROUNDS if wanted else 0):
        left = find_pii(result.text, locales=locales, use_nlp=use_nlp, kinds=wanted)
        if not left:
            break
        again = redact(result.text, left, dict.fromkeys(wanted, "mask") if turn else chosen, seed)
        counts = Counter(result.replaced) + Counter(again.replaced)
        result = replace(result, text=again.text, replaced=dict(counts))
    return result


def _covered(findings: list[PIIFinding]) -> list[PIIFinding]:
    """Findings that overlap become one: together as wide as all, of the widest one's kind."""
    merged: list[PIIFinding] = []
    widest = 0
    for one in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if merged and one.start < merged[-1].end:
            last = merged[-1]
            kind = one.kind if one.end - one.start > widest else last.kind
            widest = max(widest, one.end - one.start)
            merged[-1] = replace(last, kind=kind, end=max(last.end, one.end))
        else:
            merged.append(one)
            widest = one.end - one.start
    return merged


def _bare(one: PIIFinding, strings: list[tuple[int, int]] | None) -> bool:
    return strings is not None and not any(start <= one.start and one.end <= end for start, end in strings)
