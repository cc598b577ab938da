"""Cheap checks that a generated exchange says what its passage says. They reject; they never repair."""

from __future__ import annotations

import re
import unicodedata

from src.records import Span

# Of a small model's answers: measured on 2026-11-21 with Qwen2.5-Coder, whose wrong ones it mostly catches.
LEAST_SHARED_WORDS = 0.6
LEAST_ANSWER_WORDS = 3
# Characters: anything shorter stands in every passage.
LEAST_QUOTE = 8
_WORD = re.compile(r"[^\W\d_]{4,}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ABOUT_THE_PASSAGE = re.compile(r"\b(the|this) (passage|document|text|quote|excerpt|context)\b", re.IGNORECASE)
_FOLD = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "‑": "-", "\u00a0": " "})


def rejection(question: str, answer: str, passage: str) -> str:
    """Why an exchange is not accepted, "" when it is.

    The question ends with a question mark and does not speak of "the passage". The answer is a statement of three
    words or more, and its numbers stand in the passage or the question.
    """
    if not question.rstrip().endswith("?"):
        return "question without question mark"
    if _ABOUT_THE_PASSAGE.search(question):
        return "question speaks of the passage"
    if answer.rstrip().endswith("?") or len(answer.split()) < LEAST_ANSWER_WORDS:
        return "answer is no statement"
    new_numbers = _numbers(answer) - _numbers(question)
    if not all(_stands_in(number, passage) for number in new_numbers) and not new_numbers <= _numbers(passage):
        return "number not in the passage"
    return ""


def small_model_rejection(question: str, answer: str, quote: str) -> str:
    """Further checks on what a small model writes, since it mixes sentences up; "" when they pass.

    Question and quote share a word, the answer tells something the question does not, and its numbers and most
    of the words it adds stand in the very sentence it quotes.
    """
    if not _words(question) & _words(quote):
        return "question is not about the passage"
    numbers, added = _numbers(answer) - _numbers(question), _words(answer) - _words(question)
    if not added and not numbers:
        return "answer repeats the question"
    if not numbers <= _numbers(quote):
        return "number not in the quote"
    if added and len(added & _words(quote)) / len(added) < LEAST_SHARED_WORDS:
        return "answer says more than the quote"
    return ""


def find_quote(quote: str, passage: str, threshold: float = 1.0) -> Span | None:
    """Where `quote` stands in `passage`, white space, case and kinds of quotation marks and dashes aside.

    Below 1.0, `threshold` is the share of characters that must agree with some stretch of the passage; the quote's
    numbers must stand there in any case. The span is in characters of `passage`. None when it does not stand there.
    """
    exact = quote.strip()
    at = passage.find(exact)
    if at >= 0 and len(exact) >= LEAST_QUOTE:
        return Span(at, at + len(exact.rstrip("\"'“”‘’.… ")))
    words = normalised(exact.strip("\"'“”‘’.… ")).split()
    if len("".join(words)) < LEAST_QUOTE:
        return None
    haystack = passage.translate(_FOLD)
    match = re.search(r"\s+".join(re.escape(word) for word in words), haystack, re.IGNORECASE)
    if match is not None:
        return Span(match.start(), match.end())
    return _nearest(" ".join(words), haystack, threshold) if threshold < 1.0 else None


def _nearest(quote: str, haystack: str, threshold: float) -> Span | None:
    """The stretch of `haystack` that is most like `quote`, whole words of it, when it is like enough."""
    from rapidfuzz import fuzz

    folded = haystack.lower()
    if len(folded) != len(haystack) or len(quote) > len(folded):
        return None  # a letter whose lower case is longer: the places would not fit
    found = fuzz.partial_ratio_alignment(quote, folded, score_cutoff=100 * threshold)
    if found is None:
        return None
    start, end = found.dest_start, found.dest_end
    while start > 0 and haystack[start - 1].isalnum() and haystack[start].isalnum():
        start -= 1
    while end < len(haystack) and haystack[end - 1].isalnum() and haystack[end].isalnum():
        end += 1
    return Span(start, end) if _numbers(quote) <= _numbers(haystack[start:end]) else None


def normalised(text: str) -> str:
    """A text as it is compared with others: case, white space and kinds of quotation marks aside."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLD).casefold().split())


def question_key(question: str) -> str:
    """Equal for questions that differ only in case, white space and punctuation."""
    return " ".join(re.findall(r"\w+", normalised(question)))


def _stands_in(number: str, text: str) -> bool:
    """Whether the number stands there as it is, with no figure, point or comma beside it: the usual case, and quick."""
    at = text.find(number)
    before, after = text[max(0, at - 1) : max(0, at)], text[at + len(number) : at + len(number) + 2]
    return at >= 0 and not (before.isdigit() or before in (".", ",")) and not any(c.isdigit() for c in after)


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _words(text: str) -> set[str]:
    """The longer words by their first letters, so that "return" and "returning" are one."""
    return {word[:5] for word in _WORD.findall(text.casefold())}
