"""Signs that somebody speaks of killing or hurting themselves. They call for a person to look; they are no diagnosis.

What counts is speaking of oneself, or telling how it is done. Medicine ("suicide risk",
    "self-harm prevention"), figures
of speech ("dying to know", "this kills me") and fiction in the third person do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

CrisisKind = Literal["speaks of suicide", "speaks of self-harm", "asks for or tells a method"]

_I = (
    r"\bI(?: am|'m| have|'ve| will|'ll|'d| would| was| just| really| only| often| sometimes| keep| still| do| don't"
    r"| do not| can| can't)*"
)
_OWN_LIFE = (
    r"(?:kill myself|end (?:my (?:own )?life|it all)|take my (?:own )?life|hang myself|shoot myself|commit suicide"
    r"|unalive myself)"
)
_NEEDLES = ("myself", "suicid", "my life", "my own life", "to die", "be dead", "to live", "be alive", "i was dead",
    "i were dead", "never born", "not alive", "wake up", "end it all", "yourself", "overdose",
            "umbringen", "mehr leben", "sterben", "matarme", "mourir", "quitarme", "morir", "uccidermi",
            "better off without me")  # fmt: skip
_SOURCES: tuple[tuple[CrisisKind, str], ...] = (
    (
        "asks for or tells a method",
        r"\b(?:how (?:do|can|could|should|to)|(?:best|easiest|painless|quickest"
        r"|least painful) way(?:s)?(?: for me)? to|ways to) (?:I |one |you |"
        r"someone )?(?:kill (?:myself|yourself|oneself)|commit suicide|end (?:my|your|one's)(?: own)? life"
        r"|hang (?:myself|yourself)|overdose(?!-)|cut (?:myself|yourself)|hurt myself|die painlessly)",
    ),
    (
        "speaks of suicide",
        rf"{_I} (?:\w+ ){{0,4}}?(?:{_OWN_LIFE}|to die(?! (?:for|of (?:laughter|hunger|thirst|embarrassment)"
        rf"|laughing|to))\b)|{_I} (?:\w+ ){{0,3}}?(?:suicidal\b|thinking (?:about|of) suicide"
        rf"|thoughts? of suicide)|{_I} (?:\w+ ){{0,3}}?(?:wish(?:ed)? I (?:was|were) (?:dead|never born"
        rf"|not alive)|rather be dead|don't want to (?:live|be alive"
        r"|wake up)|do not want to (?:live|be alive|wake up)|no reason to (?:live|go on))\b"
        rf"|\b(?:thinking (?:about|of)|want to|going to|about to|tried to|planning to|thought about) {_OWN_LIFE}\b"
        r"|\b(?:everyone|they|you)(?:'d| would|'ll| will)? (?:all )?be better off without me\b"
        r"|\bmy (?:suicide note|suicide plan)\b"
        r"|\bmich (?:selbst )?umbringen\b|\bich will nicht mehr leben\b|\bich möchte sterben\b"
        r"|\bquiero (?:morir|matarme|quitarme la vida)\b"
        r"|\bje veux (?:mourir|me tuer|me suicider)\b|\bvoglio (?:morire|uccidermi|farla finita)\b"
        r"|\bquero (?:morrer|me matar)\b",
    ),
    (
        "speaks of self-harm",
        rf"{_I} (?:\w+ ){{0,4}}?(?:cut|cutting|hurt|hurting|harm|harming|burn|burning|starve"
        rf"|starving) myself (?:on purpose|again|to feel|because|every|when|so)\b|\b(?:urge|want|need) to (?:cut"
        rf"|hurt|harm|burn) myself\b|{_I} self[- ]harm(?:ing|ed)?\b"
        r"|\bich ritze mich\b|\bme corto\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SOURCES)


@dataclass(frozen=True, slots=True)
class CrisisSign:
    """What is spoken of at the characters [start, end)."""

    kind: CrisisKind
    start: int
    end: int


def find_crisis(text: str) -> list[CrisisSign]:
    """The first sign of each kind."""
    plain = text.replace("’", "'")
    lower = plain.lower()
    if not any(map(lower.__contains__, _NEEDLES)) and "self-harm" not in lower and "self harm" not in lower:
        return []
    found = [(kind, pattern.search(plain)) for kind, pattern in _PATTERNS]
    return [CrisisSign(kind, match.start(), match.end()) for kind, match in found if match is not None]
