"""Streets as France, Spain, Italy, Portugal and Brazil write them: the word for street, its name, the number."""

from __future__ import annotations

import re

from src.analysis.pii.addresses.parts import Street, W, words
from src.analysis.pii.names.words import UPPER

_FRENCH = (
    "rue|avenue|av\\.|boulevard|bd|blvd|place|chemin|impasse|allée|allee|quai|cours|route|square"
    "|passage|sentier|faubourg|villa|cité|rond-point|"
    "esplanade|ruelle"
)
_FRENCH_NAME = (
    rf"(?i:de la |de l'|de |du |des |d'|la |le |les |l'|aux |au |à la |à |sur |en |sainte? "
    rf"|sainte?-){{0,3}}(?:\d{{1,2}} )?{W}"
)
_SPANISH = (
    "Calle|C/|C\\.|Avenida|Avda\\.?|Avinguda|Av\\.|Plaza|Plaça|Pza\\.?|Paseo|Passeig|P\\.º|Ronda"
    "|Camino|Carrer|Glorieta|Cuesta|Callejón|Pasaje|Pasadizo|"
    "Rambla|Travesía|Carretera|Ctra\\.?|Acceso|Alameda|Cañada|Urbanización|Via|Vial"
)
_ITALIAN = (
    "Via|Viale|V\\.le|Piazza|P\\.zza|Piazzale|Corso|C\\.so|Vicolo|Strada|Largo|Contrada|Borgo|Canale"
    "|Rotonda|Stretto|Incrocio|Lungotevere|Lungomare|"
    "Salita|Galleria"
)
_PORTUGUESE = (
    "Rua|R\\.|Avenida|Av\\.|Travessa|Tv\\.|Praça|Alameda|Largo|Estrada|Rodovia|Beco|Viela|Quadra"
    "|Praceta|Calçada|Vila|Ladeira|Praia|Loteamento|Condomínio"
)


def _stems(alternatives: str) -> tuple[str, ...]:
    return tuple(word.replace("\\", "").rstrip("?").lower().rstrip(".") for word in alternatives.split("|"))


SOUTHERN: tuple[Street, ...] = (
    Street(
        "french",
        re.compile(
            rf"\d{{1,4}}(?: ?(?:bis|ter|quater))?,? (?i:{_FRENCH}) {_FRENCH_NAME}(?: (?:{W}|de|du|des|la|le|et"
            rf"|\d{{1,2}})){{0,4}}"
        ),
        _stems(_FRENCH),
        number_first=True,
    ),
    Street(
        "french-postcode",
        re.compile(
            rf"(?<!\w)(?i:{_FRENCH}) {_FRENCH_NAME}(?: (?:{W}|de|du|des|la|le)){{0,4}}(?=,?\s(?:F-)?\d{{5}} "
            rf"[{UPPER}])"
        ),
        _stems(_FRENCH),
    ),
    Street(
        "spanish",
        re.compile(
            rf"(?<!\w)(?:{_SPANISH}) (?:(?:de|del|la|las|los|el|i|y) ){{0,3}}{words(1, 4)}(?: (?:de|del|la|las"
            rf"|los|y) {words(1, 2)}){{0,2}},? "
            r"(?:n[º°.] ?|núm\.? ?|número )?\d{1,4}(?!\d)(?: ?[A-Z]\b)?(?:,? ?(?:Piso |Puerta |Apt\. |piso "
            r")?\d{1,2} ?[º°ª]? ?\w?\b)?"
        ),
        _stems(_SPANISH),
    ),
    Street(
        "italian",
        re.compile(
            rf"(?<!\w)(?:{_ITALIAN}) (?:(?:del|della|dei|delle|degli|dell'|di|da|dalla) "
            rf"?){{0,2}}{words(1, 4)},? (?:n\. ?)?\d{{1,4}}(?!\d)"
            rf"(?:/?[A-Za-z]\b)?(?:,? (?:Piano|Appartamento|Interno|Int\.) \d{{1,3}})?"
        ),
        _stems(_ITALIAN),
    ),
    Street(
        "portuguese",
        re.compile(
            rf"(?<!\w)(?:{_PORTUGUESE}) (?:(?:de|do|da|dos|das) ){{0,2}}{words(1, 4)}(?: (?:de|do|da|dos|das"
            rf"|e) {words(1, 2)}){{0,2}},? "
            rf"(?:n[º°.] ?)?\d{{1,5}}(?!\d)(?:,? ?(?:apto|ap|bloco|casa)\.? ?\w{{1,5}})?"
        ),
        _stems(_PORTUGUESE),
    ),
    Street(
        "brazilian-postcode",
        re.compile(
            rf"(?<![\w.])(?:(?:{_PORTUGUESE}|{W}) (?:{W} |d[aeo]s? ){{0,4}}{W}?(?:, \d{{1,5}})?(?:\n|, "
            rf")){{0,2}}\d{{5}}-?\d{{3}},? (?:{W} |d[aeo]s? ){{1,5}}/ [A-Z]{{2}}\b"
        ),
        (" / ",),
    ),
)
