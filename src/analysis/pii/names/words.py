"""The words around names: titles, particles, and what makes a capitalised word no surname."""

from __future__ import annotations

UPPER = "".join(chr(code) for code in range(0x41, 0x530) if chr(code).isupper())
WORD = rf"[{UPPER}](?:[^\W\d_]|['-](?=[^\W\d_]))*"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(","))


PARTICLES = _words(
    """
    van von vom zu zum zur de der den del della di da do dos das du la le el al bin ibn ben ter ten af av y e i mac
    mc st
    """
)
TITLES = _words(
    """
    mr mrs ms miss mx dr prof professor sir dame madam lord lady rev reverend fr father sister judge justice senator
    sen governor gov mayor captain capt sergeant sgt lieutenant lt colonel col major maj general gen president herr
    frau herrn monsieur madame mademoiselle mme mlle señor señora señorita sr sra srta don doña doctor doctora
    signor signora signorina sig dott dott.ssa senhor senhora dom dona dhr mevr mevrouw meneer pan pani fru herra
    rouva shri smt detective ing dipl mag univ dipl-ing univ.prof officer nurse coach uncle aunt auntie grandma
    grandpa
    """
)
# Titles that are words as well: only with a name that the lists know, and only written large
WEAK_TITLES = _words(
    """
    major general president father sister judge justice doctor officer nurse coach lord lady captain governor mayor
    don sen gen col gov sig dom pan lt sr fr miss
    """
)
# What follows makes the words before it an organisation, a place, a thing or a work
_NO_PERSON = _words(
    """
    inc incorporated llc llp ltd limited plc corp corporation company co gmbh ag kg sa sas sarl srl spa bv nv oy ab
    as group holdings partners associates sons bros brothers bank university college school academy institute
    institut hospital clinic foundation church cathedral airport station museum stadium arena theatre theater
    library hotel restaurant cafe bar grill pizza award awards prize medal theorem syndrome disease law laws effect
    act model algorithm method equation function distribution process test index scale street st avenue ave road rd
    lane drive boulevard blvd court square park bridge tower building house hall center centre plaza mall garden
    gardens river lake mount mountain mountains island islands beach bay valley creek county city town village
    district state province north south east west falls forest desert ocean sea cup open championship league
    conference summit festival day week month year university's edition series collection project protocol framework
    library language engine server database studio labs lab technologies technology systems software solutions
    services industries consulting enterprises media press times post journal magazine review news daily guide
    handbook manual store shop market motors airlines energy electric republic kingdom empire dynasty army navy
    party committee commission council court ministry department office agency administration association society
    union federation club team cream coffee tea beer wine whiskey chocolate sauce cheese shoes boots jeans perfume
    report reports chapter section table figure page version update release plan program programme policy agreement
    treaty contract code book movie film song album show game games band orchestra choir hill hills heights point
    harbor harbour port ville vineyard winery farm farms ranch estate castle palace abbey temple mon tue wed thu fri
    sat sun jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
STREET_WORDS = _words(
    """
    calle rua via viale piazza corso avenida plaza paseo rue straße praça largo vila
    """
)
# Given names that stand for a program or a device more often than for somebody, when they stand alone
NOT_ALONE = _words(
    """
    ada pascal cassandra jenkins alexa siri claude gemini django jupyter edison tesla watson cortana
    """
)
# Things that are surnames as well, where nothing follows
SURNAMES_TOO = _words(
    """
    hall park west north day law hill page lake church bell
    """
)
# Names that are products, programs or figures and look like people
NOT_PEOPLE = _names(
    """
    dr pepper, dr. pepper, dr martens, dr. martens, dr oetker, dr. oetker, dr strange, mr clean, mr. clean,
    mr bean, mr. bean, mr coffee, mr. coffee, mrs butterworth, jack daniels, jack daniel, johnnie walker,
    johnny walker, jim beam, calvin klein, ralph lauren, tommy hilfiger, mary kay, ben jerry, charles schwab,
    jp morgan, j.p. morgan, morgan stanley, wells fargo, merrill lynch, ernst young, john deere,
    harley davidson, harley-davidson, aston martin, alfa romeo, mercedes benz, mercedes-benz, rolls royce,
    james bond, harry potter, sherlock holmes, santa claus, jesus christ, uncle sam, san francisco, san diego,
    san jose, santa barbara, santa monica, santa fe, santa cruz, los angeles, las vegas, saint louis,
    st. louis, apache cassandra, visual basic, turbo pascal, john doe, jane doe, max mustermann,
    erika mustermann, joe bloggs, juan pérez prueba, mario rossi prova, marks spencer, marks & spencer,
    louis vuitton, hugo boss, yves saint laurent, estée lauder, elizabeth arden, victoria's secret, jimmy choo,
    kate spade, tom ford, vera wang, oscar mayer, betty crocker, aunt jemima, uncle ben, papa john,
    jamba juice, barnes noble, smith wesson, austin martin, paul smith, karl lagerfeld, monte carlo,
    monte cristo, christmas eve, easter sunday, labor day, palm sunday, magna carta, maria theresa,
    dolby vision, alan parsons project, bill of, frank and, art deco, art nouveau, grand marnier, earl grey,
    king james, prince edward, prince george, prince william, queen anne, queen mary, queen victoria
    """
)


def is_thing(word: str) -> bool:
    """Whether `word` (small letters) behind a name makes it something else than a person."""
    return word.rstrip(".") in _NO_PERSON
