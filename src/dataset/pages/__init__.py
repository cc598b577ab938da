"""Self-contained HTML pages that open offline: sections of figures, tables and plots. No scripts, nothing loaded."""

from src.dataset.pages.bars import bars_svg
from src.dataset.pages.histogram import Bin, Mark, histogram_svg
from src.dataset.pages.page import Section, page
from src.dataset.pages.parts import Tile, details, figure, flags_table, grid, note, paragraph, table, tiles
from src.dataset.pages.strips import Strip, strips_svg

__all__ = [
    "Bin",
    "Mark",
    "Section",
    "Strip",
    "Tile",
    "bars_svg",
    "details",
    "figure",
    "flags_table",
    "grid",
    "histogram_svg",
    "note",
    "page",
    "paragraph",
    "strips_svg",
    "table",
    "tiles",
]
