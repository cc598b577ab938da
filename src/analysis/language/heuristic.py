"""A guess at the language of a text without any library: by its script, for Latin script by stopwords."""

from __future__ import annotations

import re

from src.analysis.stopwords import STOPWORDS

# By script alone a language is only named where one language stands for nearly all of it.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
KNOWN = (
    f"{', '.join(sorted(STOPWORDS))} by stopwords; {', '.join(code for code, _ in _SCRIPTS)} by script alone (so "
    "Ukrainian counts as ru, Persian as ar)"
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LEAST_STOPWORDS = 2
# Japanese texts are half Chinese characters: a few kana decide.
_LEAST_SHARE = {"ja": 0.1}


def guess_language(text: str) -> tuple[str, float] | None:
    """The code of the most likely language and how sure that is; None where nothing speaks for one."""
    letters = len(_LATIN.findall(text))
    if not text.isascii():
        counts = {code: len(script.findall(text)) for code, script in _SCRIPTS}
        total = letters + sum(counts.values())
        for code, count in counts.items():
            share = count / total if total else 0.0
            if share >= _LEAST_SHARE.get(code, 0.5):
                return code, min(0.9, share + 0.4)
    return _by_stopwords([word.casefold() for word in _WORD.findall(text)])


def _by_stopwords(words: list[str]) -> tuple[str, float] | None:
    counts = sorted(((sum(word in common for word in words), code) for code, common in STOPWORDS.items()), reverse=True)
    (best, code), (second, _) = counts[0], counts[1]
    # A third of the words of running text are stopwords; names and lists have fewer.
    if best < _LEAST_STOPWORDS or best < 0.12 * len(words) or best == second:
        return None
    return code, round(best / (best + second), 3)
