"""Text that gives orders to a language model, or hides from people: what a hostile document brings along.

The signs are those of OWASP LLM01 and of facts section 2: orders, also scrambled and encoded; faked turns and broken
fences; characters nobody sees; links that carry data away. A sign is no proof: a text about such attacks has them, too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SignKind = Literal["order", "faked turn", "hidden characters", "scrambled order", "encoded order", "data link"]

_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|former|existing|original|initial|other)"
_RULES = r"(?:instructions?|prompts?|directions?|rules|guidelines|commands?|constraints|programming)"
_VERB = r"(?:ignore|disregard|forget|overlook|override|bypass|discard|neglect)"
_AI = r"(?:AI|LLM|language model|assistant|chatbot|summari[sz]er)"
# What is ordered, each with words of which one stands in every such order, in lower case: a quick look at those first.
_ORDERS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (needles, re.compile(pattern, re.IGNORECASE))
    for needles, pattern in (
        (
            ("ignor", "disregard", "forget", "overlook", "overrid", "bypass", "discard", "neglect"),
            rf"\b{_VERB} (?:\w+ ){{0,4}}?{_EARLIER}(?: \w+){{0,2}}? {_RULES}"
            rf"|\b{_VERB} (?:all |any |of |the |your |my ){{0,4}}(?:{_RULES} (?:above|before|given|so far"
            rf"|you (?:were|have"
            r" been) given)|system (?:prompt|message)|safety (?:rules|guidelines)|everything (?:above|before"
            r"|you (?:were|have"
            r" been) told))"
            r"|\bignorier(?:e|en sie)? (?:\w+ ){0,3}?(?:vorherigen|bisherigen|obigen|früheren"
            r"|alle) (?:\w+ )?(?:anweisungen|instruktionen|regeln|befehle)"
            r"|\bignor(?:a|e|ez|er|ar|i|are) (?:\w+ ){0,4}?(?:instrucciones|instructions|instruções|istruzioni) "
            r"(?:anteriores|previas|précédentes|antérieures|ci-dessus|precedenti)",
        ),
        (
            ("prompt", "instruction", "rules", "guidelines", "directive"),
            rf"\b(?:do not|don't) follow (?:the |your |any ){{0,2}}(?:{_EARLIER} )?{_RULES}\b"
            r"|\b(?:reveal|print|show|repeat|output|display|leak|tell me|recite|give me) (?:\w+ ){0,3}?"
            r"(?:system prompt|hidden prompt|initial (?:prompt|instructions)|your (?:instructions|prompt)\b)"
            r"|\b(?:new|updated|real|actual|secret|hidden|important) (?:system )?(?:instructions?|prompt|directive)s? ?"
            rf"(?:for (?:the )?{_AI})?:",
        ),
        (
            ("you are n", " mode"),
            r"\byou are (?:now|no longer) (?:\w+ ){0,3}?(?:DAN\b|jailbroken|unrestricted|in (?:developer|debug|god"
            r"|admin) mode|an? (?:AI|assistant|language model|unfiltered)|bound by|a different)"
            r"|\b(?:enter|enable|activate|switch to) (?:developer|debug|god|jailbreak|DAN|admin|unrestricted) mode\b",
        ),
        (
            ("ai,", "ai:", "ais", "llm", "model", "assistant", "chatbot", "summari"),
            rf"\b(?:as an?|dear|attention|note to|message (?:to|for)) (?:the )?{_AI}s?[,:] ?(?:you|please|ignore|always"
            r"|do not|when|answer|reply|the|output|include|say)",
        ),
        (
            ("only with", "always with", "exclusively with", "the user", "pretend", "act as"),
            r"\b(?:respond|reply|answer) (?:only |exclusively |always ){1,2}with (?:the )?(?:word|phrase|text"
            r"|string|\")"
            r"|\b(?:do not|don't|never) (?:tell|inform|mention (?:this|it) to|reveal (?:this|it) to|alert"
            r"|let) the user\b"
            r"|\b(?:pretend|act as (?:if|though)) (?:that )?you (?:are|have|were) (?:not |no )?(?:an? )?(?:bound"
            r"|restricted|limited|no (?:rules|limits|restrictions)|(?:rules|limits|restrictions)|unfiltered|evil"
            r"|free from)",
        ),
        (
            ("vergiss", "missachte", "忽略", "無視", "игнорируй"),
            r"\b(?:vergiss|missachte) (?:\w+ ){0,2}?(?:vorherigen|bisherigen|obigen) (?:anweisungen|instruktionen"
            r"|regeln)|忽略(?:之前|以上|前面|先前)(?:的)?(?:所有)?(?:指令|指示|说明)|(?:以前|上記|これまで)の(?:指示|命令)を(?:すべて)?無視"
            r"|игнорируй(?:те)? (?:все )?(?:предыдущие|прежние) (?:инструкции|указания)",
        ),
    )
)
_TURNS = re.compile(
    r"<\|(?:im_start|im_end|system|assistant|user|eot_id|start_header_id|end_header_id|endoftext)\|>|\[/?INST\]"
    r"|<</?SYS>>"
    r"|</s>\s*<s>|<(?:start|end)_of_turn>|</?(?:system|assistant)(?:_prompt|_message)?>"
    r"|[\"']role[\"']\s*:\s*[\"'](?:system|developer)[\"']|^\s{0,3}(?:#{1,3}\s*|\[|\*\*)?(?:system|system (?:prompt"
    r"|message|override)|assistant instructions?|developer)(?:\]|\*\*)?\s*:\s*\S"
    r"|(?:```|~~~|-{4,}|={4,}|\*{4,}|</?(?:data|document|passage|text"
    r"|context)>)\s*(?:end of (?:\w+ ){0,2}(?:document|passage|text|data|context)"
    r"|new (?:task|instructions?)|begin (?:new )?instructions?)",
    re.IGNORECASE | re.MULTILINE,
)
# Tags (invisible copies of ASCII), directions turned round, and zero-width runs that are long enough to hold a message.
_UNSEEN = re.compile(
    r"[\U000e0000-\U000e007f]+|[\u202a\u202b\u202d\u202e\u2066-\u2068]|[\u200b-\u200d\u2060\ufeff]{4,}"
)
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{2,8}\U000e007f")
_LINK = re.compile(
    r"!\[[^\]\n]{0,80}\]\(https?://[^)\s]{1,200}[?&=/](?:data|q|secret|prompt|conversation|chat|payload|d"
    r"|exfil)=?[^)\s]{0,100}[{\[<]"
    r"|\b(?:send|post|upload|exfiltrate|forward|transmit|email) (?:\w+ ){0,6}?(?:conversation|chat history"
    r"|api keys?|passwords?|credentials|user(?:'s)? data|secrets|contents? of (?:this"
    r"|the)) (?:\w+ ){0,4}?to (?:https?://|\S+@)",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,4000}={0,2}")
_WORD = re.compile(r"[A-Za-z]{4,20}")
_LETTER_BY_LETTER = re.compile(r"\b(?:[A-Za-z][ .\-_]){12,200}[A-Za-z]\b")
_SCRAMBLED = {
    (word[0], word[-1], "".join(sorted(word[1:-1]))): word
    for word in ("ignore", "disregard", "forget", "override", "bypass", "reveal", "previous", "prior", "earlier",
                 "instructions", "instruction", "prompt", "guidelines", "rules", "system", "safety")
}  # fmt: skip
# By first letter, length and last letter.
_LIKE_A_VERB = re.compile(r"\b(?:i[a-z]{4}e|d[a-z]{7}d|f[a-z]{4}t|o[a-z]{6}e|b[a-z]{4}s|r[a-z]{4}l)\b", re.IGNORECASE)
_VERBS = frozenset({"ignore", "disregard", "forget", "override", "bypass", "reveal"})
_OBJECTS = frozenset({"instructions", "instruction", "prompt", "guidelines", "rules"})
_NEAR = 6


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of an attack at the characters [start, end), and how sure it is that it is meant as one."""

    kind: SignKind
    start: int
    end: int
    confidence: float


def find_injection(text: str) -> list[Sign]:
    """The first sign of each kind, by place."""
    found = [sign for signs in (_orders(text), _turns(text), _unseen(text), _links(text)) for sign in signs]
    if not any(sign.kind == "order" for sign in found):
        found += [*_scrambled(text), *_encoded(text)]
    return sorted(found, key=lambda sign: sign.start)


def _orders(text: str) -> Iterator[Sign]:
    plain = _without_unseen(text)
    lower = plain.lower()
    for needles, pattern in _ORDERS:
        match = pattern.search(plain) if any(map(lower.__contains__, needles)) else None
        if match is not None:
            yield Sign("order", match.start(), match.end(), 0.8)
            return


def _without_unseen(text: str) -> str:
    """The text with unseen characters taken out, so that they cannot break up words; places shift by a few then."""
    return text if text.isascii() else re.sub(r"[\u200b-\u200d\u2060\ufeff\u00ad]", "", text).replace("’", "'")


def _turns(text: str) -> Iterator[Sign]:
    match = _TURNS.search(text)
    if match is not None:
        yield Sign("faked turn", match.start(), match.end(), 0.6)


def _unseen(text: str) -> Iterator[Sign]:
    if text.isascii():
        return
    match = _UNSEEN.search(_FLAG.sub(lambda flag: " " * len(flag.group()), text))
    if match is not None:
        yield Sign("hidden characters", match.start(), match.end(), 0.9 if ord(text[match.start()]) > 0xFFFF else 0.5)


def _links(text: str) -> Iterator[Sign]:
    match = _LINK.search(text) if "://" in text or "@" in text else None
    if match is not None:
        yield Sign("data link", match.start(), match.end(), 0.7)


def _scrambled(text: str) -> Iterator[Sign]:
    """Orders whose words have their inner letters mixed up ("ignroe prevoius insturctions") or stand letter by "
    "letter."""
    near: list[tuple[int, re.Match[str], str]] = []
    worth_it = any(_key(word.lower()) in _SCRAMBLED for word in _LIKE_A_VERB.findall(text))
    for at, match in enumerate(_WORD.finditer(text) if worth_it else ()):
        word = _SCRAMBLED.get(_key(match.group().lower()))
        if word is None:
            continue
        near = [verb for verb in near if at - verb[0] <= _NEAR]
        for _, verb, meant in near if word in _OBJECTS else ():
            if verb.group().lower() != meant or match.group().lower() != word:
                yield Sign("scrambled order", verb.start(), match.end(), 0.8)
                return
        if word in _VERBS:
            near.append((at, match, word))
    match_spaced = _LETTER_BY_LETTER.search(text)
    if match_spaced is not None:
        joined = re.sub(r"[^a-z]", "", match_spaced.group().lower())
        if any(verb in joined for verb in _VERBS) and any(word in joined for word in _OBJECTS):
            yield Sign("scrambled order", match_spaced.start(), match_spaced.end(), 0.9)


def _key(word: str) -> tuple[str, str, str]:
    return word[0], word[-1], "".join(sorted(word[1:-1]))


def _encoded(text: str) -> Iterator[Sign]:
    for match in _BASE64.finditer(text):
        piece = match.group().rstrip("=")
        try:
            inner = base64.b64decode(piece + "=" * (-len(piece) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if any(True for _ in _orders(inner)):
            yield Sign("encoded order", match.start(), match.end(), 0.95)
            return
