"""Check digits and national numbers; python-stdnum, written by others, says which numbers are right."""

from __future__ import annotations

import random
from importlib import import_module

import pytest

from src.analysis.pii import find_pii
from src.analysis.pii.checksums import luhn, mod_97, verhoeff

stdnum = pytest.importorskip("stdnum", reason="python-stdnum is not installed (requirements-dev.txt)")

# word, example, the module of stdnum that checks it
NUMBERS = [
    ("National Insurance", "AB 12 34 56 C", None),
    ("Steuer-ID", "65 929 970 489", "de.idnr"),
    ("NIR", "2 55 08 14 168 025 38", "fr.nir"),
    ("DNI", "54362315K", "es.dni"),
    ("NIE", "X2482300W", "es.nie"),
    ("codice fiscale", "RCCMNL83S18D969H", "it.codicefiscale"),
    ("BSN", "111222333", "nl.bsn"),
    ("Aadhaar", "2341 2341 2346", "in_.aadhaar"),
    ("PAN", "ACUPA7085R", "in_.pan"),
    ("CPF", "390.533.447-05", "br.cpf"),
    ("PESEL", "44051401359", "pl.pesel"),
    ("NIF", "501 964 843", "pt.nif"),
    ("personnummer", "880320-0016", "se.personnummer"),
    ("HETU", "131052-308T", "fi.hetu"),
    ("AHV", "756.9217.0769.85", "ch.ssn"),
    ("NHS", "943-476-5870", "gb.nhs"),
    ("fødselsnummer", "151086 95088", "no.fodselsnummer"),
    ("SIN", "123-456-782", "ca.sin"),
    ("TFN", "123 456 782", "au.tfn"),
]


@pytest.mark.parametrize(("word", "number", "module"), NUMBERS, ids=[number[0] for number in NUMBERS])
def test_a_right_number_is_found_and_a_wrong_one_is_not(word: str, number: str, module: str | None) -> None:
    if module is not None:
        assert import_module(f"stdnum.{module}").is_valid(number.replace(" ", "") if module != "fr.nir" else number)
    text = f"{word}: {number}"
    assert [(one.kind, text[one.start : one.end]) for one in find_pii(text)] == [("NATIONAL_ID", number)]
    if module in (None, "in_.pan"):  # no check digit
        return
    last = max(place for place, char in enumerate(number) if char.isdigit())
    wrong = number[:last] + str((int(number[last]) + 1) % 10) + number[last + 1 :]
    assert "NATIONAL_ID" not in {one.kind for one in find_pii(f"{word}: {wrong}")}


def test_check_digits_agree_with_another_hand() -> None:
    from stdnum import iban
    from stdnum import luhn as other_luhn
    from stdnum import verhoeff as other_verhoeff

    rng = random.Random(3)
    for _ in range(500):
        digits = str(rng.randrange(10**15, 10**16))
        assert luhn(digits) == other_luhn.is_valid(digits)
        assert verhoeff(digits[:12]) == other_verhoeff.is_valid(digits[:12])
    for value in ("DE89370400440532013000", "GB29NWBK60161331926819", "MT84MALT011000012345MTLCAST001S"):
        assert iban.is_valid(value)
        assert mod_97(value)
        assert not mod_97(value[:-1] + ("1" if value[-1] != "1" else "2"))
