"""What asks: lines that end with a question mark or begin as questions do, and titles of FAQ pages."""

from __future__ import annotations

import re

_ENDS = re.compile(r"[?？؟]['\"”’»)\]*_]{0,4}[ \t]*#{0,6}[ \t]*\Z")
_BEGINS = re.compile(
    r"(?:how|what|why|when|where|who|whom|whose|which|can|could|do|does|did|is|are|was|were|will|would|should|may|must|has|have"
    r"|wie|was|warum|wann|wo|wer|wen|wem|welche[rsn]?|wieso|woher|wohin|kann|darf|muss|gibt|ist|sind|soll"
    r"|comment|que|quoi|pourquoi|quand|où|qui|quels?|quelles?|combien|est-ce|puis-je|peut-on|faut-il"
    r"|cómo|qué|por qué|cuándo|dónde|quién|cuál|cuánto|puedo|come|cosa|perché|quando|dove|chi|quale|quanto|posso"
    r"|como|por que|onde|quem|qual|hoe|wat|waarom|wanneer|waar|wie|welke|jak|co|dlaczego|kiedy|gdzie|kto"
    r"|как|что|почему|когда|где|кто|какой|сколько|можно ли)\b",
    re.IGNORECASE,
)  # fmt: skip
_END = 16  # characters at the end of a text that are looked at
_ENTRY = re.compile(r"[ \t]*\d{1,3}(?:\.\d{1,3})+\.?[ \t\u00a0]+\S|[^\n]{1,200}(?:\.[ .]{3,}|\t)[ \t]*\d{1,4}[ \t]*\Z")
_FAQ = re.compile(
    r"\bfaqs?\b|frequently asked|common(?:ly asked)? questions|questions (?:and|&) answers"
    r"|\bq ?(?:&|and) ?a\b|häufige? (?:gestellte )?fragen"
    r"|häufig gestellte fragen|fragen und antworten|foire aux questions"
    r"|questions fréquentes|preguntas frecuentes|preguntas y respuestas"
    r"|domande frequenti|perguntas frequentes|veelgestelde vragen|najczęściej zadawane"
    r"|часто задаваемые|вопросы и ответы|常见问题|常見問題"
    r"|よくある質問|자주 묻는 질문",
    re.IGNORECASE,
)  # fmt: skip


def is_question(text: str) -> bool:
    """Whether a line ends with a question mark, quotes and emphasis aside."""
    return _ENDS.search(text.rstrip()[-_END:]) is not None


def begins_like_question(text: str) -> bool:
    """Whether a question word or a verb comes first; in scripts without either at that place, always."""
    stripped = text.lstrip(" \t*_¿\"'“«")
    return _BEGINS.match(stripped) is not None or (bool(stripped) and ord(stripped[0]) > 0x0500)


def is_faq_title(text: str) -> bool:
    return len(text) <= 120 and _FAQ.search(text) is not None


def is_contents(text: str) -> bool:
    """Whether every line is an entry of a table of contents: a number first or a page number last."""
    lines = [line for line in text.split("\n") if line.strip()]
    return all(_ENTRY.match(line) is not None and not line.rstrip().endswith(".") for line in lines)
