"""Which labels are names of speakers, and which words sound like talk: "Dr. Smith:" is a name, "Note:" is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words for people: "White guy", "Second officer", "Woman on cell" speak.
PEOPLE = _words("""
man woman guy girl boy lady gentleman kid child teen teenager dude chick hobo mother father mom mum dad mommy daddy
son daughter brother sister wife husband uncle aunt grandma grandpa grandmother grandfather friend girlfriend
boyfriend boss cashier waiter waitress barista bartender officer cop policeman policewoman sergeant detective
captain lieutenant nurse conductor narrator host guest moderator chairman chairwoman chairperson chair president
judge lawyer attorney witness clerk manager employee reporter journalist speaker presenter panelist audience caller
student teacher professor doctor therapist patient customer agent client interviewer interviewee applicant candidate
employer tourist passenger driver neighbor neighbour stranger stewardess steward pilot soldier king queen prince
princess duke lord priest monk nun servant messenger ghost witch fool hostess announcer anchor analyst coach player
trainer trainee colleague coworker voice crowd everyone everybody both chorus baby toddler suit jogger hipster bum
buddy roommate person participant member respondent inspector secretary senator congressman congresswoman minister
ambassador spokesman spokeswoman spokesperson commissioner mayor alderman councilman councillor editor author
translator interpreter operator dispatcher vendor seller buyer shopper receptionist librarian pharmacist dentist vet
surgeon director producer actor actress mann frau junge mädchen herr dame homme femme garçon fille monsieur madame
hombre mujer chico chica señor señora uomo donna ragazzo ragazza teacher's investor expert engineer scientist
researcher sprecher sprecherin interlocutor locutor hablante
""")

# What stands before a colon and is no speaker: words of forms, manuals, mails, records, programs and outlines.
_THINGS = _words("""
note notes caution warning warnings tip tips hint hints important attention danger remark remarks notice info
information example examples see also todo fixme xxx hack bug bugs issue issues fix fixed fixes changes change
changelog added removed deprecated security version versions package packages depends recommends suggests provides
conflicts breaks replaces source section priority architecture maintainer uploaders homepage description essential
multi-arch license licence licenses copyright files file filename name names title subject date time from to cc bcc
sent reply re fw fwd by via author authors editor editors publisher journal volume number no pages page chapter part
figure fig table tables step steps appendix parameter parameters param params argument arguments args kwargs arg
return returns return-type type types raises raise throws yields yield attributes attribute members methods method
function functions class classes field fields key keys value values default defaults usage synopsis syntax options
option flags flag input inputs output outputs result results error errors expected actual status state phone tel
telephone fax mobile email e-mail mail address street city zip postcode country region url link links website web
site contact contacts company organization organisation department position location place venue room price cost
total subtotal tax amount quantity qty balance account invoice order id ref reference references code codes language
languages size weight height width length color colour material model make brand serial age sex gender born died
birth birthday nationality occupation summary abstract introduction background conclusion conclusions discussion
objective objectives goal goals purpose scope overview details detail problem problems solution solutions symptom
symptoms cause causes remedy action actions reason reasons rationale effect effects impact workaround resolution
prerequisites requirements requirement install installation configuration config setup build test tests testing
features feature limitations limitation history credits acknowledgements thanks faq contents index glossary
definition definitions term terms theorem lemma proof corollary proposition axiom exercise exercises answer answers
question questions lesson unit module topic topics theme keywords keyword tags tag category categories group groups
set sets list lists item items case cases rule rules condition conditions exception exceptions assumption
assumptions pros cons advantages disadvantages benefits risks strengths weaknesses opportunities threats ingredients
directions instructions instruction preparation serves makes servings calories origin etymology noun verb adjective
adverb synonyms antonyms translation pronunciation plural singular start begin end finish stop duration deadline due
agenda minutes present absent attendees apologies next previous last first second third fourth fifth finally firstly
secondly lastly additionally furthermore however therefore thus hence moreover meanwhile otherwise similarly namely
specifically note-to nb ps p.s monday tuesday wednesday thursday friday saturday sunday january february march april
may june july august september october november december morning afternoon evening night today tomorrow yesterday
week month year day hours hour am pm spring summer autumn winter north south east west left right top bottom front
back above below before after inside outside upper lower public private protected static const void int char string
str bool float double long short unsigned signed struct union enum typedef switch else if elif for while do try
except catch with def lambda import export include define ifdef endif true false none null nil yes ok okay http
https ftp ssh smtp imap host port server client user username password login path directory folder database schema
query row column line lines word words character characters byte bytes bit bits block header headers footer body
content content-type accept cookie cache-control connection accept-encoding user-agent referer get post put delete
patch head trace debug warn fatal critical emerg alert verbose level log logs message messages signed-off-by
reviewed-by acked-by tested-by reported-by co-authored-by closes related bug-debian last-update forwarded applied-
upstream format upstream-name upstream-contact comment comments disclaimer distribution platform platforms requires
provides-extra requires-dist requires-python classifier metadata-version project-url dynamic maintainer-email
author-email generator root-is-purelib tested release released revision commit branch base merge pull push update
updated created modified last-modified expires created-at posted published retrieved accessed available isbn issn
doi pmid arxiv quote quotes sources citation data dataset metric metrics score accuracy precision recall loss epoch
hinweis hinweise achtung vorsicht warnung tipp beispiel siehe anmerkung bemerkung beweis satz aufgabe lösung datum
betreff von an kopie ort straße telefon vorname adresse preis menge summe kapitel abbildung tabelle seite quelle
schritt remarque exemple voir étape objet nom prénom prix chapitre tableau définition preuve astuce nota aviso
advertencia consejo ejemplo ver paso fecha asunto nombre dirección precio capítulo tabla fuente definición prueba
avvertenza esempio vedi passo oggetto nome indirizzo prezzo capitolo tabella fonte definizione dica exemplo zutaten
zubereitung ingrédients préparation ingredientes preparación ingredienti preparazione property properties variable
variables constant constants event events signal signals slot slots widget since until until-now inherits implements
extends overrides interface namespace library libraries program programs command commands process processes thread
threads service services resource resources policy policies role roles permission permissions scope-of work plan
plans budget schedule timeline milestone milestones task tasks owner priority-level assignee reporter-id severity
component components target targets environment env os browser device hardware software memory cpu disk network
protocol address-family interface-name mode modes style styles theme-color layout font fonts image images picture
photo video audio caption alt text texts label labels button buttons menu menus screen screens window windows dialog
dialogs tab tabs principle principles law laws article articles clause paragraph sentence verse psalm act scene
prologue epilogue chorus-line exit enter exeunt setting settings mood tempo genre artist album track side-effects
dosage indications contraindications diagnosis treatment prognosis vitals temperature pulse blood-pressure bp hr rr
labs assessment subjective analysis approach implementation design algorithm complexity runtime input-format output-
format constraints sample explanation checklist task-list context observation thought decision consequences
alternatives motivation proposal drawbacks unresolved and or but not only all any each every some other others more
most less least same both neither either this that these those here there where when what which who why how it its
is are was were be been being has have had does did can could will would shall should must might the a in on at of
as into onto upon about over under between through during without within along across behind beyond near off per
than then once again further so such very just even still already unless although because whether given let suppose
consider observe assume denote
""")
_PARTICLES = _words("""
de la le du van von der den da di del della dos das el al bin ibn ben of the and on in at to with o' y e i
""")
_PREPOSITIONS = _words("""
of and on in at to with for from by about as
""")
_TITLES = _words("""
dr prof mr mrs ms miss sir sen rep rev fr sr judge justice lord lady dame herr frau hon gov gen col capt lt sgt
""")
# Endings of words for things, in the languages that share them; few names have them.
_THING_ENDING = re.compile(
    r"(?:tion|sion|ment|ments|ness|ity|ities|ance|ence|ances|ences|ship|ism|ware|ings?|tions|sions|ology|graphy|ures?|ages?"
    r"|ible|able|ful|less|ous|ive|ized|ised|ally|ung|ungen|heit|keit|schaft|ción|ciones|[ie]dad|mento|zione|ität|teur)\Z"
)  # fmt: skip
_WORD = re.compile(r"[^\s,/&]+")
_PROPER = re.compile(
    r"(?:[A-ZÀ-ÖØ-ÞĀ-ſΑ-ΩА-ЯЁ][\w'’.-]*|#?\d{1,3}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f]+\w*)\Z"
)
_SIGNS_OF_TALK = "?¿？؟!！"
_TALK = _words("""
i you your yours we me my mine us our yes yeah yep no nope okay ok thank thanks please hello hi hey oh well sorry sure
really right ich du sie wir mir mich ihnen ihr ja nein danke bitte hallo je tu vous nous moi oui non merci bonjour yo tú
usted nosotros mi sí gracias hola io lei noi grazie ciao eu você obrigado obrigada olá ik jij wij nee dank nie tak я ты
вы мы да нет спасибо привет
""")
_CONTRACTION = re.compile(
    r"\b(?:don['’]t|it['’]s|that['’]s|what's|can't|didn't|let['’]s|there's|he's|she's|won't)\b", re.IGNORECASE
)
_LETTERS = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…。！？؟][ \u00a0\u202f]?[\"'”’»)\]*_]{0,4}\Z")


def name_words(label: str) -> list[str]:
    """The words of a label without what stands in brackets."""
    return _WORD.findall(label.partition("(")[0].partition("[")[0])


@lru_cache(maxsize=1 << 14)  # labels come back
def looks_like_name(label: str) -> bool:
    """Whether a label can be the name of a speaker: one to five words, capitals where names have them."""
    words = name_words(label)
    if not words or len(words) > 5 or len(label) > 44 or words[0].lower() in _PREPOSITIONS:
        return False
    plain = [word.strip(".'’\"“”").lower() for word in words]
    if any(word in PEOPLE for word in plain) and _is_person_phrase(words, plain):
        return True
    if plain[0] in _TITLES and len(words) > 1:
        return all(_PROPER.match(word) or word.lower() in _PARTICLES for word in words)
    if any(char.isdigit() for char in label.partition("(")[0]):
        return False  # numbers stand with people ("Guy 2"), not with names: "Win32", "GTK 2"
    return all(map(_may_be_in_a_name, words, plain)) and _has_proper(words)


def _is_person_phrase(words: Sequence[str], plain: Sequence[str]) -> bool:
    """ "Guy #1", "Asian girl", "Woman on cell phone": the person word carries it, and no thing word stands first."""
    return words[0][0].isupper() and plain[0] not in _THINGS - PEOPLE and all(len(word) < 20 for word in words)


def _may_be_in_a_name(word: str, plain: str) -> bool:
    if plain in _PARTICLES:
        return True
    return _PROPER.match(word) is not None and plain not in _THINGS and not _names_a_thing(word, plain)


def _names_a_thing(word: str, plain: str) -> bool:
    odd = any(mark in word for mark in "_=<>{}()[]$%@\\*`/+:;|~^")
    inner = word[1:]
    camel = (
        any(c.isupper() for c in inner)
        and any(c.islower() for c in inner)
        and not re.match(r"(?:Mc|Mac|O'|O’|D'|Le|De|Van)[A-Z]", word)
    )
    dotted = "." in word.rstrip(".") and not re.fullmatch(r"(?:[A-Z]\.?){1,4}", word)
    return (
        odd
        or (camel and "-" not in word and "'" not in word)
        or dotted
        or (len(plain) > 5 and _THING_ENDING.search(plain) is not None)
    )


def _has_proper(words: Sequence[str]) -> bool:
    return any(len(word.strip(".#")) > 0 and not word.strip("#").isdigit() and _PROPER.match(word) for word in words)


def sounds_like_talk(text: str) -> bool:
    """Whether somebody addresses somebody: a question, an exclamation, "I", "you", "yes" and their like."""
    if any(sign in text for sign in _SIGNS_OF_TALK) or not _TALK.isdisjoint(_LETTERS.findall(text.lower())):
        return True
    return ("'" in text or "’" in text) and _CONTRACTION.search(text) is not None


def ends_a_sentence(text: str) -> bool:
    return _SENTENCE.search(text.rstrip()[-16:]) is not None
