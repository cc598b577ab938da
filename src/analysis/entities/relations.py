"""Relations between entities of one sentence: what stands as a verb between two, else that they stand together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from src.analysis.entities.findings import Entity, Relation

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$|[\"')\]])[^.!?\n]*)*[.!?]*")
_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|Inc|Ltd|Co|Corp|No|vs|etc|e\.g|i\.e|[A-Z])\.\Z")
_AUXILIARY = (
    r"(?:is|are|was|were|be|been|being|has|have|had|will|would|can|could|may|might|must|shall|should|does|did|do)"
)
_ADVERB = (
    r"(?:also|now|not|never|still|later|then|first|soon|often|only|already|currently|originally|formerly|"
    r"subsequently|\w+ly)"
)
_PREPOSITION = (
    r"(?:to|in|on|at|by|for|from|with|of|into|over|under|through|about|as|near|between|against|up|out|off|after|before)"
)
# Verbs that documents join names with; their forms, so that nouns that end in -s or -ed are no verbs here.
_STEMS = (
    "acquir(?:e[sd]?|ing)|bought|buys?|found(?:ed|s)|own(?:s|ed)|sold|sells?|suppl(?:y|ies|ied)|deliver(?:s|ed)?|"
    "produc(?:e[sd]?)|manufactur(?:e[sd]?)|ma[dk]es?|built|builds?|"
    "develop(?:s|ed)?|design(?:s|ed)?|invent(?:s|ed)?|creat(?:e[sd]?)|launch(?:e[sd])?|releas(?:e[sd]?)|"
    "publish(?:e[sd])?|wrote|written|writes|le[da]ds?|head(?:s|ed)|manag(?:e[sd]?)|"
    "join(?:s|ed)?|left|leaves|work(?:s|ed)|studi(?:es|ed)|taught|teaches|liv(?:e[sd])|moved?|mov(?:es|ed)|born|"
    "died|marri(?:es|ed)|met|meets|visit(?:s|ed)|replac(?:e[sd]?)|support(?:s|ed)?|"
    "us(?:e[sd])|need(?:s|ed)?|requir(?:e[sd]?)|contain(?:s|ed)?|includ(?:e[sd]?)|weigh(?:s|ed)|cost(?:s|ed)?|"
    "last(?:s|ed)|measur(?:e[sd]?)|hold(?:s)?|held|signed|signs|won|wins|beat|defeated|"
    "elected|appointed|named|called|locat(?:ed)|based|headquartered|situated|open(?:s|ed)|clos(?:e[sd])|"
    "start(?:s|ed)|began|begins|end(?:s|ed)|merged|partner(?:s|ed)|invest(?:s|ed)|paid|pays|"
    "earn(?:s|ed)|reach(?:e[sd])|employ(?:s|ed)|operat(?:e[sd]?)|belong(?:s|ed)|borders?|connect(?:s|ed)?|"
    "announc(?:e[sd])|report(?:s|ed)|received?|receives|gave|gives|sent|sends|moves|pumps|runs|covers|covered"
)
_VERB = re.compile(
    rf"\A(?:,?\s*(?:who|which|that)\s+|"
    rf"\s*)(?P<verb>(?:{_AUXILIARY}\s+)*(?:{_ADVERB}\s+)?(?:{_AUXILIARY}\s+)*(?:{_STEMS})"
    rf"(?:\s+{_PREPOSITION})?)(?P<rest>(?:\s+[\w'’-]+){{0,4}})\s*\Z",
    re.IGNORECASE,
)
_IS = re.compile(
    rf"\A\s*(?P<verb>(?:is|was|are|were)\s+(?:(?:{_ADVERB})\s+)?(?:the|an?)\s+(?:[\w-]+\s+){{1,4}}?(?:of|at|in|for|"
    rf"from|near))(?:\s+the)?\s*\Z",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\A\s*(?:(?:the|an?|its|their|his|her|about|around|nearly|over|up|more than|at least|some|early|late)\s*)*\Z",
    re.IGNORECASE,
)
_TOGETHER = frozenset(("person", "organisation", "place", "product"))
MOST_TOGETHER = 6


def find_relations(text: str, entities: Sequence[Entity]) -> Iterator[Relation]:
    """Pairs of neighbours with a verb between them, as subject and object, with their sentence.

    Entities are those of find_entities(text). A pair that has another entity or a clause between it is left out:
    what is found is more often right than it is complete.
    """
    for start, end in sentences(text):
        inside = [entity for entity in entities if start <= entity.start and entity.end <= end]
        for one, other in pairwise(inside):
            said = text[one.end : other.start]
            found = _VERB.match(said) or _IS.match(said)
            if found is None or one.kind not in _TOGETHER:
                continue
            rest = found.groupdict().get("rest") or ""
            direct = _ARTICLE.match(rest) is not None
            verb = " ".join((found["verb"] + ("" if direct else rest)).split())
            yield Relation(one.value, verb, other.value, start, end, 0.8 if direct else 0.6)


def count_together(text: str, entities: Sequence[Entity]) -> Counter[tuple[str, str]]:
    """How many sentences name both of two: people, organisations, places, products. Lists of many are no evidence."""
    counts: Counter[tuple[str, str]] = Counter()
    for start, end in sentences(text):
        inside = {e.value for e in entities if start <= e.start and e.end <= end and e.kind in _TOGETHER}
        if len(inside) <= MOST_TOGETHER:
            counts.update((one, other) for one, other in combinations(sorted(inside), 2))
    return counts


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends; a line ends one, "Dr." does not."""
    begun: int | None = None
    for found in _SENTENCE.finditer(text):
        start, end = found.span()
        start += len(found.group()) - len(found.group().lstrip())
        if start == end:
            continue
        start = start if begun is None else begun
        if _ABBREVIATION.search(text, start, end) and text[end : end + 1] == " ":
            begun = start
            continue
        begun = None
        yield start, end
    if begun is not None:
        yield begun, len(text)
