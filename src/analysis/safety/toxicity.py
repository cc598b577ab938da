"""Abusive words, hatred of groups and threats: matches of word lists and patterns, not a verdict.

Words count where they abuse somebody: "kill the process", "gay rights", "suicide gene" and "breast cancer" are none. A
pattern behind a negation, and words that are quoted in order to condemn them, are left out. No list knows irony,
spelling tricks without end, or what is said politely; read the matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from src.analysis.safety.lexicon import LEXICON, Severity

ACCURACY = (
    "HateCheck (3,728 sentences): precision .78, recall .26, false alarms .16; on neutral mentions of groups none"
)
MatchKind = Literal["word", "hatred", "threat", "insult"]

_KINDS = (
    r"(?:trans(?:gender)?|gay|lesbian|queer|bisexual|black|white|brown|asian|jewish|muslim|christian|arab|african"
    r"|mexican|chinese|indian|disabled|autistic|deaf|blind|old|poor|homeless|fat|foreign|romani|native)"
)
_MANY = (
    rf"(?:women|girls|men|females|males|{_KINDS} (?:people|folks?|persons|men|women|kids|immigrants|guys)"
    rf"|transsexuals|gays"
    r"|lesbians|homosexuals|queers|blacks|whites|asians|jews|muslims|moslems|christians|hindus|arabs|africans|mexicans"
    r"|latinos|hispanics|immigrants|migrants|refugees|foreigners|gypsies|roma|cripples|the (?:disabled|handicapped"
    r"|homeless|poor|elderly))"
)
_ONE = (
    r"(?:an?|any|every|each|this|that|another|such a|no) (?:\w+ )?(?:woman|girl|muslim|jew|immigrant|migrant|refugee"
    rf"|foreigner|{_KINDS} (?:person|man|woman|guy))"
)
GROUPS = rf"(?:{_MANY}|{_ONE})"
# One of these stands in every mention of a group: a quick look, in lower case.
_GROUP_HINTS = (
    "women", "woman", "girl", " men", "male", "people", "person", "folk", " kids", "guy", "gay", "lesbian",
    "homosexual", "queer", "trans", "blacks", "whites", "asians", "jew", "muslim", "moslem", "christian", "hindu",
    "arab", "african", "mexican", "latino", "hispanic", "migrant", "refugee", "foreigner", "gyps", "roma",
    "cripple", "the disabled", "the handicapped", "the homeless", "the poor", "the elderly",
)  # fmt: skip
_EVERY = (
    r"(?:all|every(?: single)?|these|those|any|most|the|some|you|being around|fucking|bloody|such|common|stupid|of"
    r"|one of)"
)
_LOW = (
    r"(?:disgusting|sickening|repugnant|vermin|scum|animals|(?:human )?filth|human garbage|sub-?humans?|trash"
    r"|garbage|filthy?|parasites?|cockroach(?:es)?|rats|pigs|monkeys|apes|leeches|maggots|insects|evil|worthless"
    r"|inferior|an? (?:\w+ )?(?:disease|plague|cancer|disgrace|waste|virus)"
    r"|stupid|dumb|idiots|morons|retarded|freaks?|abominations?|abnormal|criminals|terrorists|thieves|rapists|savages"
    r"|primitive|less than human|not (?:really )?human|hardly human|barely human|beneath (?:us|me|contempt)"
    r"|repulsive|revolting|pathetic|unnatural|perverts|perverted|degenerates?|nothing but \w+|second-class"
    r"|good for nothing|only good for)"
)
_HARM = (
    r"(?:kill|shoot|murder|hang|gas|beat(?: up)?|slaughter|exterminate|eradicate|wipe out|rape|punch|stab|lynch"
    r"|torture|bomb|strangle|drown|get rid of|hurt|assault|attack|behead|spit (?:on|at)|annihilate|crush|punish|end)"
)
_HARMED = (
    r"(?:killed|shot|murdered|hanged|hung|gassed|beaten|slaughtered|exterminated|eradicated|wiped out|raped|punched"
    r"|stabbed|lynched|tortured|bombed|strangled|drowned|put down|executed|hurt|beheaded|spat (?:on|at)|annihilated"
    r"|crushed|sterili[sz]ed|castrated|burned|burnt|punished)"
)
# What is meant, how bad it is, words of which one stands in every match (a quick look), and the pattern.
_SOURCES: tuple[tuple[MatchKind, Severity, tuple[str, ...], str], ...] = (
    (
        "hatred", 3, ("hate", "despis", "detest", "loath", "stand", "disgust", "sick", "repuls", "contempt",
        "disdain", "compassion",
                      "no respect"),
        rf"\b(?:hate|hating|despise|detest|loathe|abhor|can't stand|cannot stand|disgusted (?:of|by|with)"
        rf"|sick of|repulsed by|hatred (?:I (?:have|feel) )?(?:for|of|towards)"
        rf"|(?:contempt|disdain|disgust) for|no (?:compassion|respect"
        rf"|pity) (?:at all )?for)(?: {_EVERY})* {GROUPS}\b"
        rf"|\b{GROUPS} (?:disgust|repulse|sicken) (?:me|us)\b|\bfind (?:{_EVERY} )*{GROUPS} (?:\w+ )?{_LOW}\b",
    ),
    (
        "hatred", 3, (" are ", " is ", "'re", "should", "deserve", "belong", "wish", "need to", "must"),
        rf"\b{GROUPS}(?: like you| who \w+ \w+)? (?:are|is)(?: (?:all|so|just|simply|really|such|truly"
        rf"|nothing but|basically|more like|like|just so|no better than|complete|absolute|total"
        rf"|fucking))* {_LOW}\b"
        rf"|\byou(?: are|'re) (?:\w+ ){{0,3}}?(?:female|{_KINDS}|immigrant) (?:\w+ )?(?:{_LOW}|bastard|bitch)\b"
        rf"|\b{GROUPS}(?: like you| who \w+ \w+)? (?:should|deserve to|need to|must|ought to|have to"
        rf"|deserve)(?: \w+){{0,1}}? (?:be (?:\w+ )?"
        rf"(?:{_HARMED}|dead|slaves)|get {_HARMED}|die|suffer|disappear|burn|hang|fuck off|rot)\b"
        rf"|\bwish (?:\w+ )?{GROUPS} (?:would|were|got|could) (?:be )?(?:\w+ )?(?:{_HARMED}|dead|die|disappear"
        rf"|gone)\b"
        rf"|\b{GROUPS} belong (?:in|into) (?:the (?:kitchen|zoo|gutter|sewer)|a (?:zoo|cage)|cages|camps|hell"
        rf"|chains)",
    ),
    (
        "threat", 3, ("kill", "shoot", "murder", "hang", "gas ", "beat", "slaughter", "extermin", "eradic",
        "wipe", "rape", "punch",
                      "stab", "lynch", "tortur", "bomb", "strangl", "drown", "rid of", "hurt", "assault",
                      "attack", "behead", "spit",
                      "crush", "annihil", "punish", "end "),
        rf"\b(?:I|we|someone|somebody|let's|let us|let me)(?:'ll|'m| will| am| are|'re|'d)?(?: (?:want to"
        rf"|going to|gonna|should|could|would|like to|love to|need to|must|have to|swear I'll|really|probably"
        rf"|definitely|just)){{0,3}} {_HARM}(?: {_EVERY})* {GROUPS}\b"
        rf"|\b(?:everyone|you|people|they) should {_HARM}(?: {_EVERY})* {GROUPS}\b"
        r"|\bI(?:'ll| will|'m going to| am going to|'m gonna| want to|'d love to| swear I'll) (?:really |fucking )?"
        r"(?:kill|murder|shoot|stab|strangle|rape|hurt|beat up|slaughter) (?:you|him|her|them|your)\b"
        r"|\b(?:kill|hang|shoot|drown) yourself\b|\bgo (?:and )?die\b|\bhope (?:you|they|she"
        r"|he) (?:all )?(?:die|dies|get cancer|gets cancer|rot|rots)\b|\bsomeone should (?:kill|shoot|murder"
        r"|rape)\b",
    ),
    (
        "insult", 2, ("you", "shut"),
        r"\byou(?:'re| are) (?:(?:all|such|just|really|a|an|the|total|complete|fucking|bloody|nothing but"
        r"|so) ){0,3}"
        r"(?:idiots?|morons?|imbeciles?|cretins?|bitch(?:es)?|bastards?|scum|pieces? of (?:shit|trash|garbage)"
        r"|waste of (?:space|oxygen|air)|losers?|worthless|disgusting|pathetic|subhuman|brainless)\b"
        r"|\byou (?:stupid|dumb|filthy|fucking|goddamn|ugly|worthless|pathetic) (?:idiot|moron|cow|pig|bitch"
        r"|bastard|fool|loser|imbecile|cretin|rat|dog|ass|freak|piece|clown|liar|scum)\b|\bshut (?:the fuck "
        r"|your (?:\w+ )?)(?:up|mouth|face|trap)\b",
    ),
)  # fmt: skip
_PATTERNS = tuple(
    (kind, severity, needles, re.compile(pattern, re.IGNORECASE)) for kind, severity, needles, pattern in _SOURCES
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DISGUISED = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "$": "s", "@": "a", "!": "i", "*": "u"})
_SPELLED = re.compile(r"\b[a-z]+[0-9$@!*]{1,2}[a-z][a-z0-9$@!*]*\b")
_MAY_BE_SPELLED = re.compile(r"[a-z][0-9$@!*]{1,2}[a-z]")
_NOT = re.compile(
    r"(?:\b(?:not|never|nobody|no one|none|nor|without|stop|against|instead of|wrong to)|n't)(?: \w+){0,1} ?$",
    re.IGNORECASE,
)
_ABOUT_IT = re.compile(
    r"\b(?:sa(?:y|ys|ying|id)|call(?:s|ed|ing)?|statements?|phrases?|sentences?|words?|slurs?|terms?|claims?"
    r"|claimed|people who|whoever|like|tweeting|posts?|comments?|stop using|refer(?:red|ring)? to|writing|think(?:s"
    r"|ing)?|believe(?:s|d)?|if you|anyone who)\b[^.!?]{0,40}$",
    re.IGNORECASE,
)
_CONDEMNED = re.compile(
    r"^[^.!?]{0,40}[\"'”’.]{0,2}[^.!?]{0,30}\b(?:is|are|was|would be|sounds?|makes you|shows how"
    r"|shows) (?:\w+ ){0,3}?(?:wrong|hateful|unacceptable|racist|sexist|homophobic|transphobic|offensive|disgusting"
    r"|dehumani[sz]ing|ignorant|cruel|vile|misguided|absurd|not (?:ok|okay|right|true|acceptable)|a lie|bigoted"
    r"|prejudiced|terrible|bad|awful|hurtful)",
    re.IGNORECASE,
)
_LOOK_BACK, _LOOK_AHEAD = 60, 120


@dataclass(frozen=True, slots=True)
class ToxicMatch:
    """A match at the characters [start, end): 1 profanity, 2 abuse, 3 slurs, hatred of groups and threats."""

    kind: MatchKind
    severity: Severity
    start: int
    end: int


def find_toxicity(text: str) -> list[ToxicMatch]:
    """The matches in a text, the first of each pattern and every word of the list, by place."""
    plain = text.replace("’", "'")
    lower = plain.lower()
    found = []
    if not LEXICON.keys().isdisjoint(_WORD.findall(lower)):
        for match in _WORD.finditer(lower):
            severity = LEXICON.get(match.group())
            if severity and not (severity == 3 and _is_spoken_about(plain, match)):
                found.append(ToxicMatch("word", severity, match.start(), match.end()))
    if _MAY_BE_SPELLED.search(lower):
        found += _disguised(lower)
    has_group = any(map(lower.__contains__, _GROUP_HINTS))
    for kind, severity, needles, pattern in _PATTERNS:
        if (has_group or kind != "hatred") and any(map(lower.__contains__, needles)):
            first = next((m for m in pattern.finditer(plain) if not _is_denied(plain, m)), None)
            if first is not None:
                found.append(ToxicMatch(kind, severity, first.start(), first.end()))
    return sorted(found, key=lambda match: match.start)


def _disguised(lower: str) -> list[ToxicMatch]:
    found = []
    for match in _SPELLED.finditer(lower):
        severity = LEXICON.get(match.group().translate(_DISGUISED))
        if severity:
            found.append(ToxicMatch("word", severity, match.start(), match.end()))
    return found


def _is_denied(text: str, match: re.Match[str]) -> bool:
    """Whether a negation stands before it, or it is spoken about."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    return bool(_NOT.search(before)) or _is_spoken_about(text, match)


def _is_spoken_about(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    after = text[match.end() : match.end() + _LOOK_AHEAD]
    quoted = before.rstrip().endswith(('"', "'", "“", "‘")) or '"' in before or "“" in before
    return bool(_CONDEMNED.search(after)) or (quoted and bool(_ABOUT_IT.search(before.rstrip("\"'“‘ "))))
