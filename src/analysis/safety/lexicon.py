"""Words of abuse, by how bad they are. Kept in ROT13, so that nobody has to read them who only passes by.

Words with an everyday or medical meaning are left out (the cock of a farm, the bitch of a breeder, anal glands).
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Literal

Severity = Literal[1, 2, 3]

_SLURS = """
    avttre avttref avttn avttnf snttbg snttbgf xvxr xvxrf fcvp fcvpf puvax puvaxf tbbx tbbxf jrgonpx jrgonpxf ornare
    ornaref enturnq enturnqf gbjryurnq gbjryurnqf fnaqavttre fnaqavttref genaal genaavrf furznyr furznyrf cnxv cnxvf
    jbt jbtf wnc wncf tlccb tlccbf urro urrof erqfxva erqfxvaf qnexvr qnexvrf wvtnobb wvtnobbf cvpxnavaal tbyyvjbt
    ergneq ergneqf fcnm zbatbybvq zbatbybvqf unysoerrq unysoerrqf xnssve xnssvef fdhnj fdhnjf hagrezrafpu
    hagrezrafpura xnanxr xnanxra artre fpujhpugry fpujhpugrya mvtrharecnpx fhqnpn fhqnpnf znevpba znevpbarf
    obhtabhyr obhtabhyrf arteb-qr-zvreqn greebar greebav
"""
_ABUSE = """
    zbgureshpxre zbgureshpxref pbpxfhpxre pbpxfhpxref phag phagf jnaxre jnaxref nffubyr nffubyrf nefrubyr nefrubyrf
    qvpxurnq qvpxurnqf fuvgurnq fuvgurnqf fuvgont qbhpuront qbhpurontf shpxgneq shpxjvg shpxjvgf ovgpurf fyhg fyhgf
    juber juberf fxnax fxnaxf fphzont fphzontf qhzonff qhzonffrf wnpxnff nffjvcr gjng gjngf xlf shpxsnpr nefpuybpu
    nefpuyöpure uherafbua uheraföuar jvpufre sbgmr zvfgfgüpx qerpxfnh pbaaneq pbaaneqf pbaanffr raphyé raphyéf
    fnybcr fnybcrf cbhssvnffr uvwbqrchgn tvyvcbyynf pnoeóa pnoebarf craqrwb craqrwbf fgebamb fgebamn inssnaphyb
    svtyvbqvchggnan svyubqnchgn neebzonqb
"""
_PROFANITY = """
    shpx shpxf shpxrq shpxvat shpxre shpxref ohyyfuvg ubefrfuvg fuvg fuvgf fuvggl tbqqnza tbqqnzavg qnzzvg cvffrq
    jgs fgsh zbgureshpxvat pyhfgreshpx obyybpxf fpurvßr fpurvffr iresvpxg zreqr chgnva zvreqn pbñb pnmmb zreqn
    pnenyub cbeen
"""
_BY_SEVERITY: tuple[tuple[Severity, str], ...] = ((1, _PROFANITY), (2, _ABUSE), (3, _SLURS))

LEXICON: Mapping[str, Severity] = {
    word: severity for severity, words in _BY_SEVERITY for word in codecs.decode(words, "rot13").split()
}
