from __future__ import annotations

import random

from src.analysis.seen_codes import SeenCodes


def test_codes_are_known_as_a_set_knows_them() -> None:
    chance, seen, known = random.Random(2), SeenCodes(lately=50), set[int]()
    edge = [0, 1, 2**64 - 1, 2**63]
    for code in [*edge, *(chance.randrange(2**64) for _ in range(3_000)), *edge]:
        assert (code in seen) == (code in known)
        assert (code ^ 1 in seen) == (code ^ 1 in known)
        seen.add(code)
        known.add(code)
    assert all(code in seen for code in known)
