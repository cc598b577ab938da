"""The text of one Word paragraph as a reader of the page sees it, and what is anchored in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from src.ingestion.office.docx_styles import P_PR, P_STYLE, R_PR, VAL, VANISH, Styles, W, switch
from src.ingestion.office.office_texts import CX, DGM, MC, A, C, M, R, choice, drawn_lines

if TYPE_CHECKING:
    from lxml.etree import _Element

O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741 - the prefix every Word file uses
V = "{urn:schemas-microsoft-com:vml}"

_RUN, _TEXT, _R_STYLE, _SYM, _FIELD = W + "r", W + "t", W + "rStyle", W + "sym", W + "fldChar"
_ALTERNATIVES, _BOX, _TEXTS = MC + "AlternateContent", W + "txbxContent", (W + "t", M + "t")
_DELETED = {W + "del": "tracked deletion", W + "moveFrom": "text moved away"}
_COUNTED = {A + "blip": "picture", V + "imagedata": "picture", O + "OLEObject": "embedded object"}
_REFERENCES = {W + "footnoteReference": "footnote", W + "endnoteReference": "endnote"}
_CHARACTERS = {
    W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-",
}  # fmt: skip
# Properties, phonetic guides, and the names of fields and their deleted texts.
_SKIPPED = {
    W + name
    for name in ("pPr", "rPr", "rt", "rubyPr", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "tblPr", "instrText")
} | {W + "delText", W + "delInstrText", M + "rPr", M + "ctrlPr"}  # fmt: skip

# What Word's symbol fonts show for the characters people insert most; the fonts have no names for them in Unicode.
_GREEK = dict(
    zip(
        [*range(0x41, 0x5B), *range(0x61, 0x7B)],
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_SYMBOL = _GREEK | {
    0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±",
    0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈",
    0xC5: "⊕", 0xCE: "∈", 0xD0: "∠", 0xD6: "√", 0xD7: "⋅", 0xDB: "⇔", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫",
}  # fmt: skip
_WINGDINGS = {
    0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xFB: "✘", 0xFC: "✔", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


class Anchored(NamedTuple):
    """Something that stands beside a paragraph: the content of a text box, or the id of a chart's relation."""

    kind: Literal["box", "drawn", "chart", "diagram"]
    element: _Element


@dataclass(slots=True)
class ParagraphText:
    """What the walk through one paragraph finds.

    `hidden` says what its style hides, `fields` has an entry per open field: is its result being shown? `codes`
    counts those whose code still goes on.
    """

    styles: Styles
    left_out: Counter[str]
    parts: list[str] = field(default_factory=list)
    anchored: list[Anchored] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)
    codes: int = 0
    hidden: bool = False

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def collect(self, parent: Iterable[_Element]) -> None:
        for child in parent:
            tag = child.tag
            if tag == _RUN:
                if not self._is_hidden(child):
                    self.collect(child)
            elif tag in _TEXTS:
                self._add(child.text or "")
            elif tag in _SKIPPED:
                continue
            elif tag in _CHARACTERS:
                self._add(_CHARACTERS[tag])
            else:
                self._collect_rare(child, tag)

    def _collect_rare(self, child: _Element, tag: str) -> None:
        if tag == _FIELD:
            self._mark_field(child.get(W + "fldCharType", ""))
        elif tag in _DELETED:
            self.left_out[_DELETED[tag]] += 1
        elif tag == _ALTERNATIVES:
            form = choice(child)
            if form is not None:
                self.collect(form)
        elif tag in _REFERENCES:
            self.references.append((_REFERENCES[tag], str(child.get(W + "id"))))
        elif tag == _SYM:
            self._add_symbol(child)
        elif not self._anchor(child, tag):
            self.collect(child)

    def _anchor(self, child: _Element, tag: str) -> bool:
        """Keep what stands beside the text; whether there is nothing more to look for inside."""
        if tag == _BOX:
            self.anchored.append(Anchored("box", child))
        elif tag in (C + "chart", CX + "chart") and child.get(R + "id"):
            self.anchored.append(Anchored("chart", child))
        elif tag == DGM + "relIds":
            self.anchored.append(Anchored("diagram", child))
        elif tag in (A + "txBody", V + "textpath"):
            self.anchored.append(Anchored("drawn", child))
        else:
            if tag in _COUNTED:
                self.left_out[_COUNTED[tag]] += 1
            return False
        return True

    def _add(self, text: str) -> None:
        # A text in the code of a field (before its result) belongs to a field inside that code, and is not shown.
        if not self.codes or (self.codes == 1 and not self.fields[-1]):
            self.parts.append(text)

    def _mark_field(self, kind: str) -> None:
        if kind == "begin":
            self.fields.append(False)
            self.codes += 1
        elif kind == "separate" and self.fields and not self.fields[-1]:
            self.fields[-1] = True
            self.codes -= 1
        elif kind == "end" and self.fields:
            self.codes -= not self.fields.pop()

    def _add_symbol(self, symbol: _Element) -> None:
        code, font = str(symbol.get(W + "char")), str(symbol.get(W + "font")).lower()
        number = int(code, 16) if 0 < len(code) <= 5 and not code.strip("0123456789abcdefABCDEF") else 0
        known = _FONTS.get(font, {})
        shown = known.get(number & 0xFF if number >= 0xF000 or number < 0x100 else -1)
        if shown is None and 0x20 <= number < 0xD800:
            shown = chr(number)
        if shown is None:
            self.left_out["character of a symbol font"] += 1
        else:
            self._add(shown)

    def _is_hidden(self, run: _Element) -> bool:
        properties = next(run.iterchildren(R_PR), None)
        hidden = self.hidden
        for which in properties.iterchildren(_R_STYLE, VANISH) if properties is not None else ():
            if which.tag == VANISH:
                hidden = bool(switch(which))
            else:
                hidden = hidden or self.styles.of(str(which.get(VAL))).hidden
        if hidden and any(text.text for text in run.iter(_TEXT)):
            self.left_out["hidden passage"] += 1
        return hidden


def paragraph_text(paragraph: _Element, style: str, styles: Styles, left_out: Counter[str]) -> ParagraphText:
    """Insertions are in, deletions out; hidden text, deletions and embedded objects are counted in `left_out`.

    Text boxes are not part of the text but `anchored`, and so are charts, diagrams and drawn texts.
    """
    found = ParagraphText(styles, left_out, hidden=styles.of(style).hidden)
    found.collect(paragraph)
    return found


def paragraph_style(paragraph: _Element) -> tuple[str, _Element | None]:
    """The id of its style ("" without) and its properties."""
    properties = next(paragraph.iterchildren(P_PR), None)
    if properties is None:
        return "", None
    style = next(properties.iterchildren(P_STYLE), None)
    return ("" if style is None else str(style.get(VAL))), properties


def drawn_text_lines(anchored: _Element) -> list[str]:
    """The texts of a drawn shape, or of an old WordArt, which keeps it in an attribute."""
    if anchored.tag == V + "textpath":
        return [str(anchored.get("string") or "")]
    return list(drawn_lines(anchored))
