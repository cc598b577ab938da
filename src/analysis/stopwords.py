"""Words too common to be a topic, by language."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = """
    a able about above across actually after again against all almost along already also although always am among an
    and another any anybody anyone anything are aren around as ask asked at away be became because become becomes been
    before being below best better between both but by call came can cannot could couldn did didn different do does
    doesn doing don done down during each either else end enough especially etc even ever every everyone everything
    example far few find first following for found from further gave general get gets getting give given gives go goes
    going good got great had hadn has hasn have haven having he help hello hence her here hers herself high him himself
    his how however if in indeed inside instead into is isn it its itself just keep kind know known large last later
    least less let lets like likely ll long look looking lot low made main mainly make makes making many may maybe me
    mean means might mine more moreover most much must my myself near nearly need needed needs neither never new next
    no nobody non none nor not nothing now number of off often okay on once one ones only onto or other others
    otherwise our ours ourselves out outside over own part particular per perhaps please possible put quite rather re
    really right said same saw say says second see seem seems seen several shall she should shouldn show since small
    so some somebody someone something sometimes soon still such sure take taken takes tell than thank thanks that the
    their theirs them themselves then there therefore these they thing things think this those though three through
    throughout thus time to today together too took toward towards two under unless until up upon us use used useful
    user uses using usually various ve very via want wants was wasn way ways we well went were weren what whatever when
    whenever where whereas wherever whether which while who whoever whole whom whose why will with within without won
    would wouldn www yes yet you your yours yourself yourselves
"""
_GERMAN = """
    aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte da damit
    dann das dass dein deine dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch ein eine
    einem einen einer eines er es etwas euch euer fur für ganz gegen haben hat hatte hier hinter ich ihm ihn ihnen ihr
    ihre im immer in ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinen konnen können könnte man mehr mein
    meine mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne sehr sein seine sich sie sind so soll
    sollte sondern über um und uns unser unter viel vom von vor war waren was weil welche wenn wer werden wie wieder
    will wir wird wo wurde wurden zu zum zur zwischen
"""
_FRENCH = """
    afin ai ainsi alors au aucun aussi autre autres aux avant avec avez avoir beaucoup bien car ce cela celle celui ces
    cet cette ceux chaque chez comme comment dans de depuis des deux doit donc dont du elle elles en encore entre est et
    été être eux faire fait faut il ils je la le les leur leurs lors lui mais me même mes moi moins mon ne nos notre
    nous on ont ou où par parce pas peu peut plus pour pourquoi puis qu quand que quel quelle quels qui sa sans se selon
    sera ses si son sont sous sur ta te tes toi ton tous tout toute toutes très trop tu un une vers voici vos votre vous
"""
_SPANISH = """
    al algo antes aquí así aunque bien cada casi como cómo con contra cual cuál cuando de del desde donde dónde dos el
    él ella ellas ellos en entre era eran es esa esas ese eso esos esta está estaba están estas este esto estos fue
    fueron ha había han hasta hay la las le les lo los más me mi mientras mis mucho muy nada ni no nos nosotros nuestra
    nuestro
    otra otras otro otros para pero poco por porque puede pueden pues que qué quien quién se sea según ser si sí sido
    sin sino sobre solo son su sus también tan tanto te tener tiene tienen todo todos tras tu tus un una unas uno unos
    usted ustedes ya yo
"""
_ITALIAN = """
    a abbiamo ad agli ai al alla alle allo anche ancora avere aveva avete c che chi ci ciò col come con cosa così cui da
    dai dal dalla dalle degli dei del della delle dello di dopo dove due e è ed era erano essere fa fino fra gli ha hai
    hanno ho i il in invece io la le lei li lo loro lui ma mentre mi mia mio molto ne nei nel nella nelle nello noi non
    nostra nostro o ogni oppure per perché però più poi prima può qual quale quali quando quanto quella quelle quelli
    quello questa queste questi questo qui se sempre senza si sia siamo sono sopra sotto sua sue sugli sul sulla sulle
    suo tra tu tutte tutti tutto un una uno vi voi
"""
_PORTUGUESE = """
    a ainda além ao aos apenas após as até cada com como da das de dela dele deles depois desde deve do dois dos e é ela
    elas ele eles em entre era essa essas esse esses esta está estão estas este estes eu foi foram há isso isto já lhe
    mais mas me mesmo meu minha muito na não nas nem no nos nós nossa nosso num numa o onde os ou outra outras outro
    outros para pela pelas pelo pelos pode podem por porque qual quando que quem se sem sempre ser será seu seus só
    sobre sua suas também tem têm ter tinha todo todos tu um uma umas uns você vocês
"""

STOPWORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
    "it": frozenset(_ITALIAN.split()),
    "pt": frozenset(_PORTUGUESE.split()),
}
