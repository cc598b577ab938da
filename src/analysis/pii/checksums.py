"""Check digits of cards, accounts and national numbers. All take plain digits (and letters) without separators."""

from __future__ import annotations

_VERHOEFF_TURN = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip
# Odd places of an Italian fiscal code (decree of 23 December 1976); 0 to 9, then A to Z
_FISCAL_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
         10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod_97(iban: str) -> bool:
    """ISO 7064 MOD 97-10, with the country and check digits moved to the end."""
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def verhoeff(digits: str) -> bool:
    """Verhoeff's dihedral check, as Aadhaar numbers have it."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _VERHOEFF_TURN[place % 8][int(digit)])
    return check == 0


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10: German tax numbers."""
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def cpf(digits: str) -> bool:
    """Both check digits of a Brazilian CPF; eleven equal digits pass the sum but are never issued."""
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        rest = weighted(digits, tuple(range(length + 1, 1, -1))) * 10 % 11 % 10
        if rest != int(digits[length]):
            return False
    return True


def fiscal_code(code: str) -> bool:
    """The control letter of an Italian codice fiscale."""
    total = sum(
        _FISCAL_ODD[char] if place % 2 == 0 else int(char, 36) - (10 if char.isalpha() else 0)
        for place, char in enumerate(code[:15])
    )
    return chr(ord("A") + total % 26) == code[15]


def _dihedral(left: int, right: int) -> int:
    """left * right in the dihedral group of order ten."""
    if left < 5:
        return (left + right) % 5 if right < 5 else (left + right) % 5 + 5
    return (left - right) % 5 + 5 if right < 5 else (left - right) % 5
