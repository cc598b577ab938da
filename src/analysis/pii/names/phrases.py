"""Turns of phrase that introduce a person, and what only people do."""

from __future__ import annotations

import re

# What stands right before a name; by language
_INTRODUCES = (
    r"my (?:full |real |first |last |legal )?name(?: is|'s|:)|name is|names? (?:on|in) .{0,24}(?:is|:)"
    r"|called me|call me|calls me|known as"
    r"|this is|i am|i'm|im|named|signed(?: by)?|sincerely|regards|best wishes|cheers|yours(?: truly| "
    r"faithfully)?|love|thanks|thank you"
    r"|dear|hi|hello|hey|attn:?|attention:?|contact(?: person)?:?|assigned to|reported by|written by"
    r"|spoke (?:to|with)|met with"
    r"|speak (?:to|with)|talk(?:ed)? (?:to|with)|ask for|interview with|maiden name is",
    (
        r"(?:patient|customer|client|employee|applicant|tenant|guest|passenger|holder|cardholder"
        r"|beneficiary|recipient|sender|author|owner"
        r"|manager|doctor|teacher|student|speaker|witness|surname):?|from:|to:|cc:|names?:|full name:"
        r"|first name:|last name:"
    ),
    (
        r"ich heiße|ich heisse|mein name ist|ich bin|lieber?|hallo|sehr geehrter?(?: herr| frau)?|viele "
        r"grüße|mit freundlichen grüßen|grüße"
    ),
    r"je m'appelle|mon nom est|je suis|bonjour|cher|chère|cordialement|nom:",
    r"me llamo|mi nombre es|soy|hola|estimad[oa]|querid[oa]|saludos|atentamente|nombre:",
    r"mi chiamo|il mio nome è|sono|ciao|gentile|car[oa]|cordiali saluti|saluti|nome:",
    r"meu nome é|me chamo|chamo-me|olá|prezad[oa]|atenciosamente",
    r"mijn naam is|ik ben|ik heet|beste|geachte|groeten|met vriendelijke groet|naam:",
    r"nazywam się|mam na imię|jestem|cześć|drogi|droga|pozdrawiam|imię i nazwisko:",
    r"jag heter|mitt namn är|hej|hälsningar|namn:|jeg heter|mit navn er|nimeni on",
)
INTRODUCES = re.compile(rf"(?:\b(?:{'|'.join(_INTRODUCES)})|(?:^|\n)[-–—~]+)[ \t]*[,:;!-]?\s{{0,3}}\Z", re.I)
# Behind these a word is a name though no list knows it
SURE_INTRODUCTION = re.compile(
    (
        r"(?:name is|name's|named|called|calls me|call me|ich heiße|ich heisse|name ist|m'appelle|nom est"
        r"|me llamo|nombre es|mi chiamo|nome è"
        r"|nome é|me chamo|naam is|ik heet|nazywam się|mam na imię|jag heter|namn är|name:|nom:|nombre:"
        r"|nome:|naam:)[ \t]*\s{0,3}\Z"
    ),
    re.I,
)
WRITTEN_SMALL = re.compile(
    r"\b(?:my name is|my name's|i am|i'm|this is|me llamo|ich hei(?:ß|ss)e|je m'appelle|mi chiamo|meu "
    r"nome é|mijn naam is|name:) "
    r"(?P<first>[a-zà-ÿ]{3,20})(?: (?P<last>[a-zà-ÿ'-]{2,20}))?(?![\w-])",
    re.I,
)
_KIN = (
    "friend|colleague|brother|sister|wife|husband|boss|neighbou?r|son|daughter|uncle|aunt|cousin"
    "|partner|roommate|kid|child|mother|father|mom|dad"
    "|manager|girlfriend|boyfriend|fiancée?"
)
# What only people do or have, right behind a lone given name
ACTS = re.compile(
    rf"(?:'s (?:{_KIN}|phone|email|e-mail|address|house|birthday|account|car|office|appointment|passport|job|name)\b"
    r"|,? (?:said|says|told|asked|asks|replied|answered|laughed|smiled|nodded|wrote|called|texted"
    r"|emailed|lives|lived|works|worked|moved"
    r"|married|thinks|thought|knows|knew|wants|wanted|loves|loved|likes|liked|hates|decided|went|came"
    r"|arrived|left for|bought|forgot"
    r"|remembered|admitted|explained|complained|whispered|shouted|cried|died|was born|is from|was very"
    r"|is very|and I|and me|can I"
    r"|could you|can you|please)\b)"
)
ACTED_ON = re.compile(
    (
        rf"\b(?:said|says|asked|replied|told|tell|ask|met|meet|(?:with )?my (?:{_KIN})|colleague|people "
        rf"call me|guardian|spouse),? \Z"
    ),
    re.I,
)
# A pronoun for a person later in the sentence
SPOKEN_OF = re.compile(
    r"(?:'s)? (?:is|was|has|had|will|would|can|just|always|never|also)\b[^.!?\n]{0,70}? (?:he|she|his"
    r"|her|him|himself|herself)\b"
    r"|[^\w][^.!?\n]{0,6}\b(?:he|she) "
)
