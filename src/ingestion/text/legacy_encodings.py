"""Guess which legacy encoding a text is in: rules for short samples first, charset-normalizer for the rest."""

from __future__ import annotations

import re

# Letters and signs of the Western European languages in cp1252. Icelandic and the letters that Czech, Polish and
# Turkish texts turn into when they are read as cp1252 are left out on purpose.
_WESTERN = frozenset(
    "àâäáãåæçèéêëìíîïñòóôõöøùúûüœßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ€‚„…†•‘’“”–—™‹›\xa0\xad¡¢£¤§¨©ª«®°±²³´µ¶·¹º»¼½¾¿×÷"
)
_FOUR_IN_A_ROW = re.compile(r"[^\W\d_a-zA-Z]{4}")
_SIGN_IN_A_WORD = re.compile(r"[^\W\d_][‚„†•“”™‹›¡¢£¤§¨©ª«®°±²³´µ¶¹º»¼½¾¿×÷][^\W\d_]")
_KANA = re.compile("[\u3041-\u30fe]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")


def guess_codec(sample: bytes) -> str:
    """The codec that `sample`, which is neither ASCII nor UTF-8, is most likely written in."""
    if _reads_well(sample, "cp1252", _WESTERN):
        return "cp1252"
    if _reads_well(sample, "cp1254", _WESTERN | frozenset("ğışĞİŞ")):
        return "cp1254"
    return _japanese(sample) or _statistical(sample)


def _reads_well(sample: bytes, codec: str, expected: frozenset[str]) -> bool:
    """Whether accented letters are expected ones, a minority, never four in a row, and signs stand between words."""
    text = sample.decode(codec, "replace")
    beyond = [char for char in text if char > "\x7f"]
    letters = sum(map(str.isalpha, text))
    accented = sum(map(str.isalpha, beyond))
    strange = sum(char not in expected for char in beyond)
    return (
        strange <= 0.01 * len(beyond)
        and accented <= 0.3 * letters
        and not _FOUR_IN_A_ROW.search(text)
        and len(_SIGN_IN_A_WORD.findall(text)) <= 0.01 * len(beyond)
    )


def _japanese(sample: bytes) -> str:
    """Shift-JIS or EUC-JP when kana, which every Japanese text has, make up a good part of it."""
    for codec in ("cp932", "euc_jp"):
        text = sample.decode(codec, "replace")
        if text.count("\ufffd") > 0.01 * len(text):
            continue
        beyond = sum(char > "\x7f" for char in text)
        if len(_KANA.findall(text)) > 0.2 * beyond and len(_HALF_KANA.findall(text)) < 0.1 * beyond:
            return codec
    return ""


def _statistical(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"
