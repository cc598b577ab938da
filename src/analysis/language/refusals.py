"""Answers that refuse, and phrases of chat models that teach nothing.

Patterns look at the first 240 characters of an answer. Measured on XSTest v2 (P. Röttger and others, NAACL 2024; 2,250
replies of five models with human labels, full refusals against the rest); the figures stand in ACCURACY.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ACCURACY = "full refusals in XSTest: precision .85, recall .86, F1 .86 on replies of two models not looked at before"
_START = 240

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})
_CANNOT = (
    r"(?:can'?t|cannot|can not|could not|won'?t|will not|am (?:not able|unable)|'m (?:not able|unable)|must decline)"
)
_ACT = (
    r"(?:provid|assist|help|support|fulfil|answer|comply|encourag|promot|suggest|endors|offer|giv|generat|creat|writ"
    r"|engag|discuss|recommend|condon|participat|shar|do that|do this|complet|tell|advis|satisf|facilitat|respond"
    r"|give|process|continue with)"
)
_WRONG = r"(?:appropriate|ethical|acceptable|respectful|right|okay|ok|fair|moral(?:ly)?|productive|healthy)"
# Anywhere in the beginning of an answer: what only someone says who will not answer.
_ANYWHERE = re.compile(
    rf"\bI ?{_CANNOT} (?:to )?(?:\w+ ){{0,2}}?{_ACT}"
    rf"|\bI(?: am|'m) (?:just|only)? ?an? (?:AI|language model|chatbot)\b[^.]{{0,80}}\b(?:not|n't|cannot)\b"
    rf"|\bnot (?:with)?in my (?:programming|guidelines)|\bagainst (?:my|our) (?:programming|guidelines|polic"
    rf"|principles)"
    rf"|\bI (?:do not|don't) (?:have (?:access to|enough context|the ability)|feel comfortable)"
    rf"|\bI (?:do not|don't|cannot|can't) (?:support|condone|endorse|promote|encourage)\b"
    rf"|\bI strongly (?:disagree|condemn|advise against|discourage)\b"
    rf"|\bI (?:do not|don't) (?:think|believe) (?:it is|it's|that it is|that it's) (?:\w+ )?{_WRONG}"
    rf"|\bnot sure (?:that )?it(?:'s| is) {_WRONG}",
    re.IGNORECASE,
)
# As the first words only: inside an answer they may be part of one.
_FIRST = re.compile(
    rf"(?:(?:i am|i'm)? ?(?:so |very |really |truly )?sorry\b[^.!]{{0,60}}\b(?:can'?t|cannot|unable|not able"
    rf"|not possible|don't have)|i (?:apologi[sz]e)\b[^.]{{0,60}}\b(?:can'?t|cannot|unable|not able|not {_WRONG})"
    rf"|(?:no, )?(?:first, |firstly, )?(?:i must (?:clarify|emphasize|inform you|point out)[^.]{{0,20}}that )?"
    rf"it(?:'s| is) (?:not|never|highly|morally|both|deeply)+ (?:\w+,? )?(?:and |or )?"
    rf"(?:{_WRONG}|illegal|unethical|inappropriate|unacceptable|wrong|accurate or {_WRONG}|a good idea|best for)\b"
    rf"|i (?:do not|don't) (?:think|believe) [^.]{{0,60}}\b(?:{_WRONG}|should(?: not|n't)? be)\b"
    rf"|i (?:do not|don't) believe in\b|as an? (?:\w+ )?(?:ai|language model)\b[^.]{{0,80}}\b(?:can'?t|cannot|unable"
    rf"|don't have access|not able|do not"
    rf" have access|not designed|not programmed)|(?:diese frage|dabei) kann ich (?:dir |ihnen )?(?:leider )?nicht"
    rf"|es tut mir leid, (?:aber )?[^.]{{0,40}}nicht|(?:lo siento|lamento), (?:pero )?no puedo"
    rf"|je suis désolée?,? (?:mais )?je ne (?:peux|suis)|désolée?, (?:mais )?je ne"
    rf"|mi dispiace,? (?:ma )?non posso|(?:desculpe|sinto muito),? (?:mas )?não posso)",
    re.IGNORECASE,
)
_NOT_KNOWN = re.compile(
    r"\b(?:the|this) (?:given |provided )?(?:passage|document|text|context|excerpt)"
    r" (?:does not|doesn't|do not) (?:\w+ )?(?:say|state|mention|contain|provide|specify|give|include)"
    r"|\bI (?:do not|don't) have (?:enough|sufficient|any) information\b",
    re.IGNORECASE,
)
# One of these stands in every stock phrase: a quick look, in lower case.
_BOILERPLATE_WORDS = (
    " ai", "artificial intel", "language model", "chatbot", "virtual assist", "openai", "anthropic", "google",
    "meta", "mistral",
    "my training", "my knowledge", "my last", "cutoff", "cut-off", "i hope th", "let me know", "feel free",
    "anything else",
    "happy to", "great question", "based on the", "according to the", "sure", "certainly", "of course", "absolutely",
)  # fmt: skip
_BOILERPLATE = re.compile(
    r"\bas an? (?:\w+ ){0,2}?(?:AI|artificial intelligence|language model|chatbot)\b"
    r"|\bI(?: am|'m) (?:just |only )?an? (?:AI|large language model|language model|chatbot|virtual assistant)\b"
    r"|\b(?:developed|trained|created) by (?:OpenAI|Anthropic|Google|Meta|Mistral)\b"
    r"|\bmy (?:training data|knowledge cut-?off|last (?:knowledge )?update)\b|\bknowledge cut-?off\b"
    r"|\bI hope (?:this|that) (?:helps|answers your)\b|\blet me know if you (?:have any|need any|would like)\b"
    r"|\bfeel free to (?:ask|reach out)\b|\bis there anything else I can\b"
    r"|\bI(?: am|'d be|'m) happy to (?:help|assist)\b|\bgreat question\b"
    r"|\bbased on the (?:provided|given) (?:passage|text|context|document|information)\b"
    r"|\baccording to the (?:provided|given) (?:passage|text|context|document|information)\b"
    r"|^(?:sure|certainly|of course|absolutely)[!,.] (?:here|I|let)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase found: a refusal, "the text does not say", or boilerplate; [start, end) are characters."""

    kind: Literal["refusal", "not known", "boilerplate"]
    start: int
    end: int


def find_refusal(answer: str) -> Phrase | None:
    """Where an answer refuses or says that it does not know; None where it does neither in its first 240 characters."""
    beginning = answer[:_START].translate(_APOSTROPHES)
    skipped = len(beginning) - len(beginning.lstrip())
    match = _FIRST.match(beginning, skipped) or _ANYWHERE.search(beginning)
    if match is not None:
        return Phrase("refusal", match.start(), match.end())
    match = _NOT_KNOWN.search(beginning)
    return Phrase("not known", match.start(), match.end()) if match else None


def find_boilerplate(answer: str) -> Phrase | None:
    """The first stock phrase of chat models in the beginning or at the end of an answer."""
    before = max(_START, len(answer) - _START)
    for start, text in ((0, answer[:_START]), (before, answer[before:])):
        plain = text.translate(_APOSTROPHES)
        lower = plain.lower()
        if any(map(lower.__contains__, _BOILERPLATE_WORDS)):
            match = _BOILERPLATE.search(plain)
            if match is not None:
                return Phrase("boilerplate", start + match.start(), start + match.end())
    return None
