"""Which of very many things are linked, by any chain of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


class Links:
    """A forest over the numbers from 0 to `count` - 1 (union-find); the root of a tree is its least number."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self._parents = np.arange(count)

    def roots(self, members: Numbers) -> Numbers:
        """The root of each member: linked ones have the same."""
        roots = self._parents[members]
        while (self._parents[roots] != roots).any():
            self._parents[members] = roots = self._parents[roots]
        return roots

    def link(self, one: Numbers, other: Numbers) -> None:
        """Link the members of each pair."""
        import numpy as np

        while len(one):
            roots, others = self.roots(one), self.roots(other)
            apart = roots != others
            one, other = one[apart], other[apart]
            low, high = np.minimum(roots, others)[apart], np.maximum(roots, others)[apart]
            np.minimum.at(self._parents, high, low)
